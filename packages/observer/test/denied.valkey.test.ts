import { setTimeout as later } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Feed } from '../src/index.ts'
import type { Panel } from '../src/stream/core-state.ts'
import type { Topic } from '../src/stream/frames.ts'
import { RespCaller } from './resp-caller.ts'
import { until, ValkeyCluster, valkeyServer } from './valkey-cluster.ts'

const binary = valkeyServer()

/** All that the feed needs of a server: the least that a user must have for every panel. */
const NEEDED = [
  ...['info', 'cluster|info', 'cluster|nodes', 'cluster|shards', 'cluster|myid', 'cluster|myshardid', 'config|get'],
  ...['cluster|getslotmigrations', 'cluster|slot-stats', 'cluster|countkeysinslot', 'latency|histogram'],
  ...['select', 'scan', 'hscan', 'hlen', 'hpexpiretime', 'pexpiretime']
]

const TOPICS: readonly Topic[] = ['core', 'slots:keys', 'databases', 'expiry', 'traffic']

/** Without the rule: what panels say that they miss it, and which of them show nothing at all. */
const CASES: readonly { readonly without: string; readonly panels: readonly Panel[]; readonly empty: readonly Panel[] }[] = [
  {
    without: 'info',
    panels: ['databases', 'expiry', 'nodes', 'traffic'],
    empty: ['databases', 'expiry', 'nodes', 'traffic']
  },
  { without: 'cluster|info', panels: ['topology'], empty: [] },
  { without: 'cluster|nodes', panels: ['topology'], empty: ['topology', 'nodes', 'slots', 'jobs', 'databases', 'traffic', 'expiry'] },
  { without: 'cluster|shards', panels: ['topology'], empty: [] },
  { without: 'cluster|myid', panels: ['nodes'], empty: [] },
  { without: 'cluster|myshardid', panels: ['nodes'], empty: [] },
  { without: 'config|get', panels: ['nodes'], empty: [] },
  { without: 'cluster|getslotmigrations', panels: ['jobs'], empty: ['jobs'] },
  { without: 'cluster|slot-stats', panels: ['slots'], empty: ['slots'] },
  { without: 'latency|histogram', panels: ['traffic'], empty: [] },
  { without: 'select', panels: ['expiry'], empty: ['expiry'] },
  { without: 'scan', panels: ['expiry'], empty: ['expiry'] },
  { without: 'hscan', panels: ['expiry'], empty: [] },
  { without: 'hlen', panels: ['expiry'], empty: [] },
  { without: 'hpexpiretime', panels: ['expiry'], empty: [] },
  { without: 'pexpiretime', panels: ['expiry'], empty: [] }
]

describe.runIf(binary !== undefined)('a restricted user on a real cluster', () => {
  let cluster: ValkeyCluster

  beforeAll(async () => {
    cluster = await ValkeyCluster.start(binary as string, { primaries: 3, replicas: 0, databases: 2 })
    for (const index of cluster.addresses.keys()) {
      for (const database of ['0', '1']) {
        const commands = Array.from({ length: 60 }, (_, key) => [
          ['SET', `key:${key}`, 'x', 'EX', '1000'] as const,
          ['HSET', `hash:${key}`, 'field', 'x'] as const,
          ['HEXPIRE', `hash:${key}`, '900', 'FIELDS', '1', 'field'] as const
        ]).flat()
        await cluster.pipeline(index, [['SELECT', database], ...commands, ['SELECT', '0']])
      }
    }
  })

  afterAll(() => cluster?.stop())

  /** A feed of a user with these rules, driven until `done`; `look` is then called on it. */
  async function watch(user: string, rules: readonly string[], done: (feed: Feed) => boolean, look: (feed: Feed) => void): Promise<void> {
    for (const index of cluster.addresses.keys())
      expect(await cluster.call(index, ['ACL', 'SETUSER', user, 'on', '>secret', 'allkeys', ...rules])).toBe('OK')
    const caller = new RespCaller(2, user)
    const feed = new Feed({
      caller,
      seeds: [cluster.addresses[0]!],
      clusterId: 'c',
      name: 'real',
      kind: 'connected',
      labels: { load: () => ({}), save: () => undefined },
      feedId: 'f',
      now: () => Date.now()
    })
    feed.watch(new Set(TOPICS), Date.now())
    let running = true
    const loop = (async () => {
      while (running) await later(await feed.advance(Date.now()))
    })()
    try {
      await until(() => done(feed))
      look(feed)
    } finally {
      running = false
      await loop
      caller.close()
    }
  }

  /** Panels that have something to show. */
  function shown(feed: Feed): Panel[] {
    const core = feed.core()
    const nodes = Object.values(core.nodes)
    const keys = feed.figure('keys')?.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
    const databases = Object.values(feed.state('databases')?.shards ?? {}).flatMap((cells) => Object.values(cells))
    const is: Readonly<Record<Exclude<Panel, 'hash'>, boolean>> = {
      topology: nodes.length === 3 && Object.values(core.shards).reduce((sum, shard) => sum + shard.slotCount, 0) === 16_384,
      nodes: nodes.length === 3 && nodes.every((node) => node.version !== null && (node.keys ?? 0) > 0),
      slots: keys === 240,
      jobs: feed.hello().type === 'hello' && JSON.stringify(feed.hello()).includes('atomic-migration'),
      databases: databases.reduce((sum, cell) => sum + cell.keys, 0) === 240,
      traffic: (feed.state('traffic')?.servers.length ?? 0) > 0,
      expiry: (feed.state('expiry')?.soonest.length ?? 0) > 0
    }
    return (Object.keys(is) as (keyof typeof is)[]).filter((panel) => is[panel]).sort()
  }

  const all: readonly Panel[] = ['databases', 'expiry', 'jobs', 'nodes', 'slots', 'topology', 'traffic']
  const rules = (names: readonly string[]) => names.map((name) => `+${name}`)

  test('with the least that is needed every panel is full and nothing is denied', async () => {
    await watch(
      'least',
      rules(NEEDED),
      (feed) => shown(feed).length === all.length,
      (feed) => {
        expect(feed.core().denied).toBeUndefined()
        expect(Object.keys(feed.core().health).filter((id) => !id.startsWith('no-replica'))).toEqual([])
      }
    )
  })

  test.each(CASES)(
    'without +$without the panels that need it name exactly it, and the others are full',
    async ({ without, panels, empty }) => {
      const full = all.filter((panel) => !empty.includes(panel))
      const names = NEEDED.filter((name) => name !== without)
      await watch(
        `no-${without.replace('|', '-')}`,
        rules(names),
        (feed) => feed.core().denied !== undefined && full.every((panel) => shown(feed).includes(panel)),
        (feed) => {
          const denied = feed.core().denied ?? {}
          expect(Object.keys(denied)).toEqual([`+${without}`])
          expect(denied[`+${without}`]?.panels).toEqual(panels)
          expect(denied[`+${without}`]?.words).toContain(`'${without}'`)
          expect(shown(feed)).toEqual(full)
          const { repair } = feed.core().health[`denied:+${without}`]!
          if (without !== 'cluster|nodes') expect(repair).toContain(`ACL SETUSER no-${without.replace('|', '-')} +${without}`)
        }
      )
    }
  )

  test('without +cluster|countkeysinslot a move is followed by its states and bytes, and its card lacks the keys', async () => {
    await cluster.call(0, ['CONFIG', 'SET', 'rdb-key-save-delay', '200000'])
    const target = await cluster.info(1, ['CLUSTER', 'MYID'])
    expect(await cluster.call(0, ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '5000', 'NODE', target])).toBe('OK')
    const job = (feed: Feed) => Object.values(feed.core().jobs).find((entry) => entry.outcome === 'running')
    try {
      await watch(
        'no-counting',
        rules(NEEDED.filter((name) => name !== 'cluster|countkeysinslot')),
        (feed) => {
          const running = job(feed)
          const isSeen = running?.export?.state === 'snapshotting' && running.bytesSent !== undefined
          return isSeen && feed.core().denied !== undefined
        },
        (feed) => {
          expect(feed.core().denied).toMatchObject({ '+cluster|countkeysinslot': { panels: ['jobs'] } })
          expect(job(feed)?.step).toBe('copy')
          expect(job(feed)?.keysDone).toBeNull()
          expect(shown(feed)).toEqual(expect.arrayContaining(['jobs', 'slots', 'topology']))
        }
      )
    } finally {
      await cluster.call(0, ['CONFIG', 'SET', 'rdb-key-save-delay', '0'])
      await cluster.call(0, ['CLUSTER', 'CANCELSLOTMIGRATIONS'])
    }
  })

  test('the repair that is told repairs it, at the next try at the latest', async () => {
    const user = 'mended'
    const names = NEEDED.filter((name) => name !== 'cluster|slot-stats')
    await watch(
      user,
      rules(names),
      (feed) => feed.core().denied !== undefined,
      (feed) => {
        expect(feed.core().health['denied:+cluster|slot-stats']?.repair).toContain(`ACL SETUSER ${user} +cluster|slot-stats`)
      }
    )
    await watch(
      user,
      ['+cluster|slot-stats'],
      (feed) => shown(feed).length === all.length,
      (feed) => {
        expect(feed.core().denied).toBeUndefined()
      }
    )
  })

  test('a user of one database sees the other one counted but never reads it, and its rule is named', async () => {
    await watch(
      'one-database',
      [...rules(NEEDED), 'db=0'],
      (feed) => feed.core().denied?.['db=1']?.panels.includes('expiry') === true && (feed.state('expiry')?.soonest.length ?? 0) >= 20,
      (feed) => {
        // A move of an earlier case is counted by database too.
        expect(Object.keys(feed.core().denied ?? {})).toEqual(['db=1'])
        expect(feed.core().denied?.['db=1']?.panels.filter((panel) => panel !== 'jobs')).toEqual(['expiry'])
        expect(new Set(feed.state('expiry')?.soonest.map((entry) => entry.database))).toEqual(new Set([0]))
        expect(shown(feed)).toEqual(expect.arrayContaining(['databases', 'slots', 'topology']))
      }
    )
  })

  test('a user of some keys sees what expires of those, and that others are denied', async () => {
    await watch(
      'some-keys',
      [...rules(NEEDED), 'resetkeys', '~key:*'],
      (feed) => feed.core().denied !== undefined && (feed.state('expiry')?.soonest.length ?? 0) >= 20,
      (feed) => {
        expect(Object.keys(feed.core().denied ?? {})).toEqual(['%R~<pattern>'])
        expect(feed.state('expiry')?.soonest.every((entry) => entry.field === null)).toBe(true)
      }
    )
  })

  test('without everything dangerous the topology is there, and all that is missing is named', async () => {
    await watch(
      'harmless',
      ['+@all', '-@dangerous'],
      (feed) => Object.keys(feed.core().denied ?? {}).length >= 4 && shown(feed).includes('slots'),
      (feed) => {
        expect(Object.keys(feed.core().denied ?? {})).toEqual(['+cluster|getslotmigrations', '+config|get', '+info', '+latency|histogram'])
        expect(shown(feed)).toEqual(['slots', 'topology'])
      }
    )
  })
})
