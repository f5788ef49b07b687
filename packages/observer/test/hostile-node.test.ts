import { describe, expect, test } from 'vitest'
import { type Caller, ErrorReply, type Reply } from '../src/caller.ts'
import { Feed } from '../src/index.ts'
import { parseClusterNodes } from '../src/replies/cluster-nodes.ts'
import { parseClusterShards } from '../src/replies/cluster-shards.ts'
import { parseInfo } from '../src/replies/info.ts'
import { parseSlotMigrations } from '../src/replies/slot-migrations.ts'
import { parseSlotStats } from '../src/replies/slot-stats.ts'
import type { Frame, Topic } from '../src/stream/frames.ts'
import { Viewer } from '../src/stream/viewer.ts'
import { FakeCluster } from './fake-cluster.ts'
import { HostileCaller } from './hostile-caller.ts'

/** How many replies are lies: as many as the environment says (`HOSTILE_REPLIES=10000000` takes an hour), else what CI can wait for. */
const wanted = Number(process.env.HOSTILE_REPLIES ?? 50_000)
const seed = Number(process.env.HOSTILE_SEED ?? 1)
const topics: readonly Topic[] = ['core', 'databases', 'expiry', 'traffic', 'slots:keys', 'slots:cpu', 'hash:0:aGFzaA']

/** A feed in virtual time whose viewer must be able to fold whatever it is told. */
function watch(caller: Caller, cluster: FakeCluster) {
  const faults: unknown[] = []
  const viewer = new Viewer()
  let nowMs = 1_000_000
  const feed = new Feed({
    caller,
    seeds: [cluster.node(1).address, cluster.node(2).address],
    clusterId: 'c1',
    name: 'hostile',
    kind: 'connected',
    labels: { load: () => ({}), save: () => undefined },
    feedId: 'f1',
    now: () => nowMs,
    background: 'light',
    onFault: (error) => faults.push(error)
  })
  const take = (frame: Frame | Uint8Array | undefined) => {
    if (!frame) return
    const received = frame instanceof Uint8Array ? viewer.receiveBinary(frame) : viewer.receive(JSON.parse(JSON.stringify(frame)))
    if (received.kind === 'gap') throw new Error(`a gap in ${received.ask.topic}`)
  }
  viewer.receive(feed.hello())
  take(feed.snapshot('core'))
  feed.subscribe((update) => take('frame' in update ? update.frame : update.binary))
  feed.watch(new Set(topics), nowMs)
  const run = async (milliseconds: number) => {
    const untilMs = nowMs + milliseconds
    while (nowMs < untilMs) {
      const waitMs = await feed.advance(nowMs)
      for (let i = 0; i < 4; i++) await Promise.resolve()
      nowMs += waitMs
    }
  }
  return { feed, viewer, faults, run }
}

describe('[T17] nodes that lie', () => {
  test(
    'no reply makes a fault, an unreadable frame or a state without bounds; and when they are honest again, so is the picture',
    async () => {
      const cluster = FakeCluster.of(3, 1)
      const hostile = new HostileCaller(cluster, seed)
      const { feed, viewer, faults, run } = watch(hostile, cluster)
      hostile.share = 0
      await run(5_000)
      while (hostile.replies < wanted / 2) {
        // All lie, some lie, nobody lies for a moment: each is another way through the code.
        hostile.share = [1, 0.3, 0.05][Math.floor(hostile.replies / 1_000) % 3] as number
        await run(5_000)
        expect(faults, `seed ${seed}, after ${hostile.replies} replies`).toEqual([])
        expect(JSON.stringify(viewer.state('core')).length).toBeLessThan(1_000_000)
      }
      hostile.share = 0
      await run(300_000)
      expect(faults).toEqual([])
      expect(viewer.state('core')).toEqual(JSON.parse(JSON.stringify(feed.core())))
      for (const { id } of cluster.nodes) expect(viewer.state('core')?.nodes[id]?.health, id).toBe('online')
      expect(viewer.state('core')?.health['observer-fault']).toBeUndefined()
      expect(Object.getPrototypeOf({})).toBe(Object.prototype)
      expect(({} as Record<string, unknown>).role).toBeUndefined()
    },
    wanted * 20 + 120_000
  )

  const hostile = new HostileCaller(FakeCluster.of(1), seed + 1)
  const parsers: readonly [string, (reply: Reply | undefined) => unknown][] = [
    ['CLUSTER NODES', parseClusterNodes],
    ['CLUSTER SHARDS', parseClusterShards],
    ['INFO', parseInfo],
    ['CLUSTER GETSLOTMIGRATIONS', parseSlotMigrations],
    ['CLUSTER SLOT-STATS', parseSlotStats]
  ]
  test.each(parsers)('%s: whatever comes, an error or a value', { timeout: wanted + 60_000 }, (_name, parse) => {
    for (let i = 0; i < wanted / 5; i++) {
      const parsed = parse(hostile.anything(0)) as Record<string, unknown>
      expect('value' in parsed !== 'error' in parsed).toBe(true)
    }
    for (const reply of [undefined, null, new ErrorReply(''), 'x'.repeat(5_000_000), new Array(500_000).fill(null)] as (
      | Reply
      | undefined
    )[]) {
      const startedAtMs = performance.now()
      expect(parse(reply)).toBeTypeOf('object')
      expect(performance.now() - startedAtMs).toBeLessThan(5_000)
    }
  })

  test('a cluster of more nodes than we would connect to is not believed', () => {
    const line = (i: number) => `${i.toString(16).padStart(40, '0')} 10.0.0.1:1@2 master - 0 0 1 connected`
    expect(parseClusterNodes(Array.from({ length: 10_001 }, (_, i) => line(i)).join('\n'))).toEqual({
      error: 'CLUSTER NODES: more than 10,000 nodes'
    })
  })
})
