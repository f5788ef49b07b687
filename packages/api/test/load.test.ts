import { ErrorReply } from '@slotscope/observer'
import type { CommandStatsAnswer, LatencyAnswer, LatencyHistoryAnswer, MemoryAnswer } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'

const root = '/api/clusters/main'
const [first, second] = scriptedNodes.map(({ id }) => id) as [string, string]
const refusal = new ErrorReply("NOPERM User watcher has no permissions to run the 'latency|histogram' command")

describe('what commands make the nodes do', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async (script: Script) => {
    scripted = await startScriptedApi({}, new ScriptedCluster(script))
    return { ...scripted, operator: await logIn(scripted.api, 'operator') }
  }

  test('counts of commands and errors stand node by node, in the same order', async () => {
    const { operator, cluster } = await start((command, port) => {
      if (command.join(' ') !== 'INFO commandstats errorstats') return undefined
      return port === 7_001
        ? '# Commandstats\r\ncmdstat_get:calls=10,usec=50,usec_per_call=5.00,rejected_calls=1,failed_calls=2\r\ncmdstat_client|list:calls=1,usec=9,usec_per_call=9.00,rejected_calls=0,failed_calls=0\r\n# Errorstats\r\nerrorstat_MOVED:count=7\r\n'
        : port === 7_002
          ? 'cmdstat_get:calls=3,usec=4\r\nerrorstat_ERR:count=1\r\n'
          : 5
    })
    const answer = (await operator.get(`${root}/command-stats`)).json as CommandStatsAnswer
    expect(answer).toMatchObject({
      commands: ['client|list', 'get'],
      figures: [[1, 9, 0, 0, 10, 50, 1, 2], [0, 0, 0, 0, 3, 4, 0, 0], null],
      errors: ['ERR', 'MOVED'],
      errorCounts: [[0, 7], [1, 0], null]
    })
    expect(answer.nodes[2]?.error).toContain('INFO: expected a text')
    expect(cluster.work.filter(([, section]) => section === 'commandstats')).toHaveLength(3)
  })

  /** Node 1 in RESP2 and node 2 in RESP3; node 3 refuses. */
  const latency: Script = (command, port) => {
    switch (command.slice(0, 2).join(' ')) {
      case 'LATENCY HISTOGRAM':
        if (port === 7_003) return refusal
        return port === 7_001
          ? ['get', ['calls', 6, 'histogram_usec', [2, 1, 4, 4, 16, 6]]]
          : new Map([
              [
                'get',
                new Map<string, number | Map<number, number>>([
                  ['calls', 2],
                  [
                    'histogram_usec',
                    new Map([
                      [4, 1],
                      [8, 2]
                    ])
                  ]
                ])
              ]
            ])
      case 'LATENCY LATEST':
        return port === 7_001 ? [['command', 100, 12, 40, 52, 2]] : []
      case 'LATENCY HISTORY':
        return [
          [90, 40],
          [100, 12]
        ]
      case 'CONFIG GET':
        return command[2] === 'latency-*'
          ? ['latency-tracking', port === 7_001 ? 'yes' : 'no', 'latency-monitor-threshold', '10']
          : undefined
      default:
        return undefined
    }
  }

  test('histograms are added up bucket by bucket; cumulative counts become those of each', async () => {
    const { operator } = await start(latency)
    const answer = (await operator.get(`${root}/latency`)).json as LatencyAnswer
    expect(answer.histograms).toEqual([
      {
        command: 'get',
        calls: 8,
        buckets: [
          [2, 1],
          [4, 4],
          [8, 1],
          [16, 2]
        ]
      }
    ])
    expect(answer.nodes.map(({ isTracking, eventsFromMs, error }) => [isTracking, eventsFromMs, error])).toEqual([
      [true, 10, null],
      [false, 10, null],
      [false, 10, refusal.message]
    ])
    expect(answer.events).toEqual([{ node: first, event: 'command', atMs: 100_000, latestMs: 12, mostMs: 40 }])
  })

  test('one node is asked alone; the history of an event is asked of its node', async () => {
    const { operator, cluster } = await start(latency)
    cluster.calls.length = 0
    const answer = (await operator.get(`${root}/latency?node=${second}`)).json as LatencyAnswer
    expect(answer.histograms[0]?.calls).toBe(2)
    expect(cluster.calls.filter(({ options }) => options.purpose === 'work').map(({ node }) => node.port)).toEqual([7_002])
    const history = await operator.get(`${root}/latency/history?node=${first}&event=command`)
    expect((history.json as LatencyHistoryAnswer).points).toEqual([
      { atMs: 90_000, tookMs: 40 },
      { atMs: 100_000, tookMs: 12 }
    ])
    expect((await operator.get(`${root}/latency?node=${'f'.repeat(40)}`)).json).toMatchObject({ nodes: [{ error: expect.any(String) }] })
    expect((await operator.get(`${root}/latency/history?node=${first}&event=a%20b`)).status).toBe(400)
  })

  test('memory is told by part, whose sum is all that is used; who tells less has fewer parts', async () => {
    const { operator } = await start((command, port) => {
      if (command.join(' ') === 'INFO memory') return 'used_memory_rss:5000\r\nmaxmemory:9000\r\nmem_fragmentation_ratio:2.5\r\n'
      if (command.join(' ') !== 'MEMORY STATS') return undefined
      if (port === 7_002) return new ErrorReply("NOPERM User watcher has no permissions to run the 'memory|stats' command")
      if (port === 7_003) return ['total.allocated', 100, 'dataset.bytes', 60, 'db.0', ['overhead.hashtable.main', 40]]
      return [
        ...['peak.allocated', 2_500, 'total.allocated', 2_000, 'startup.allocated', 700, 'replication.backlog', 20, 'clients.slaves', 3],
        ...['clients.normal', 7, 'cluster.links', 30, 'cluster.slot_import', 1, 'cluster.slot_export', 2, 'aof.buffer', 0],
        ...['lua.caches', 4, 'functions.caches', 5, 'db.2', ['overhead.hashtable.main', 100, 'overhead.hashtable.expires', 50]],
        ...[
          'db.0',
          ['overhead.hashtable.main', 10],
          'overhead.total',
          950,
          'keys.count',
          12,
          'dataset.bytes',
          1_050,
          'fragmentation',
          '2.25'
        ],
        ...['allocator-fragmentation.bytes', 8, 'allocator-rss.bytes', 9, 'rss-overhead.bytes', 11]
      ]
    })
    const { nodes, memory } = (await operator.get(`${root}/memory`)).json as MemoryAnswer
    expect(nodes.map(({ error }) => error?.split(' ', 1)[0] ?? null)).toEqual([null, 'NOPERM', null])
    const [one, other] = memory
    expect(one).toMatchObject({
      ...{ node: first, usedBytes: 2_000, peakBytes: 2_500, limitBytes: 9_000, residentBytes: 5_000, keys: 12, fragmentation: 2.25 },
      ...{ allocatorLostBytes: 8, allocatorKeptBytes: 9, besideAllocatorBytes: 11 },
      databases: [
        { database: 0, bytes: 10 },
        { database: 2, bytes: 150 }
      ]
    })
    expect(one?.parts).toEqual({
      ...{ dataset: 1_050, tables: 160, clients: 7, replicas: 3, backlog: 20, links: 30, moves: 3 },
      ...{ 'append-only': 0, scripts: 9, start: 700, other: 18 }
    })
    expect(Object.values(one?.parts ?? {}).reduce((sum, bytes) => sum + bytes, 0)).toBe(2_000)
    expect(other).toMatchObject({ parts: { dataset: 60, tables: 40 }, peakBytes: null, fragmentation: 2.5 })
  })
})
