// Something is in the hand while the cluster changes under it: the shard below gets another primary, or its primary is gone.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

const [first, last] = [1_000, 1_499]

test('the shard under the hand changes its primary, and what is dropped goes to the one in charge', async ({
  console: page,
  cluster,
  clusterKind
}) => {
  const [, , c] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const portOf = (address: string) => address.split(':')[1]!
  await room.brush(first, last)
  await room.carry(1_250, portOf(c!.primary.address))
  const lane = room.shards.getByRole('listitem', { name: /^Shard C, / })
  await expect(lane).toHaveAttribute('data-over', 'true')
  await expect(lane).toContainText(/5,46\d → 5,96\d slots/)

  if (clusterKind === 'embedded') {
    await test.step('its primary ends, nobody takes over, and nothing can be dropped there', async () => {
      const primary = await cluster.at(c!.primary.address)
      await primary.call('SHUTDOWN', 'NOSAVE').catch(() => undefined)
      await expect(lane).toHaveAttribute('data-ghost', 'illegal', { timeout: 15_000 })
      await expect(lane).toContainText(/does not answer|has failed/)
      await room.drop()
      await expect(page.getByRole('article', { name: /^Plan/ })).toHaveCount(0)
      await expect(room.shards.getByRole('listitem', { name: /^Shard A, 5,46\d slots/ })).toBeVisible()
    })
    return
  }

  const heir = c!.replicas[0]!
  await test.step('a replica takes over, and the hand keeps what it has', async () => {
    expect(await (await cluster.at(heir.address)).call('CLUSTER', 'FAILOVER')).toBe('OK')
    await expect(lane).toHaveAccessibleName(new RegExp(`primary .*port ${portOf(heir.address)},`), { timeout: 15_000 })
    await expect(lane).toHaveAttribute('data-over', 'true')
    await expect(lane).toContainText(/5,46\d → 5,96\d slots/)
  })

  await test.step('the plan and the move are for the new primary', async () => {
    await room.drop()
    const plan = page.getByRole('article', { name: 'Plan: move 500 slots to C' })
    await expect(plan).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE ${first} ${last} NODE ${heir.id}`)
    await plan.getByRole('button', { name: 'Move slots' }).click()
    await cluster.untilOwned(first, last, heir.id)
    await expect(page.getByRole('article', { name: /^Migration A → C, 500 slots: Moved 500 slots/ })).toBeVisible()
  })
})
