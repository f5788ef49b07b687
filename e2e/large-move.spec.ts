// A move that is large enough to be noticed, asked of the cluster itself. No browser is needed.
import { eventually } from './fixtures/eventually.ts'
import { fillSlots } from './fixtures/fill.ts'
import { IdleThread } from './fixtures/idle-thread.ts'
import { expect, test } from './fixtures/journey.ts'
import { keysOf, Writer } from './fixtures/writer.ts'

// The sample workload would share the processor with what is measured.
test.use({ commandArgs: async ({ clusterKind }, use) => use(clusterKind === 'embedded' ? ['--no-load'] : []) })

test('1,000 slots with 200,000 keys move while other slots keep answering', async ({ slotscope, cluster, databases, clusterKind }) => {
  const [a, b] = await cluster.shards()
  const [source, target] = [a!.primary, b!.primary]
  const perSlot = clusterKind === 'valkey' ? 200 : 100
  const moving = databases.slice(0, 2)
  expect(await fillSlots(cluster, { first: 0, last: 999, databases: moving, perSlot })).toBe(200_000)

  // How long clients wait when nothing moves: on a busy machine that is not nothing.
  const others = [1_000, 3_000, 5_000, 6_000, 12_000]
  const calm = new Writer({ seeds: slotscope.addresses, keys: keysOf(others, moving, ['counter']) })
  await eventually('writes without a move', async () => (calm.writes > 5_000 ? true : undefined), { withinMs: 60_000 })
  const { longestWaitMs: calmWaitMs } = await calm.stop()

  const writer = new Writer({ seeds: slotscope.addresses, keys: keysOf(others, moving, ['list', 'string']) })
  await eventually('writes are under way', async () => (writer.writes > 500 ? true : undefined))
  const idle = new IdleThread()
  const node = await cluster.at(source.address)
  expect(await node.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 0, 999, 'NODE', target.id)).toBe('OK')
  await cluster.untilOwned(0, 999, target.id, 60_000)
  const report = await writer.stop()
  const machineStallMs = await idle.stop()

  expect(report.faults).toEqual([])
  expect([...report.errors]).toEqual([])
  // A real server holds back all writes of the source at the hand-over; the embedded one only those of the moving slots. On a machine
  // that stalls everybody for longer than that, nothing shorter can be told apart.
  const mostMs = clusterKind === 'valkey' ? 1_000 : Math.max(100, 2 * calmWaitMs, 3 * machineStallMs)
  expect(report.longestWaitMs - report.ownDelayMs).toBeLessThan(mostMs)
  for (const database of moving) expect(await cluster.countKeys(target.address, 0, 999, database)).toBeGreaterThanOrEqual(1_000 * perSlot)
})
