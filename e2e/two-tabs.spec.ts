// One person with two tabs: both are drawn from the same stream, so they cannot tell different stories.
import { sizeOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test('a deep link opens a second tab that sees the same plan and the same outcome', async ({ console: page, slotscope, cluster }) => {
  const [a, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const tab = await page.context().newPage()
  await tab.goto(`${page.url().split('?')[0]}?slots=100-220,300&figure=keys`)
  const twin = new SlotRoom(tab)
  await twin.untilShown()
  await expect(tab.getByRole('button', { name: 'Move 122 slots' })).toBeVisible()
  await expect(tab.getByRole('radio', { name: 'Keys' })).toBeChecked()
  // What one tab has selected is its own affair.
  await expect(page.getByRole('button', { name: /^Move \d+ slots/ })).toHaveCount(0)

  const portOf = (address: string) => address.split(':')[1]!
  await tab.getByRole('button', { name: 'Move 122 slots' }).click()
  await tab.getByRole('button', { name: /^Shard B: / }).click()
  const plan = tab.getByRole('article', { name: 'Plan: move 122 slots to B' })
  await expect(plan).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE 100 220 300 300 NODE ${b!.primary.id}`)
  await expect(page.getByText('plans 122 slots to B')).toBeVisible()
  await plan.getByRole('button', { name: 'Move slots' }).click()
  for (const each of [tab, page])
    await expect(each.getByRole('article', { name: /^Migration A → B, 122 slots: Moved 122 slots/ })).toBeVisible()
  await cluster.untilOwned(100, 220, b!.primary.id)
  for (const each of [room, twin]) {
    await expect.poll(() => each.slotsOf(portOf(a!.primary.address))).toBe(sizeOf(a!) - 122)
    await expect.poll(() => each.slotsOf(portOf(b!.primary.address))).toBe(sizeOf(b!) + 122)
  }
  expect(new URL(tab.url()).origin).toBe(slotscope.origin)
})
