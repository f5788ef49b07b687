// Ownership in two hundred pieces: the plan warns of it, the move is one job, and map, lanes and table stay true.
import { type Shard, sizeOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

const portOf = (shard: Shard) => shard.primary.address.split(':')[1]!
/** Every other slot from 0 on. */
const pieces = Array.from({ length: 200 }, (_, index) => index * 2)

test('a shard of two hundred ranges', async ({ console: page, cluster }) => {
  const [a, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const [own, other] = [await room.colourOf(0), await room.colourOf(6_000)]
  await page.keyboard.press('g')
  await page.getByRole('textbox', { name: 'Slot ranges' }).fill(pieces.join(','))
  await page.keyboard.press('Enter')
  await page.keyboard.press('m')
  await page
    .getByRole('dialog', { name: 'Move 200 slots to' })
    .getByRole('button', { name: /^Shard B:/ })
    .press('Enter')

  const plan = page.getByRole('article', { name: 'Plan: move 200 slots to B' })
  await test.step('the plan says how many ranges either shard would own, and the whole command', async () => {
    await expect(plan.getByRole('list', { name: 'Checks', exact: true })).toContainText('A would own 200 separate ranges')
    await expect(plan.getByText(/^CLUSTER MIGRATESLOTS SLOTSRANGE 0 0 2 2 4 4 /)).toBeVisible()
  })

  await test.step('it is moved as one job, and the cluster says the same', async () => {
    await plan.getByRole('button', { name: 'Move slots' }).press('Enter')
    await expect(page.getByRole('article', { name: /^Migration A → B, 200 slots: Moved 200 slots/ })).toBeVisible()
    await expect.poll(async () => (await cluster.shards()).find((shard) => shard.primary.id === b!.primary.id)?.ranges.length).toBe(201)
    for (const shard of await cluster.shards()) await expect.poll(() => room.slotsOf(portOf(shard))).toBe(sizeOf(shard))
    await page.keyboard.press('Escape')
    expect([await room.colourOf(0), await room.colourOf(1), await room.colourOf(398), await room.colourOf(399)]).toEqual([
      other,
      own,
      other,
      own
    ])
  })

  await test.step('a lane shows its pieces, and its table has a row for each', async () => {
    await page.keyboard.press('t')
    const rows = page.getByRole('table').getByRole('row')
    await expect(page.getByRole('table').first()).toBeVisible()
    await expect(rows.filter({ hasText: /^0/ }).first()).toBeVisible()
    await expect(page.getByRole('table').first()).toHaveAttribute('aria-rowcount', /^40\d$/)
  })
  expect(sizeOf(a!)).toBe(5_461)
})
