import { describe, expect, test } from 'vitest'
import { FakeCluster, type FakeJob } from '../../test/fake-cluster.ts'
import { WatchedFeed } from '../../test/watched-feed.ts'
import { askTrace, verdictOf } from './move-trace.ts'

/** Slots 0 to 9 on their way from A to B, of three shards with a replica each. */
async function scene() {
  const cluster = FakeCluster.of(3, 1)
  const watched = new WatchedFeed(cluster)
  watched.watch('core')
  await watched.run(3_000)
  const [a, b] = [cluster.node(1), cluster.node(2)]
  const job = (operation: FakeJob['operation'], state: FakeJob['state'], name = 'j', message = ''): FakeJob => ({
    ...{ name: name.repeat(40), operation, slots: '0-9', source: a.id, target: b.id },
    ...{ state, message }
  })
  const move = {
    sourceShard: a.shard,
    targetShard: b.shard,
    sourceNode: a.id,
    targetNode: b.id,
    slots: [[0, 9] as const],
    job: null,
    older: ['o'.repeat(40)]
  }
  const verdict = async () => verdictOf(await askTrace(cluster, watched.core, move))
  return { cluster, watched, a, b, job, move, verdict }
}

describe('[P7] what became of a move', () => {
  test('is told by both sides and the owner, and never guessed', async () => {
    const { a, b, job, verdict } = await scene()
    expect(await verdict()).toEqual({ is: 'absent' })
    a.jobs = [job('EXPORT', 'snapshotting')]
    expect(await verdict()).toEqual({ is: 'running', detail: null })
    a.jobs = [job('EXPORT', 'failed', 'j', 'Data was flushed')]
    b.jobs = [job('IMPORT', 'receiving-snapshot')]
    expect((await verdict()).is).toBe('running')
    b.jobs = [job('IMPORT', 'failed', 'j', 'Connection lost to source.')]
    expect(await verdict()).toEqual({ is: 'failed', detail: 'Data was flushed' })
    b.jobs = [job('IMPORT', 'success')]
    expect(await verdict()).toEqual({ is: 'unknown', detail: 'one side says success, the other: Data was flushed' })
    a.jobs = [job('EXPORT', 'failover-granted')]
    expect((await verdict()).is).toBe('done')
  })

  test('is found in who owns the slots when both nodes have forgotten the job', async () => {
    const { a, b, verdict } = await scene()
    a.slots = [[10, 5460]]
    b.slots = [[0, 9], ...b.slots]
    expect(await verdict()).toMatchObject({ is: 'done', detail: expect.stringContaining('the target owns the slots') })
    b.slots = [[0, 4], ...b.slots.slice(1)]
    expect(await verdict()).toMatchObject({ is: 'unknown', detail: expect.stringContaining('owns 5 of the 10') })
  })

  test('an older job of the same slots is not taken for it', async () => {
    const { a, b, job, verdict } = await scene()
    a.jobs = [job('EXPORT', 'success', 'o')]
    b.jobs = [job('IMPORT', 'success', 'o')]
    expect(await verdict()).toEqual({ is: 'absent' })
  })

  test('waits for a silent node, but not for one that is dead by the verdict of the majority', async () => {
    const { cluster, watched, a, b, job, verdict } = await scene()
    a.down = 'refused'
    b.jobs = [job('IMPORT', 'failed', 'j', 'Slots are no longer owned by source node')]
    expect(await verdict()).toMatchObject({ is: 'running', detail: expect.stringContaining('no word from 10.0.0.1:7001') })
    a.flags = ['fail']
    const replica = cluster.node(4)
    Object.assign(replica, { role: 'master', primary: null, epoch: 9, slots: a.slots })
    a.slots = []
    await watched.run(15_000)
    expect(watched.core.nodes[a.id]?.health).toBe('fail')
    expect(await verdict()).toEqual({ is: 'failed', detail: 'Slots are no longer owned by source node' })
    b.jobs = []
    expect(await verdict()).toEqual({ is: 'absent' })
  })
})
