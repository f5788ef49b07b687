import { ErrorReply } from '@slotscope/observer'
import type { KeySampleAnswer } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { type Browser, logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes, shardOf } from './support/scripted-cluster.ts'

const path = '/api/clusters/main/keys/sample'
const text = (key: string) => Buffer.from(key, 'base64url').toString()

describe('keys drawn at random', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async (script: Script): Promise<ScriptedApi & { readonly viewer: Browser }> => {
    scripted = await startScriptedApi({}, new ScriptedCluster(script))
    return { ...scripted, viewer: await logIn(scripted.api, 'viewer') }
  }
  let drawn = 0
  const keys: Script = ([name, key = ''], port) => {
    switch (name) {
      case 'RANDOMKEY':
        return Buffer.from(`key:${port}:${drawn++}`)
      case 'TYPE':
        return key.endsWith('7') ? 'none' : 'hash'
      case 'MEMORY':
        return 100
      case 'HLEN':
        return 3
      default:
        return undefined
    }
  }

  test('each shard gets its part of the draws; a key costs four commands at most, and one that is gone is left out', async () => {
    const { cluster, viewer } = await start(keys)
    cluster.calls.length = 0
    const answer = (await viewer.post(path, { database: 0, shard: null, count: 100 })).json as KeySampleAnswer
    expect(answer.keys.length).toBeGreaterThan(70)
    expect(answer.keys.length).toBeLessThan(100)
    for (const { key, ...facts } of answer.keys) {
      expect(text(key)).toMatch(/^key:700[123]:\d*[0-68-9]$/)
      expect(facts).toEqual({ type: 'hash', shard: shardOf(Number(text(key).slice(4, 8))), bytes: 100, size: 3 })
    }
    const sent = cluster.calls.filter(({ options }) => options.cause === 'key sample')
    expect(sent.every(({ commands }) => JSON.stringify(commands[0]) === '["SELECT","0"]')).toBe(true)
    expect(answer.commands).toBe(sent.reduce((sum, { commands }) => sum + commands.length, 0))
    expect(answer.commands).toBeLessThanOrEqual(400 + 9)
    expect(sent.flatMap(({ commands }) => commands).filter(([name]) => name === 'RANDOMKEY')).toHaveLength(100)
    const perPort = scriptedNodes.map(({ port }) => answer.keys.filter(({ key }) => text(key).startsWith(`key:${port}`)).length)
    for (const count of perPort) expect(count).toBeGreaterThan(5)
  })

  test('of one shard nobody else is asked; keys that are all gone answer nothing', async () => {
    const { cluster, viewer } = await start((command, port, raw) =>
      command[0] === 'TYPE' && port === 7_001 ? 'none' : keys(command, port, raw)
    )
    cluster.calls.length = 0
    const second = (await viewer.post(path, { database: 0, shard: shardOf(7_002), count: 20 })).json as KeySampleAnswer
    expect(new Set(second.keys.map(({ shard }) => shard))).toEqual(new Set([shardOf(7_002)]))
    expect(new Set(cluster.calls.filter(({ options }) => options.cause === 'key sample').map(({ node }) => node.port))).toEqual(
      new Set([7_002])
    )
    const empty = (await viewer.post(path, { database: 0, shard: shardOf(7_001), count: 20 })).json as KeySampleAnswer
    expect(empty).toMatchObject({ keys: [], commands: 21 + 41 })
  })

  test('where the stream knows of no keys the nodes count them: it may be older than the keys', async () => {
    const sizes: Script = (command, port, raw) => (command[0] === 'DBSIZE' ? (port === 7_002 ? 70 : 0) : keys(command, port, raw))
    const { cluster, viewer } = await start(sizes)
    cluster.calls.length = 0
    const young = (await viewer.post(path, { database: 2, shard: null, count: 20 })).json as KeySampleAnswer
    expect(young).toMatchObject({ total: 70 })
    expect(young.keys.length).toBeGreaterThan(0)
    expect(new Set(young.keys.map(({ shard }) => shard))).toEqual(new Set([shardOf(7_002)]))
    const sent = cluster.calls.filter(({ options }) => options.cause === 'key sample')
    expect(young.commands).toBe(sent.reduce((sum, { commands }) => sum + commands.length, 0))
    const empty = (await viewer.post(path, { database: 2, shard: shardOf(7_001), count: 20 })).json
    expect(empty).toMatchObject({ keys: [], total: 0, commands: 2 })
  })

  test('what cannot be is refused: a shard that is not there, too many at once, a server that does not allow it', async () => {
    const { viewer } = await start((command, port, raw) =>
      command[0] === 'MEMORY'
        ? new ErrorReply("NOPERM User x has no permissions to run the 'memory|usage' command")
        : keys(command, port, raw)
    )
    expect((await viewer.post(path, { database: 0, shard: 'f'.repeat(40), count: 1 })).status).toBe(404)
    for (const count of [0, 101, 1.5]) expect((await viewer.post(path, { database: 0, shard: null, count })).status).toBe(400)
    const denied = await viewer.post(path, { database: 0, shard: null, count: 5 })
    expect([denied.status, denied.text]).toEqual([502, expect.stringContaining('memory|usage')])
  })
})
