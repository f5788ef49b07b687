// A node refuses a confirmed move: its words are shown, nothing has moved, and it can be tried again once the cause is gone.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test('a move that a node refuses stops with the server’s words, and is retried', async ({ console: page, cluster }) => {
  const [a, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  await room.brush(1_000, 1_499)
  await room.carry(1_250, b!.primary.address.split(':')[1]!)
  await room.drop()
  const plan = page.getByRole('article', { name: 'Plan: move 500 slots to B' })
  await expect(plan.getByRole('button', { name: 'Move slots' })).toBeEnabled()

  // Somebody begins a legacy move on the same node meanwhile: until it is over, the server takes no atomic one.
  const source = await cluster.at(a!.primary.address)
  await source.call('CLUSTER', 'SETSLOT', 4_000, 'MIGRATING', b!.primary.id)
  await plan.getByRole('button', { name: 'Move slots' }).click()

  const queue = page.getByRole('article', { name: 'Queue A → B: 0 of 1 move done, 1 failed' })
  await test.step('it says what the server said', async () => {
    await expect(queue.getByRole('listitem')).toContainText(/ERR .+/)
    expect(await cluster.migrations(a!.primary.address)).toEqual([])
    await cluster.untilOwned(1_000, 1_499, a!.primary.id)
  })

  await test.step('once the cause is gone, it goes', async () => {
    await source.call('CLUSTER', 'SETSLOT', 4_000, 'STABLE')
    await queue.getByRole('button', { name: 'Retry A → B' }).click()
    await expect(page.getByRole('article', { name: /^Migration A → B, 500 slots: Moved 500 slots/ })).toBeVisible()
    await cluster.untilOwned(1_000, 1_499, b!.primary.id)
  })
})
