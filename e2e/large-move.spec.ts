// A move that is large enough to be noticed, asked of the cluster itself. No browser is needed.
import { eventually } from './fixtures/eventually.ts'
import { fillSlots } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { keysOf, Writer } from './fixtures/writer.ts'

test('1,000 slots with 200,000 keys move while other slots keep answering', async ({ slotscope, cluster, databases, clusterKind }) => {
  const [a, b] = await cluster.shards()
  const [source, target] = [a!.primary, b!.primary]
  const perSlot = clusterKind === 'valkey' ? 200 : 100
  const moving = databases.slice(0, 2)
  expect(await fillSlots(cluster, { first: 0, last: 999, databases: moving, perSlot })).toBe(200_000)

  const writer = new Writer({ seeds: slotscope.addresses, keys: keysOf([1_000, 3_000, 5_000, 6_000, 12_000], moving) })
  await eventually('writes are under way', async () => (writer.writes > 500 ? true : undefined))
  const node = await cluster.at(source.address)
  expect(await node.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 0, 999, 'NODE', target.id)).toBe('OK')
  await cluster.untilOwned(0, 999, target.id, 60_000)
  const report = await writer.stop()

  expect(report.faults).toEqual([])
  expect([...report.errors]).toEqual([])
  // A real server holds back all writes of the source at the hand-over; the embedded one only those of the moving slots.
  expect(report.longestWaitMs).toBeLessThan(clusterKind === 'valkey' ? 1_000 : 100)
  for (const database of moving) expect(await cluster.countKeys(target.address, 0, 999, database)).toBeGreaterThanOrEqual(1_000 * perSlot)
})
