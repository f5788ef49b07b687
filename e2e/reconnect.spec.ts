// The api goes away and comes back: the page says how old it is, sends nothing meanwhile, and goes on where it was.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { stageCore, withOldReadings } from './fixtures/staged-stream.ts'

test('a cut stream greys the figures and refuses to send, and comes back by itself', async ({ page, slotscope, cluster }) => {
  // The browser reports every request that fails meanwhile, so this page is not asked for errors.
  await page.goto(slotscope.loginLink)
  const [a, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const health = page.getByRole('banner').getByRole('button', { name: /^Health/ })
  await expect(health).toHaveAccessibleName('Health: Healthy')
  await room.brush(1_000, 1_499)
  await page.getByRole('button', { name: 'Move 500 slots' }).click()
  const tray = page.getByRole('dialog', { name: 'Move 500 slots to' })
  await expect(tray).toBeVisible()

  await page.context().setOffline(true)
  await page.evaluate(() => {
    // An offline browser keeps sockets that are open: it is cut as a proxy would.
    dispatchEvent(new Event('offline'))
  })
  await expect(page.getByRole('alert').filter({ hasText: 'Disconnected' })).toBeVisible({ timeout: 40_000 })
  await test.step('what was lifted is put down, and nothing can be sent', async () => {
    await expect(tray).toHaveCount(0)
    await expect(page.getByRole('button', { name: 'Rebalance…' })).toBeDisabled()
    expect(await cluster.migrations(a!.primary.address)).toEqual([])
  })

  await test.step('nobody knows whether the cluster is healthy, and the header says so', async () => {
    await expect(health).toHaveAccessibleName(/^Health: Unknown, (healthy(, \d+ notes?)?|\d+ warnings?) (just now|\d+ s ago)$/)
    await health.click()
    await expect(page.getByRole('dialog', { name: 'Health of the cluster' })).toContainText('Nothing newer is known')
    await page.keyboard.press('Escape')
  })

  const reported = page.getByRole('region', { name: 'reported by servers' })
  await test.step('figures of a while ago are grey, with their age', async () => {
    await expect(reported).toHaveAttribute('data-old', 'true')
    await expect(reported).toContainText(/last reading (\d+ s|a minute|\d+ min) ago/)
  })

  // Meanwhile the cluster goes on.
  await (await cluster.at(a!.primary.address)).call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 2_000, 2_099, 'NODE', b!.primary.id)
  await cluster.untilOwned(2_000, 2_099, b!.primary.id)

  await page.context().setOffline(false)
  await expect(page.getByRole('alert').filter({ hasText: 'Disconnected' })).toHaveCount(0)
  const shards = await cluster.shards()
  for (const shard of shards) {
    const size = shard.ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)
    await expect.poll(() => room.slotsOf(shard.primary.address.split(':')[1]!)).toBe(size)
  }
  await expect(page.getByRole('button', { name: 'Rebalance…' })).toBeEnabled()
  await expect(page.getByRole('button', { name: 'Move 500 slots' })).toBeVisible()
  await expect(health).toHaveAccessibleName('Health: Healthy')
  await expect(reported).not.toHaveAttribute('data-old', 'true')
})

test('a cluster that nobody has read for a while is not called healthy', async ({ console: page }) => {
  await new SlotRoom(page).untilShown()
  await stageCore(page, withOldReadings(95_000))
  await page.reload()
  await new SlotRoom(page).untilShown()
  await expect(page.getByRole('banner').getByRole('button', { name: /^Health/ })).toHaveAccessibleName(
    /^Health: Unknown, (healthy(, \d+ notes?)?|\d+ warnings?) 2 m ago$/
  )
})
