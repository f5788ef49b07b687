import { describe, expect, test } from 'vitest'
import { type Command, ErrorReply } from '../src/caller.ts'
import { JobProgress } from '../src/feed/job-progress.ts'
import type { JobWireState } from '../src/stream/core-state.ts'
import type { Op } from '../src/stream/frames.ts'
import { FakeCluster } from './fake-cluster.ts'
import { WatchedFeed } from './watched-feed.ts'

const NAME = 'ab'.repeat(20)

/** Three primaries with keys in slots 0..99 of the first, watched; and the means to script one move from it to the second. */
async function scene() {
  const cluster = FakeCluster.of(3)
  const [a, b] = [cluster.node(1), cluster.node(2)]
  a.keys.set(0, new Map(Array.from({ length: 100 }, (_, slot) => [slot, 10])))
  a.keys.set(2, new Map([[5, 500]]))
  const watched = new WatchedFeed(cluster)
  watched.watch('core')
  await watched.run(3_000)
  const side = (operation: 'EXPORT' | 'IMPORT') => ({ name: NAME, operation, slots: '0-99', source: a.id, target: b.id })
  return {
    cluster,
    watched,
    a,
    b,
    /** Sets the job's state on the source, the target, or takes a side away. */
    say(exportState: JobWireState | null, importState: JobWireState | null, messages: { export?: string; import?: string } = {}) {
      a.jobs = exportState === null ? [] : [{ ...side('EXPORT'), state: exportState, message: messages.export ?? '' }]
      b.jobs = importState === null ? [] : [{ ...side('IMPORT'), state: importState, message: messages.import ?? '' }]
    },
    /** The target takes the slots: every node knows at once. */
    flip() {
      a.slots = [[100, 5460]]
      b.slots = [[0, 99], ...b.slots]
      b.epoch = 4
    },
    job: () => watched.core.jobs[NAME]!
  }
}

describe('a move that succeeds', () => {
  test('whose keys are in no database that is known of says nothing of how many are copied', async () => {
    const { watched, say, job, cluster, a } = await scene()
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_200)
    const ask = (node: string, cause: string, commands: readonly Command[]) =>
      cluster.pipeline(node === a.id ? a.address : cluster.node(2).address, commands, { purpose: 'polling', cause, timeoutMs: 1_000 })
    expect(await new JobProgress(NAME).read(job(), [0, 2], 1, ask)).toEqual({ done: 0, total: 1_500 })
    expect(await new JobProgress(NAME).read(job(), [], 1, ask)).toBeUndefined()
  })

  test('is one job from both sides, with steps and times of our own', async () => {
    const { watched, say, flip, job, cluster, a, b } = await scene()
    const startMs = watched.nowMs
    watched.feed.jobConfirmed({ planId: 'p1', actor: 'ada', sourceNode: a.id, targetNode: b.id, slots: [[0, 99]], atMs: startMs })
    say('connecting', 'waiting-for-ack')
    await watched.run(200)
    expect(job()).toMatchObject({ step: 'connect', outcome: 'running', startedBy: 'ada', planId: 'p1', stuck: false })
    say('snapshotting', 'receiving-snapshot')
    b.keys.set(0, new Map(Array.from({ length: 50 }, (_, slot) => [slot, 10])))
    await watched.run(1_000)
    expect(job()).toMatchObject({ step: 'copy', keysTotal: 1_500 })
    expect(job().keysDone).toBe(500)
    say('failover-granted', 'failover-granted')
    await watched.run(200)
    say('success', 'success')
    flip()
    b.keys = new Map(a.keys)
    await watched.run(1_000)
    expect(job()).toMatchObject({ outcome: 'moved', step: 'hand-over', reason: null, explanation: null, keysDone: 1_500, keysTotal: 1_500 })
    expect(Object.keys(job().stepsMs)).toEqual(['connect', 'copy', 'hand-over'])
    expect(job().stepsMs.copy).toBeGreaterThanOrEqual(900)
    expect(job().history.map((entry) => `${entry.side} ${entry.state}`)).toContain('import receiving-snapshot')
    expect(watched.events().filter((text) => text.includes('slots'))).toEqual([
      'move of 100 slots A → B started by ada',
      'move of 100 slots A → B: moved',
      '100 slots A → B'
    ])
    // At most 2,000 counts a second on the target, each behind the SELECT of a non-empty database.
    expect(cluster.count('CLUSTER COUNTKEYSINSLOT', b)).toBeGreaterThan(0)
    expect(cluster.count('CLUSTER COUNTKEYSINSLOT', b)).toBeLessThan(2_000 * 2.5)
    expect(cluster.count('CLUSTER COUNTKEYSINSLOT', a)).toBe(0)
  })

  test('both nodes of a running job are asked ten times a second, the others twice', async () => {
    const { watched, say, cluster, a } = await scene()
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_500)
    cluster.sent.length = 0
    await watched.run(5_000)
    expect(cluster.count('CLUSTER GETSLOTMIGRATIONS', a)).toBeGreaterThanOrEqual(40)
    expect(cluster.count('CLUSTER GETSLOTMIGRATIONS', a)).toBeLessThanOrEqual(52)
    expect(cluster.count('CLUSTER GETSLOTMIGRATIONS', cluster.node(3))).toBeLessThanOrEqual(11)
  })

  test.each([0, 30, 90, 250])('slots and job change in one patch when the source hears of it %i ms later', async (lateMs) => {
    const { watched, say, flip } = await scene()
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_500)
    watched.updates.length = 0
    say('failover-granted', 'success')
    flip()
    await watched.run(lateMs)
    say('success', 'success')
    await watched.run(1_000)
    const flips = watched.patches().map(pathsOf)
    const [flip0, ...more] = flips.filter((paths) => paths.some((path) => /^shards\..*\.slots$/.test(path)))
    expect(more).toEqual([])
    expect(flip0).toContain(`jobs.${NAME}.outcome`)
    expect(flip0?.filter((path) => /^shards\..*\.slotCount$/.test(path))).toHaveLength(2)
  })

  test('a source that stays silent does not keep the new owner from being told', async () => {
    const { watched, say, flip, a, b, job } = await scene()
    say('failover-granted', 'failover-granted')
    await watched.run(1_000)
    a.down = 'refused'
    say('failover-granted', 'success')
    flip()
    await watched.run(1_500)
    expect(watched.core.shards[b.shard]?.slotCount).toBe(5562)
    expect(job().outcome).toBe('running')
    await watched.run(6_000)
    expect(job().outcome).toBe('moved')
  })

  test('of many nodes, those of a job are asked again when their word about the owners was lost', async () => {
    const cluster = FakeCluster.of(60, 1)
    const [a, b] = [cluster.node(1), cluster.node(2)]
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(5_000)
    const job = { name: NAME, slots: '0-9', source: a.id, target: b.id }
    a.jobs = [{ ...job, operation: 'EXPORT', state: 'snapshotting' }]
    b.jobs = [{ ...job, operation: 'IMPORT', state: 'receiving-snapshot' }]
    await watched.run(3_000)
    a.slots = [[10, a.slots[0]?.[1] ?? 0]]
    b.slots = [[0, 9], ...b.slots]
    b.epoch = 100
    for (const node of [a, b]) {
      node.jobs = node.jobs.map((one) => ({ ...one, state: 'success' }))
      node.replies.set('CLUSTER NODES', new ErrorReply('LOADING Valkey is loading the dataset in memory'))
    }
    await watched.run(1_500)
    for (const node of [a, b]) node.replies.clear()
    await watched.run(4_500)
    expect(watched.core.jobs[NAME]?.outcome).toBe('moved')
  })

  test('one that began and ended between two looks is a move of its own, not of the past', async () => {
    const { watched, say, flip, job } = await scene()
    say('success', 'success')
    flip()
    await watched.run(1_500)
    expect(job()).toMatchObject({ outcome: 'moved', startedBy: null, stepsMs: {} })
    expect(watched.events()).toContain('move of 100 slots A → B: moved')
  })
})

describe('a move of the last slots of a shard', () => {
  /** The source gives all that it has and follows the target, as Valkey 9.1 does it by itself, before either side says that it is over. */
  async function drained() {
    const stage = await scene()
    const { watched, a, b, say } = stage
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_500)
    b.slots = [[0, 99], ...b.slots]
    b.epoch = 4
    a.slots = []
    a.role = 'slave'
    a.primary = b.id
    a.epoch = 4
    a.shard = b.shard
    return stage
  }

  test('keeps its name when the source is a replica of the target before the end is read', async () => {
    const { watched, say, job } = await drained()
    await watched.run(1_500)
    say('success', 'success')
    await watched.run(2_000)
    expect(job().outcome).toBe('moved')
    expect(watched.events().filter((text) => text.startsWith('move of'))).toEqual([
      'move of 100 slots A → B started elsewhere',
      'move of 100 slots A → B: moved'
    ])
    expect(watched.core.formerShards?.[job().sourceShard]?.label).toBe('A')
  })

  test('of which only the end was seen, is named by the node, or by the shards that its plan knew', async () => {
    const { cluster, say, a, b } = await drained()
    say('success', 'success')
    const later = new WatchedFeed(cluster, { labels: { gone: { label: 'A', color: 0 }, [b.shard]: { label: 'B', color: 1 } } })
    later.watch('core')
    await later.run(3_000)
    expect(later.core.jobs[NAME]).toMatchObject({ outcome: 'moved', sourceShard: a.id, targetShard: b.shard })
    const shards = { sourceShard: 'gone', targetShard: b.shard }
    const what = { sourceNode: a.id, targetNode: b.id, slots: [[0, 99]] as const, atMs: later.nowMs }
    later.feed.jobConfirmed({ planId: 'p', actor: 'ada', name: NAME, ...what, ...shards })
    await later.run(500)
    expect(later.core.jobs[NAME]).toMatchObject({ sourceShard: 'gone', targetShard: b.shard })
  })
})

describe('a move that does not succeed', () => {
  test.each([
    [
      'cancelled',
      'failed',
      '',
      'Connection lost to source. Check CLUSTER GETSLOTMIGRATIONS on the source node for more information.',
      'cancelled',
      /cancelled the exports/
    ],
    [
      'failed',
      'failed',
      'Connection lost to target. Check CLUSTER GETSLOTMIGRATIONS on the target node for more information.',
      'Ran out of memory (OOM) during slot import',
      'Ran out of memory (OOM) during slot import',
      /maxmemory/
    ],
    ['failed', 'failed', 'Data was flushed', 'Connection lost to source. Check', 'Data was flushed', /FLUSHDB/],
    [
      'failed',
      null,
      'Unable to connect to target node: Connection refused',
      '',
      'Unable to connect to target node: Connection refused',
      /client port/
    ],
    [
      'failed',
      null,
      'Received error during handshake to target: -ERR Target node does not agree about current slot ownership',
      '',
      /does not agree/,
      /somebody else owns/
    ]
  ] as const)('%s and %s: reason and explanation', async (exportState, importState, exportMessage, importMessage, reason, explanation) => {
    const { watched, say, job } = await scene()
    say('snapshotting', importState === null ? null : 'receiving-snapshot')
    await watched.run(1_200)
    say(exportState, importState, { export: exportMessage, import: importMessage })
    await watched.run(7_000)
    expect(job().outcome).toBe('not-moved')
    expect(job().reason).toMatch(reason)
    expect(job().explanation).toMatch(explanation)
    expect(watched.core.shards[job().sourceShard]?.slotCount).toBe(5461)
  })

  test('sides that contradict each other are unclear until somebody takes note', async () => {
    const { watched, say, flip, job } = await scene()
    say('failover-granted', 'failover-granted')
    await watched.run(1_200)
    say('failed', 'success', { export: 'Unpaused before migration completed (migration may have succeeded with lost writes)' })
    flip()
    await watched.run(2_000)
    expect(job().outcome).toBe('unclear')
    expect(job().explanation).toMatch(/writes that the source accepted after the pause are then lost.*Compare the keys/)
    expect(watched.problems()).toContain(`unclear-job:${NAME}`)
    watched.feed.jobAcknowledged(NAME)
    await watched.run(100)
    expect(job().acknowledged).toBe(true)
    expect(watched.problems()).not.toContain(`unclear-job:${NAME}`)
  })

  test('a side that could not be asked, and that contradicts what was told meanwhile, makes it unclear', async () => {
    const { watched, say, flip, a, job } = await scene()
    say('failover-granted', 'failover-granted')
    await watched.run(1_200)
    a.down = 'refused'
    say('failover-granted', 'success')
    flip()
    await watched.run(8_000)
    expect(job().outcome).toBe('moved')
    a.down = null
    say('failed', 'success', { export: 'Unpaused before migration completed (migration may have succeeded with lost writes)' })
    await watched.run(20_000)
    expect(job().outcome).toBe('unclear')
    expect(job().reason).toMatch(/Unpaused before migration completed/)
    expect(watched.problems()).toContain(`unclear-job:${NAME}`)
    expect(watched.core.events.filter(({ kind }) => kind === 'job-ended').map(({ text }) => text)).toEqual([
      expect.stringMatching(/: moved$/),
      expect.stringMatching(/: outcome unclear/)
    ])
  })

  test('success on both sides without the slots on the target is unclear', async () => {
    const { watched, say, job } = await scene()
    say('success', 'success')
    await watched.run(4_000)
    expect(job().outcome).toBe('running')
    await watched.run(3_000)
    expect(job().outcome).toBe('unclear')
  })

  test('a target that was killed ends the job by what the source says', async () => {
    const { watched, say, b, job } = await scene()
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_200)
    b.down = 'refused'
    say('failed', null, { export: 'Connection lost to target. Check CLUSTER GETSLOTMIGRATIONS on the target node for more information.' })
    await watched.run(7_000)
    expect(job().outcome).toBe('not-moved')
    expect(job().explanation).toMatch(/link between the two nodes broke/)
  })

  test('a job that both nodes forgot by a restart did not move', async () => {
    const { watched, say, job } = await scene()
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_200)
    say(null, null)
    await watched.run(7_000)
    expect(job()).toMatchObject({ outcome: 'not-moved', reason: null })
    expect(job().explanation).toMatch(/restarted/)
  })

  test('thirty seconds without a change are stuck, and a copied key ends it', async () => {
    const { watched, say, b, job } = await scene()
    say('snapshotting', 'receiving-snapshot')
    await watched.run(20_000)
    expect(job().stuck).toBe(false)
    await watched.run(12_000)
    expect(job().stuck).toBe(true)
    expect(job().explanation).toMatch(/no key and no byte/)
    expect(watched.core.health[`stuck-job:${NAME}`]?.repair).toBe('valkey-cli -h 10.0.0.1 -p 7001 CLUSTER CANCELSLOTMIGRATIONS')
    b.keys.set(0, new Map([[3, 5]]))
    await watched.run(1_000)
    expect(job().stuck).toBe(false)
  })

  test.each([
    [{ rdb_bgsave_in_progress: '1' }, /an RDB save is at work there/],
    [{ slot_migration_fork_in_progress: '1' }, /another slot snapshot runs.*issue 4546/],
    [{}, /tells of no child at work.*issue 4546/]
  ])('thirty seconds of waiting to fork are stuck, and the child that is waited for is named: %j', async (info, words) => {
    const { watched, say, a, b, job } = await scene()
    a.info = info as Record<string, string>
    say('connecting', 'waiting-for-ack')
    await watched.run(5_000)
    say('waiting-to-snapshot', 'receiving-snapshot')
    await watched.run(28_000)
    expect(job().stuck).toBe(false)
    // Keys that another copy brings there are no progress of this one.
    b.keys.set(0, new Map([[3, 5]]))
    await watched.run(4_000)
    expect(job().stuck).toBe(true)
    expect(job().explanation).toMatch(words)
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_000)
    expect([job().stuck, job().explanation]).toEqual([false, null])
  })

  test('bytes count from the first look at the job, move it on, and are unknown after a restart of the counter', async () => {
    const { watched, say, a, job } = await scene()
    const exported = (bytes: number) => {
      a.info = { total_net_cluster_slot_export_bytes: String(bytes) }
    }
    exported(1_000)
    await watched.run(1_500)
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_500)
    expect(job().bytesSent).toBe(0)
    exported(1_500)
    await watched.run(300)
    expect(job().bytesSent).toBe(500)
    for (let second = 0; second < 40; second++) {
      exported(1_500 + second * 40)
      await watched.run(1_000)
    }
    // What only says that the link lives is no progress.
    expect(job()).toMatchObject({ stuck: true, bytesSent: 500 + 39 * 40 })
    exported(100_000)
    await watched.run(1_000)
    expect(job()).toMatchObject({ stuck: false, bytesSent: 99_000 })
    exported(7)
    await watched.run(1_000)
    expect(job().bytesSent).toBeUndefined()
  })
})

describe('the list of jobs', () => {
  test('what had ended at the first look is kept without being news, at most 200, and never comes back', async () => {
    const cluster = FakeCluster.of(2)
    const [a, b] = [cluster.node(1), cluster.node(2)]
    a.jobs = Array.from({ length: 300 }, (_, index) => ({
      name: `${index}`.padStart(40, '0'),
      operation: 'EXPORT' as const,
      slots: '1-2',
      source: a.id,
      target: b.id,
      state: index % 2 === 0 ? ('success' as const) : ('failed' as const),
      message: index % 2 === 0 ? '' : 'Data was flushed',
      createdAtSeconds: 1_000 - index
    }))
    const watched = new WatchedFeed(cluster)
    watched.watch('core')
    await watched.run(5_000)
    const names = Object.keys(watched.core.jobs)
    expect(names).toHaveLength(200)
    expect(names.at(-1)).toBe('0'.repeat(40))
    expect(watched.core.jobs['1'.padStart(40, '0')]).toMatchObject({ outcome: 'not-moved', startedAtMs: 999_000, history: [] })
    expect(watched.events()).toEqual([])
    expect(watched.problems().filter((id) => id.includes('job'))).toEqual([])
    const before = watched.core.jobs
    await watched.run(5_000)
    expect(watched.core.jobs).toEqual(before)
  })

  test('a confirm that is told after the job was seen still names who did it', async () => {
    const { watched, say, job, a, b } = await scene()
    say('snapshotting', 'receiving-snapshot')
    await watched.run(1_200)
    expect(job().startedBy).toBeNull()
    watched.feed.jobConfirmed({
      planId: 'p2',
      actor: 'bob',
      sourceNode: a.id,
      targetNode: b.id,
      slots: [
        [0, 50],
        [51, 99]
      ],
      atMs: watched.nowMs - 1_500
    })
    await watched.run(100)
    expect(job()).toMatchObject({ startedBy: 'bob', planId: 'p2' })
  })
})

/** What a patch changes, as dotted paths. */
function pathsOf({ ops }: { readonly ops: readonly Op[] }): string[] {
  return ops.flatMap((op) => (op.op === 'merge' ? Object.keys(op.values).map((key) => [...op.path, key].join('.')) : [op.path.join('.')]))
}
