// Slots without an owner are given to a shard: by mouse from their lane, by keyboard from the map, by finger from the sheet.
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { Announcements } from './fixtures/announcements.ts'
import { covered, ownerOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

test('slots that nobody owns are planned for, given and seen where they went', async ({ console: page, slotscope, cluster, browser }) => {
  const [a, b, c] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  for (const address of slotscope.addresses) await (await cluster.at(address)).call('CLUSTER', 'DELSLOTSRANGE', 16_300, 16_383)
  const lane = page.getByRole('region', { name: /^Unassigned/ })
  await expect(lane).toHaveAccessibleName('Unassigned, 84 slots')
  const heard = await Announcements.of(page)
  const portOf = (address: string) => address.split(':')[1]!

  await test.step('by mouse: half of them, from their lane', async () => {
    await room.brush(16_300, 16_339)
    const from = (await lane.boundingBox())!
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
    await page.mouse.down()
    const target = (await room.lane(portOf(c!.primary.address)).boundingBox())!
    await page.mouse.move(target.x + target.width / 2, target.y + target.height / 2, { steps: 12 })
    await heard.expect(/^Shard C: 5,377 → 5,417 slots, the new ones empty/)
    await page.mouse.up()
    const plan = page.getByRole('article', { name: /^Plan: 40 slots without an owner \(16300-16339\) are given to shard C/ })
    await expect(plan).toContainText('CLUSTER ADDSLOTSRANGE 16300 16339')
    expect(await accessibilityFaults(page)).toEqual([])
    await plan.getByRole('button', { name: 'Give the slots' }).click()
    await expect(page.getByRole('article', { name: /40 slots without an owner .* shard C: done/ })).toBeVisible({ timeout: 30_000 })
    await cluster.untilOwned(16_300, 16_339, c!.primary.id)
    await expect(lane).toHaveAccessibleName('Unassigned, 44 slots')
  })

  await test.step('by keyboard: some of the rest, and Escape sends nothing', async () => {
    await page.keyboard.press('g')
    await page.keyboard.type('16340-16361')
    await page.keyboard.press('Enter')
    await page.keyboard.press('m')
    const tray = page.getByRole('dialog', { name: 'Give 22 slots to' })
    await tray.getByRole('button', { name: /^Shard A: 5,461 → 5,483 slots/ }).press('Enter')
    const plan = page.getByRole('article', { name: /^Plan: 22 slots without an owner/ })
    await expect(plan.getByRole('button', { name: 'Give the slots' })).toBeEnabled()
    await page.keyboard.press('Escape')
    await expect(plan).toHaveCount(0)
    expect(ownerOf(await cluster.shards(), 16_340)).toBeUndefined()
    await page.keyboard.press('m')
    await tray.getByRole('button', { name: /^Shard A:/ }).press('Enter')
    await plan.getByRole('button', { name: 'Give the slots' }).press('Enter')
    await cluster.untilOwned(16_340, 16_361, a!.primary.id)
    await heard.expect(/22 slots without an owner .* done/)
  })

  await test.step('by finger: the last ones, and the lane is gone', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const phone = await context.newPage()
    await phone.goto(await newLoginLink(slotscope, 'operator'))
    await new SlotRoom(phone).untilShown()
    await phone.getByRole('button', { name: /^\?? ?Unassigned/ }).tap()
    const bar = phone.getByRole('toolbar', { name: 'Selected slots' })
    await expect(bar).toContainText('22 slots')
    await bar.getByRole('button', { name: 'Move…' }).tap()
    await phone
      .getByRole('dialog', { name: 'Give 22 slots to' })
      .getByRole('button', { name: /^Shard B:/ })
      .tap()
    await phone.getByRole('button', { name: 'Give the slots' }).tap()
    await cluster.untilOwned(16_362, 16_383, b!.primary.id)
    await expect(phone.getByRole('region', { name: /^Unassigned/ })).toHaveCount(0)
    await context.close()
  })
  expect(covered(await cluster.shards())).toBe(true)
})
