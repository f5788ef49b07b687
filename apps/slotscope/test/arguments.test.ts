import { describe, expect, test } from 'vitest'
import { readArguments, UsageError } from '../src/arguments.ts'

function refusal(...argv: string[]): string {
  try {
    readArguments(argv)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'accepted'
}

describe('the command line', () => {
  test('--log-level takes the levels that there are', () => {
    expect(readArguments(['connect', 'valkey://h:1', '--log-level', 'debug'])).toMatchObject({ logLevel: 'debug' })
    expect(() => readArguments(['--log-level', 'loud'])).toThrow('--log-level must be one of silent, error, warn, info, debug, not "loud"')
  })
  test('without arguments: three shards with a replica each, sixteen databases, a workload and a browser', () => {
    expect(readArguments([])).toEqual({
      command: 'up',
      shards: 3,
      replicas: 1,
      databases: 16,
      port: undefined,
      load: true,
      rate: 400,
      seed: undefined,
      http: undefined,
      open: true,
      listen: '127.0.0.1',
      allowHosts: [],
      trustedProxy: false,
      tls: undefined,
      readOnly: false,
      background: 'light',
      record: { hours: undefined, mebibytes: undefined },
      data: undefined,
      logLevel: 'warn',
      metricsTokenFile: undefined,
      webhook: undefined,
      webhookSecretFile: undefined,
      clusters: undefined,
      keyFile: undefined,
      allowLocalTargets: false
    })
  })

  test('every option of a cluster is read', () => {
    const argv = [
      '--shards',
      '5',
      '--replicas=0',
      '--databases',
      '4',
      '--port',
      '7100',
      '--http',
      '8000',
      '--no-open',
      '--no-load',
      '--seed',
      '42',
      '--rate',
      '10'
    ]
    expect(readArguments(argv)).toMatchObject({
      shards: 5,
      replicas: 0,
      databases: 4,
      port: 7100,
      http: 8000,
      open: false,
      load: false,
      seed: 42,
      rate: 10
    })
  })

  test.each([
    [['--shards', '0'], '--shards must be an integer from 1 to 1000, not "0"'],
    [['--shards', 'three'], '--shards must be an integer from 1 to 1000, not "three"'],
    [['--shards', '1e3'], '--shards must be an integer from 1 to 1000, not "1e3"'],
    [['--replicas', '6'], '--replicas must be an integer from 0 to 5, not "6"'],
    [['--port', '60000'], '--port must be an integer from 1 to 55535, not "60000"'],
    [['--http', '-1'], "Option '--http' argument is ambiguous"],
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['--shards'], "Option '--shards <value>' argument missing"],
    [['conect'], 'unknown command "conect"'],
    [['connect'], 'connect needs the address of a node'],
    [['--tls-cert', 'x'], '--tls-cert and --tls-key belong together'],
    [['--key-file', 'x'], '--key-file needs --data FOLDER'],
    [['login', '--role', 'root'], '--role must be viewer, operator or admin, not "root"'],
    [['connect', 'valkey://a:1', '--background', 'some'], '--background must be off, light or full, not "some"'],
    [['play'], 'play needs one file, a recording that was exported'],
    [['play', 'a', 'b'], 'play needs one file, a recording that was exported'],
    [['--record-hours', '0'], '--record-hours must be an integer from 1 to 8784, not "0"']
  ])('%j is refused in one line', (argv, message) => {
    const refused = refusal(...argv)
    expect(refused).toContain(message)
    expect(refused).not.toContain('\n')
  })

  test('what is kept of the past, and a recording to be played', () => {
    expect(readArguments(['--record-hours', '48', '--record-mb=4096'])).toMatchObject({ record: { hours: 48, mebibytes: 4_096 } })
    expect(readArguments(['connect', 'valkey://a:1', '--no-record'])).toMatchObject({ record: false })
    expect(readArguments(['play', 'shop.slotscope.gz', '--no-open'])).toMatchObject({
      command: 'play',
      file: 'shop.slotscope.gz',
      open: false
    })
  })

  test('several addresses of one cluster, and what belongs to the console', () => {
    expect(
      readArguments(['connect', 'valkey://a:1', 'valkey://b:2', '--name', 'shop', '--allow-host', 'x.example', '--allow-host', 'y.example'])
    ).toMatchObject({
      command: 'connect',
      urls: ['valkey://a:1', 'valkey://b:2'],
      name: 'shop',
      allowHosts: ['x.example', 'y.example']
    })
  })

  test.each([
    ['a file', ['connect', '--clusters', 'c.json'], {}],
    ['a folder with clusters made on screen', ['connect', '--data', 'folder'], {}],
    ['the environment', ['connect'], { SLOTSCOPE_CLUSTERS: '{"clusters":[]}' }]
  ])('connect takes its clusters from %s alone', (_, argv, environment) => {
    expect(readArguments(argv, environment)).toMatchObject({ command: 'connect', urls: [] })
  })
})
