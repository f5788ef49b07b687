// The smallest cluster, and one of seven: what can be done in each is offered, and every figure is the cluster's own.
import { type ClusterClient, type Shard, sizeOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

const portOf = (shard: Shard) => shard.primary.address.split(':')[1]!

async function expectSizes(room: SlotRoom, cluster: ClusterClient): Promise<void> {
  for (const shard of await cluster.shards()) await expect.poll(() => room.slotsOf(portOf(shard))).toBe(sizeOf(shard))
}

test.describe('one shard without a replica', () => {
  test.use({ shape: { shards: 1, replicas: 0 } })

  test('has everything, and nowhere to move it', async ({ console: page, cluster }) => {
    const room = new SlotRoom(page)
    await room.untilShown(1)
    await expectSizes(room, cluster)
    await expect(page.getByRole('button', { name: 'Rebalance…' })).toBeDisabled()
    await page.getByRole('button', { name: 'What to do with shard A' }).click()
    await expect(page.getByRole('menuitem', { name: /^Drain A.*There is no other shard/ })).toBeVisible()
    await page.keyboard.press('Escape')
    await page.keyboard.press('g')
    await page.keyboard.type('0-99')
    await page.keyboard.press('Enter')
    await page.keyboard.press('m')
    const tray = page.getByRole('dialog', { name: 'Move 100 slots to' })
    await expect(tray).toContainText('1 cannot take it: A (100 already on A)')
    await expect(tray.getByRole('list').getByRole('button')).toHaveCount(0)
  })
})

test.describe('seven shards', () => {
  test.use({ shape: { shards: 7, replicas: 0 } })

  test('stand by their letters, and the sixth gives to the second', async ({ console: page, cluster }) => {
    const shards = await cluster.shards()
    const [b, f] = [shards[1]!, shards[5]!]
    const room = new SlotRoom(page)
    await room.untilShown(7)
    await expectSizes(room, cluster)
    const [first] = f.ranges[0]!
    await room.brush(first, first + 127)
    await room.carry(first + 10, portOf(b))
    await room.drop()
    await page.getByRole('article', { name: 'Plan: move 128 slots to B' }).getByRole('button', { name: 'Move slots' }).click()
    await expect(page.getByRole('article', { name: /^Migration F → B, 128 slots: Moved 128 slots/ })).toBeVisible()
    await cluster.untilOwned(first, first + 127, b.primary.id)
    await expectSizes(room, cluster)
  })
})
