import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OptionError } from '../errors.ts'
import { readClustersFile, readClustersText } from './profile-file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'slotscope-clusters-'))
  writeFileSync(join(folder, 'password'), 'canary from a file\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (value: unknown) =>
  readClustersText(typeof value === 'string' ? value : JSON.stringify(value), 'SLOTSCOPE_CLUSTERS', folder, 'environment')
const one = (more: Record<string, unknown>) => ({ clusters: [{ id: 'a', name: 'A', seeds: ['a.example'], ...more }] })

describe('a file of clusters', () => {
  test('says where each is, how to log in and what leads where; the rest has defaults', () => {
    const file = join(folder, 'clusters.json')
    const clusters = [
      { id: 'plain', name: 'Plain', seeds: ['10.0.0.1', '[fd12::1]:7000', 'fd12::2', 'h.example:7001'] },
      {
        id: 'full',
        name: 'Full',
        seeds: ['h.example:6380'],
        username: 'ann',
        passwordFile: 'password',
        tls: { servername: 'x.example' },
        addressMap: { '172.18.0.2:6379': '127.0.0.1:7001' },
        readOnly: true
      }
    ]
    writeFileSync(file, JSON.stringify({ clusters }))
    const common = { kind: 'connected', origin: 'file' }
    expect(readClustersFile(file)).toMatchObject([
      {
        ...common,
        id: 'plain',
        seeds: [
          { host: '10.0.0.1', port: 6_379 },
          { host: 'fd12::1', port: 7_000 },
          { host: 'fd12::2', port: 6_379 },
          { host: 'h.example', port: 7_001 }
        ],
        password: undefined,
        tls: false,
        addressMap: {},
        readOnly: false
      },
      {
        ...common,
        id: 'full',
        username: 'ann',
        password: 'canary from a file',
        tls: { servername: 'x.example' },
        addressMap: { '172.18.0.2:6379': '127.0.0.1:7001' },
        readOnly: true
      }
    ])
  })

  test.each([
    ['{"clusters": canary', 'is not JSON'],
    [{}, 'clusters'],
    [one({ id: 'a b' }), '/clusters/0/id'],
    [one({ seeds: [] }), '/clusters/0/seeds'],
    [one({ seeds: ['http://x'] }), '"http://x" is no seed'],
    [one({ sedes: [] }), '/clusters/0'],
    [one({ password: 'canary', passwordFile: 'password' }), 'not both'],
    [one({ passwordFile: 'nowhere' }), 'the password cannot be read'],
    [one({ password: ['canary'] }), '/clusters/0/password'],
    [one({ tls: { caFile: 'password' } }), 'its CA is not usable'],
    [one({ tls: { certFile: 'password' } }), 'belong together'],
    [one({ tls: { insecure: true } }), '/clusters/0/tls'],
    [one({ addressMap: { 'a:1': '' } }), 'is no mapped address']
  ])('%j is refused: %s', (value, words) => {
    expect(() => read(value)).toThrow(OptionError)
    expect(() => read(value)).toThrow(words)
    // [T13] What was wrong is told without a word of a secret.
    expect(() => read(value)).toThrow(/^(?!.*canary)/)
  })

  test('a file that is not there is named', () => {
    expect(() => readClustersFile(join(folder, 'nowhere.json'))).toThrow('the file of clusters cannot be read')
  })
})
