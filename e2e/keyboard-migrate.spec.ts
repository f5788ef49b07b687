// The way of the keyboard, from the first Tab to the outcome. It asserts on roles, names and announcements; no coordinate is used.
import type { Locator, Page } from '@playwright/test'
import { Announcements } from './fixtures/announcements.ts'
import { fillSlots } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

const first = 1_000
const last = 1_499

/** Presses Tab until the focus is where it should be; so it can be reached, and in how many steps does not matter. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let step = 0; step < 60; step++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(target).toBeFocused()
}

test('500 slots are moved without a mouse', async ({ console: page, cluster, databases }) => {
  const [a, , c] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  await fillSlots(cluster, { first, last, databases })
  const heard = await Announcements.of(page)

  await test.step('the map is one stop, and says where one is', async () => {
    await tabTo(page, room.map)
    await page.keyboard.press('Control+Home')
    await heard.expect(/^Slot 0, shard A/)
    await page.keyboard.press('Control+ArrowRight')
    await heard.expect(/^Slot 5,461, shard B/)
    await page.keyboard.press('ArrowLeft')
    await heard.expect(/^Slot 5,460, shard A/)
    await page.keyboard.press('Shift+ArrowUp')
    await heard.expect(/^Slot 5,332, shard A.* 129 selected/)
    await page.keyboard.press('Escape')
  })

  const typed = page.getByRole('textbox', { name: 'Slot ranges' })
  await test.step('ranges are typed, and a wrong one is refused in words', async () => {
    await page.keyboard.press('g')
    await expect(typed).toBeFocused()
    await page.keyboard.type('1000-99999')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible()
    await expect(typed).toHaveAttribute('aria-invalid', 'true')
    await typed.fill('')
    await page.keyboard.type(`${first}-${last}`)
    await page.keyboard.press('Enter')
    await heard.expect(/500 slots selected|500 selected/)
    await expect(room.map).toBeFocused()
  })

  const tray = page.getByRole('dialog', { name: 'Move 500 slots to' })
  await test.step('Escape puts them down, and nothing is sent', async () => {
    await page.keyboard.press('m')
    await expect(tray).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(tray).toHaveCount(0)
    await heard.expect(/^Put down\. Nothing was sent\.$/)
    await expect(room.map).toBeFocused()
    expect(await cluster.migrations(a!.primary.address)).toEqual([])
  })

  const plan = page.getByRole('article', { name: 'Plan: move 500 slots to C' })
  await test.step('the target tray has the ghosts of the lanes', async () => {
    await page.keyboard.press('m')
    await expect(tray.getByRole('button', { name: /^Shard B: 5,46\d → 5,96\d slots/ })).toBeFocused()
    await page.keyboard.press('ArrowDown')
    const shardC = tray.getByRole('button', { name: /^Shard C: 5,46\d → 5,96\d slots, \+\S+ keys/ })
    await expect(shardC).toBeFocused()
    await heard.expect(/^Shard C: 5,46\d → 5,96\d slots/)
    await page.keyboard.press('Enter')
    await expect(plan).toBeFocused()
    await expect(plan).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE ${first} ${last} NODE ${c!.primary.id}`)
  })

  await test.step('the plan is confirmed, and its outcome said', async () => {
    await tabTo(page, plan.getByRole('button', { name: 'Move slots' }))
    await page.keyboard.press('Enter')
    await heard.expect(/^The move was sent$/)
    await expect(page.getByRole('article', { name: /^Migration A → C, 500 slots: Moved 500 slots/ })).toBeVisible()
    await cluster.untilOwned(first, last, c!.primary.id)
  })

  await test.step('the table says the same as the map', async () => {
    await room.map.focus()
    await page.keyboard.press('t')
    const row = page.getByRole('row').filter({ has: page.getByRole('checkbox', { name: 'Slots 1,000 – 1,499, shard C' }) })
    await expect(row).toContainText('500')
    await expect(row.getByRole('checkbox')).not.toBeChecked()
  })
})
