import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../src/replies/shape.ts'
import { splitLine } from '../src/stream/split-line.ts'
import { ValkeyCluster, valkeyServer } from './valkey-cluster.ts'

const server = valkeyServer()
const cli = server === undefined ? '' : join(dirname(server), 'valkey-cli')
const pieces = ['a', 'b', ' ', ' ', '"', "'", '\\', '\\n', '\\x41', '\\xff', 'é', '\t', 'x4', '\\"', "\\'"]

describe.runIf(existsSync(cli))(`typed lines, as ${cli} takes them`, () => {
  let cluster: ValkeyCluster
  beforeAll(async () => {
    cluster = await ValkeyCluster.startStandalone(server as string)
  })
  afterAll(() => cluster?.stop())

  test('400 random lines become the same arguments, or are refused by both', async () => {
    let seed = 7
    const below = (limit: number) => {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
      return seed % limit
    }
    const lines = Array.from({ length: 400 }, (_, index) => {
      const tail = Array.from({ length: 1 + below(9) }, () => pieces[below(pieces.length)]).join('')
      return `RPUSH l${index} first ${tail}`
    })
    execFileSync(cli, ['-p', String(cluster.addresses[0]?.port)], { input: `${lines.join('\n')}\n` })
    let taken = 0
    for (const [index, line] of lines.entries()) {
      const list = (await cluster.call(0, ['LRANGE', `l${index}`, '0', '-1'])) as readonly Uint8Array[]
      const split = splitLine(line)
      const ours = 'argv' in split ? split.argv.slice(2).map((bytes) => [...bytes]) : []
      expect([line, list.map((bytes) => [...bytes])]).toEqual([line, ours])
      if (list.length > 0) taken++
    }
    expect(taken).toBeGreaterThan(100)
    expect(taken).toBeLessThan(300)
    expect(textOf(await cluster.call(0, ['PING']))).toBe('PONG')
  })
})
