// Cancel is per node on the wire: with several exports of one node it says so, lists them, and nothing has moved afterwards.
import { fillSlots, missingOf } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

// The sample workload would only slow down the filling.
test.use({ commandArgs: async ({ clusterKind }, use) => use(clusterKind === 'embedded' ? ['--no-load'] : []) })

test('all exports of a node are cancelled together, after they were listed', async ({ console: page, cluster, clusterKind }) => {
  const [a, b, c] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  // The embedded engine is done before anybody could read the question, too, unless there is much to copy.
  const filling = { first: 0, last: 999, databases: [0], perSlot: clusterKind === 'embedded' ? 800 : 120 }
  await fillSlots(cluster, filling)

  const source = await cluster.at(a!.primary.address)
  // A real server would be done before anybody could read the question: half a millisecond per key makes it half a minute.
  if (clusterKind === 'valkey') expect(await source.call('CONFIG', 'SET', 'rdb-key-save-delay', 500)).toBe('OK')
  const start = () =>
    Promise.all([
      source.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 0, 499, 'NODE', b!.primary.id),
      source.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 500, 999, 'NODE', c!.primary.id)
    ])
  const ask = page.getByRole('button', { name: 'Cancel all 2 exports of A' })
  const dialog = page.getByRole('dialog', { name: 'Cancel all 2 exports of A?' })
  await start()
  await ask.first().click()
  await expect(dialog).toContainText('A → B')
  await expect(dialog).toContainText('A → C')
  await expect(dialog).toContainText('started elsewhere')
  await expect(dialog).toContainText('CLUSTER CANCELSLOTMIGRATIONS')
  await dialog.getByRole('button', { name: 'Cancel all 2 exports of A' }).click()
  await expect(page.getByRole('article', { name: /^Migration A → [BC], 500 slots: Cancelled, nothing moved/ })).toHaveCount(2)
  await cluster.untilOwned(0, 999, a!.primary.id)
  expect((await cluster.migrations(a!.primary.address)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  expect(await missingOf(cluster, filling)).toEqual([])
  for (const other of [b!, c!]) await expect.poll(() => cluster.countKeys(other.primary.address, 0, 999, 0)).toBe(0)
})
