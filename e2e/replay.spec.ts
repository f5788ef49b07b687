// A move of a fraction of a second is seen once more, slowly: on the map, on the lanes, and on its card.
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { Announcements } from './fixtures/announcements.ts'
import { type Shard, sizeOf } from './fixtures/cluster-client.ts'
import { fillSlots } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

const portOf = (shard: Shard) => shard.primary.address.split(':')[1]!

test('a finished move is replayed at a tenth of its speed and stands at its end', async ({
  console: page,
  cluster,
  databases,
  clusterKind
}) => {
  const [a, b] = await cluster.shards()
  const [here, there] = [portOf(a!), portOf(b!)]
  const room = new SlotRoom(page)
  await room.untilShown()
  // So many that a real server needs longer than it takes to look at it twice.
  await fillSlots(cluster, { first: 1_000, last: 1_299, databases, perSlot: clusterKind === 'valkey' ? 400 : 5 })
  const [before, target] = [await room.colourOf(1_100), await room.colourOf(6_000)]
  await room.brush(1_000, 1_299)
  await room.carry(1_100, there)
  await room.drop()
  await page.getByRole('article', { name: 'Plan: move 300 slots to B' }).getByRole('button', { name: 'Move slots' }).click()
  const card = page.getByRole('article', { name: /^Migration A → B, 300 slots: Moved 300 slots/ })
  await expect(card).toBeVisible()
  await page.keyboard.press('Escape')
  const heard = await Announcements.of(page)

  await test.step('the card offers it as soon as it is recorded, in words and by keyboard', async () => {
    const replay = card.getByRole('button', { name: 'Replay slowly A → B' })
    await expect(replay).toBeEnabled()
    await replay.press('Enter')
    await expect(page.getByRole('menuitem', { name: /^At 1\/50 of its speed/ })).toBeVisible()
    await page.getByRole('menuitem', { name: /^At 1\/10 of its speed/ }).press('Enter')
    await heard.expect(/^Replaying A → B at 1\/10/)
  })

  await test.step('map and lanes are as before the move, and nothing can be changed', async () => {
    await expect(page.getByText('VIEWING')).toBeVisible()
    await expect(page.getByRole('region', { name: 'Last 15 minutes' })).toContainText('Replaying A → B at 1/10')
    await expect(page.getByRole('combobox', { name: 'Speed' })).toHaveValue('0.1')
    await expect.poll(() => room.slotsOf(here)).toBe(sizeOf(a!))
    expect(await room.colourOf(1_100)).toBe(before)
  })

  await test.step('the move is seen running, then its end, and there it stands', async () => {
    await expect(page.getByRole('article', { name: /^Migration A → B, 300 slots: Running/ })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Play from here' })).toBeVisible({ timeout: 60_000 })
    await expect(card).toBeVisible()
    await expect.poll(() => room.slotsOf(there)).toBe(sizeOf(b!) + 300)
    // What is selected is drawn in full colour, and nothing is.
    expect(await room.colourOf(1_100)).toBe(target)
    await expect(page.getByText('VIEWING')).toBeVisible()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  await test.step('once more, from where it stands, slower still', async () => {
    await card.getByRole('button', { name: 'Replay slowly A → B' }).press('Enter')
    await page.getByRole('menuitem', { name: /^At 1\/50 of its speed/ }).press('Enter')
    await expect(page.getByRole('combobox', { name: 'Speed' })).toHaveValue('0.02')
    await expect.poll(() => room.slotsOf(here)).toBe(sizeOf(a!))
    await expect(page.getByRole('article', { name: /^Migration A → B, 300 slots: Running/ })).toBeVisible()
  })

  await test.step('Escape on the time bar returns to the living cluster', async () => {
    await page.getByRole('slider', { name: 'Instant that is shown' }).press('Escape')
    await expect(page.getByText('LIVE', { exact: true })).toBeVisible()
    await expect.poll(() => room.slotsOf(there)).toBe(sizeOf(b!) + 300)
  })
})
