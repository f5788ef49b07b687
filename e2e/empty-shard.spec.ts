// A shard that gave its last slot and stays: its lane is told as empty, and takes slots again.
import { type Shard, sizeOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

// Otherwise its nodes become replicas of whoever took the last slot.
test.use({ settings: { 'cluster-allow-replica-migration': 'no' } })

const portOf = (shard: Shard) => shard.primary.address.split(':')[1]!

test('an empty shard stays as a target', async ({ console: page, slotscope, cluster, clusterKind }) => {
  if (clusterKind === 'embedded')
    for (const address of slotscope.addresses)
      await (await cluster.at(address)).call('CONFIG', 'SET', 'cluster-allow-replica-migration', 'no')
  const [, , c] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()

  await page.getByRole('button', { name: 'What to do with shard C' }).click()
  await page.getByRole('menuitem', { name: /^Drain C/ }).click()
  await page
    .getByRole('article', { name: /^Plan: Drain C/ })
    .getByRole('button', { name: 'Start the drain' })
    .click()
  await expect(page.getByRole('article', { name: 'Queue C → A and B: all 2 moves done' })).toBeVisible({ timeout: 30_000 })

  await test.step('its lane stays, and says what it is', async () => {
    await expect.poll(() => room.slotsOf(portOf(c!))).toBe(0)
    await expect(room.lane(portOf(c!))).toContainText('empty, can take slots')
    expect((await cluster.shards()).map(sizeOf)).toEqual([8_192, 8_192])
    await page.getByRole('button', { name: 'What to do with shard C' }).click()
    await expect(page.getByRole('menuitem', { name: /^Drain C.*It owns no slots/ })).toBeVisible()
    await page.keyboard.press('Escape')
  })

  await test.step('slots that are dropped on it move there', async () => {
    await room.brush(0, 255)
    await room.carry(100, portOf(c!))
    await room.drop()
    await page.getByRole('article', { name: 'Plan: move 256 slots to C' }).getByRole('button', { name: 'Move slots' }).click()
    await cluster.untilOwned(0, 255, c!.primary.id)
    await expect.poll(() => room.slotsOf(portOf(c!))).toBe(256)
    await expect(page.getByRole('article', { name: /^Migration A → C, 256 slots: Moved 256 slots/ })).toBeVisible()
  })
})
