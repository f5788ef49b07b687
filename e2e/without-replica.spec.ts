// Shards without a replica: the lane says so, Health says what that means and how to mend it, and slots can be moved all the same.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test.use({ shape: { shards: 3, replicas: 0 } })

test('a shard without a replica is told, and may still give and take', async ({ console: page, cluster }) => {
  const [, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const lane = room.lane(b!.primary.address.split(':')[1]!)
  await expect(lane).toHaveAccessibleName(/, 0 replicas$/)
  await expect(lane).toContainText('no replica')

  await test.step('Health names each with evidence', async () => {
    await page.getByRole('button', { name: 'Health: 3 warnings' }).click()
    const list = page.getByRole('dialog', { name: 'Health of the cluster' })
    for (const label of ['A', 'B', 'C']) await expect(list).toContainText(`Shard ${label} has no replica`)
    await expect(list).toContainText('no node is to spare')
    await list.getByRole('link', { name: 'See the nodes' }).first().click()
    await expect(page).toHaveURL(/\/topology$/)
    await expect(page.getByRole('list', { name: 'Nodes of shard A' })).toBeVisible()
    await page.keyboard.press('Escape')
    // The address of where one was says that the list was open, so it is again.
    await page.goBack()
    await room.untilShown()
    await expect(list).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(list).toHaveCount(0)
  })

  await test.step('a move to it works, and nothing waits for a replica', async () => {
    await room.brush(0, 127)
    await room.carry(10, b!.primary.address.split(':')[1]!)
    await room.drop()
    await page.getByRole('article', { name: 'Plan: move 128 slots to B' }).getByRole('button', { name: 'Move slots' }).click()
    await cluster.untilOwned(0, 127, b!.primary.id)
    await expect(page.getByRole('article', { name: /^Migration A → B, 128 slots: Moved 128 slots/ })).toBeVisible()
  })
})
