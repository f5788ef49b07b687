// Two people at one cluster: each sees what the other plans and does, and two moves of the same slots cannot both happen.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

test('the second operator sees the plan and the job of the first, and an overlapping plan is refused in words', async ({
  browser,
  console: page,
  slotscope,
  cluster
}) => {
  const [a, b, c] = await cluster.shards()
  const other = await browser.newContext()
  const second = await other.newPage()
  await second.goto(await newLoginLink(slotscope, 'operator'))
  const rooms = { first: new SlotRoom(page), second: new SlotRoom(second) }
  await rooms.first.untilShown()
  await rooms.second.untilShown()
  const portOf = (address: string) => address.split(':')[1]!

  await rooms.first.brush(1_000, 1_499)
  await rooms.first.carry(1_250, portOf(b!.primary.address))
  await rooms.first.drop()
  const mine = page.getByRole('article', { name: 'Plan: move 500 slots to B' })
  await expect(mine.getByRole('button', { name: 'Move slots' })).toBeEnabled()

  await test.step('the second sees who plans what, and cannot confirm it', async () => {
    const theirs = second.getByRole('region', { name: 'Migrations' }).getByRole('group').filter({ hasText: 'plans 500 slots to B' })
    await expect(theirs).toContainText('1000-1499')
    await theirs.getByText('plans 500 slots to B').click()
    await expect(theirs).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE 1000 1499 NODE ${b!.primary.id}`)
    await expect(second.getByRole('button', { name: 'Move slots' })).toHaveCount(0)
  })

  await rooms.second.brush(1_200, 1_699)
  await rooms.second.carry(1_650, portOf(c!.primary.address))
  await rooms.second.drop()
  const overlapping = second.getByRole('article', { name: 'Plan: move 500 slots to C' })
  await expect(overlapping.getByRole('button', { name: 'Move slots' })).toBeEnabled()

  await test.step('the first confirms, and both see the outcome', async () => {
    await mine.getByRole('button', { name: 'Move slots' }).click()
    for (const each of [page, second])
      await expect(each.getByRole('article', { name: /^Migration A → B, 500 slots: Moved 500 slots/ })).toBeVisible()
    await cluster.untilOwned(1_000, 1_499, b!.primary.id)
  })

  await test.step('what the second planned is no longer true, and is refused with the difference', async () => {
    await overlapping.getByRole('button', { name: 'Move slots' }).click()
    const refused = overlapping.getByRole('alert')
    await expect(refused).toContainText('The cluster has changed since the plan was made')
    await expect(refused).toContainText('slots 1200-1499: was owned by A, is owned by B')
    const before = await cluster.migrations(c!.primary.address)
    expect(before).toEqual([])
  })

  await test.step('planned again, what is left goes', async () => {
    await overlapping.getByRole('button', { name: 'Plan again' }).click()
    const again = second.getByRole('article', { name: /^Plan: move 500 slots to C/ })
    await expect(again).toContainText('from A and B to C')
    await again.getByRole('button', { name: 'Discard' }).click()
    expect(await cluster.migrations(a!.primary.address)).toHaveLength(1)
  })
  await other.close()
})
