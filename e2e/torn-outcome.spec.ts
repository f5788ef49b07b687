// A source that hears of the takeover only after it gave up waiting for it: the servers tell two stories of one move, and no tool can know
// whether writes were lost in between. Nothing is staged: the target holds its takeover back until the source stands still
// (DEBUG SLOTMIGRATION), and the source goes on when its pause is over. Only a real server can be told so.
import { sizeOf } from './fixtures/cluster-client.ts'
import { eventually } from './fixtures/eventually.ts'
import { expect, test } from './fixtures/journey.ts'
import type { NodeClient } from './fixtures/node-client.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

// The source waits twice the timeout of a manual failover, and nobody takes it for failed meanwhile.
const pauseMs = 2_000
test.use({
  shape: { shards: 3, replicas: 0 },
  settings: { 'enable-debug-command': 'yes', 'cluster-manual-failover-timeout': pauseMs / 2, 'cluster-node-timeout': 30_000 }
})

test('a move of which its two sides tell different stories waits for a person', async ({ console: page, cluster }) => {
  const [a, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const source = await cluster.at(a!.primary.address)
  const target = await cluster.at(b!.primary.address)
  const pid = Number(/process_id:(\d+)/.exec(await source.text('INFO', 'server'))![1])
  expect(await target.call('DEBUG', 'SLOTMIGRATION', 'PREVENT-FAILOVER', 1)).toBe('OK')

  await room.brush(1_000, 1_499)
  await room.carry(1_250, b!.primary.address.split(':')[1]!)
  await room.drop()
  await page.getByRole('article', { name: 'Plan: move 500 slots to B' }).getByRole('button', { name: 'Move slots' }).click()

  await test.step('the target takes the slots while the source stands still', async () => {
    await untilSaid(target, 'failover-granted')
    process.kill(pid, 'SIGSTOP')
    try {
      expect(await target.call('DEBUG', 'SLOTMIGRATION', 'PREVENT-FAILOVER', 0)).toBe('OK')
      await untilSaid(target, 'success')
      await new Promise((resolve) => setTimeout(resolve, pauseMs + 500))
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await untilSaid(source, 'Unpaused before migration completed')
  })

  const card = page.getByRole('article', { name: 'Migration A → B, 500 slots: Unclear whether it moved' })
  await test.step('the card has the server’s words and what each side says, and offers nothing that might do harm', async () => {
    await expect(card).toContainText('Unpaused before migration completed')
    await expect(card).toContainText('A says failed, B says success.')
    await expect(card.getByRole('button', { name: /^(Retry|Move back)/ })).toHaveCount(0)
  })

  await test.step('owners are drawn as the servers have them', async () => {
    await cluster.untilOwned(1_000, 1_499, b!.primary.id)
    const moved = (await cluster.shards()).find(({ primary }) => primary.id === b!.primary.id)!
    await expect.poll(() => room.slotsOf(b!.primary.address.split(':')[1]!)).toBe(sizeOf(moved))
  })

  await test.step('a person takes note, and a reload still knows it', async () => {
    await card.getByRole('button', { name: 'Take note' }).click()
    await expect(card).toContainText('taken note of')
    await expect(card.getByRole('button', { name: 'Take note' })).toHaveCount(0)
    await page.reload()
    await room.untilShown()
    await expect(card).toContainText('taken note of')
  })
})

/** Waits until the one job of a node says so, by its state or its message. */
async function untilSaid(node: NodeClient, words: string): Promise<void> {
  await eventually(`${node.address} says ${words}`, async () =>
    JSON.stringify(await node.call('CLUSTER', 'GETSLOTMIGRATIONS')).includes(words) ? true : undefined
  )
}
