// A shard gives its last slot, and what becomes of it is said before and true afterwards.
import { covered, sizeOf } from './fixtures/cluster-client.ts'
import { fillSlots, missingOf } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test('a shard is drained to its last slot from the menu of its lane', async ({ console: page, cluster, databases }) => {
  const [a, b, c] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const filling = { first: 16_000, last: 16_383, databases }
  await fillSlots(cluster, filling)
  const portOf = (address: string) => address.split(':')[1]!

  await test.step('the menu opens by keyboard, and Escape gives the focus back', async () => {
    const menu = page.getByRole('button', { name: 'What to do with shard C' })
    await menu.focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('menuitem', { name: /^Move its slots/ })).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('menu', { name: 'What to do with shard C' })).toBeHidden()
    await expect(menu).toBeFocused()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await expect(page.getByRole('menuitem', { name: /^Drain C/ })).toBeFocused()
    await page.keyboard.press('Enter')
  })

  const plan = page.getByRole('article', { name: /^Plan: Drain C: 5,46\d slots to A and B$/ })
  await test.step('the plan says what becomes of the shard', async () => {
    await expect(plan).toContainText(`${sizeOf(c!).toLocaleString('en-US')} → 0 slots`)
    await expect(plan.getByRole('list', { name: 'Checks', exact: true })).toContainText(
      'Shard C gives its last slots: its nodes become replicas'
    )
  })

  await test.step('its slots are spread over the others, and nothing is lost', async () => {
    await plan.getByRole('button', { name: 'Start the drain' }).click()
    await expect(page.getByRole('article', { name: 'Queue C → A and B: all 2 moves done' })).toBeVisible({ timeout: 30_000 })
    await expect.poll(async () => (await cluster.shards()).length).toBe(2)
    const shards = await cluster.shards()
    expect(covered(shards)).toBe(true)
    for (const shard of shards) expect(Math.abs(sizeOf(shard) - 8_192)).toBeLessThanOrEqual(2)
    expect(await missingOf(cluster, filling)).toEqual([])
  })

  await test.step('what the plan said has happened, and the room shows it', async () => {
    const shards = await cluster.shards()
    await expect
      .poll(async () => (await cluster.shards()).some((shard) => shard.replicas.some(({ id }) => id === c!.primary.id)), {
        message: 'the drained primary is a replica now'
      })
      .toBe(true)
    await expect(page.getByRole('region', { name: 'Shards' }).getByRole('listitem', { name: /^Shard C/ })).toHaveCount(0)
    for (const shard of shards) await expect.poll(() => room.slotsOf(portOf(shard.primary.address))).toBe(sizeOf(shard))
    expect(new Set([a!.primary.id, b!.primary.id])).toEqual(new Set(shards.map((shard) => shard.primary.id)))
    // The moves are still called by the shard that they came from, although its nodes are replicas of another one now.
    const events = page.getByRole('list', { name: 'Events, oldest first' })
    await expect(events).toContainText(/C → B: moved/)
    await expect(events).not.toContainText(/([A-C]) → \1/)
    // The shard is gone, so its slots have nowhere to go back to.
    await expect(page.getByRole('button', { name: 'Move back C → A and B' })).toBeDisabled()
  })
})
