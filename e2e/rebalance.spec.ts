// An imbalance is found and evened out, and taken back, without the command line.
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { Announcements } from './fixtures/announcements.ts'
import { type ClusterClient, covered, sizeOf } from './fixtures/cluster-client.ts'
import { fillSlots, missingOf } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

/** Sizes of the shards by the address of their primary, as the cluster tells them. */
async function sizes(cluster: ClusterClient): Promise<ReadonlyMap<string, number>> {
  return new Map((await cluster.shards()).map((shard) => [shard.primary.address, sizeOf(shard)]))
}

test('two shards give to the third until all are even, and everything can be taken back', async ({ console: page, cluster, databases }) => {
  const [a, b, c] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const filling = { first: 5_461, last: 5_760, databases }
  await fillSlots(cluster, filling)
  const lanes = [a!, b!, c!].map((shard) => shard.primary.address)
  const portOf = (address: string) => address.split(':')[1]!

  await test.step('somebody made A large with a second client, and the lanes say so', async () => {
    await (await cluster.at(b!.primary.address)).call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 5_461, 6_360, 'NODE', a!.primary.id)
    await (await cluster.at(c!.primary.address)).call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 16_000, 16_299, 'NODE', a!.primary.id)
    await cluster.untilOwned(5_461, 6_360, a!.primary.id)
    await cluster.untilOwned(16_000, 16_299, a!.primary.id)
    await expect.poll(() => room.slotsOf(portOf(a!.primary.address))).toBe(sizeOf(a!) + 1_200)
  })
  const before = await sizes(cluster)

  const heard = await Announcements.of(page)
  const plan = page.getByRole('article', { name: /^Plan: Rebalance by slots: 2 moves, 1,\d{3} slots$/ })
  await test.step('the plan tells both moves, the balance, and every command; nothing is sent', async () => {
    await page.getByRole('button', { name: 'Rebalance…' }).focus()
    await page.keyboard.press('Enter')
    await expect(plan).toBeFocused()
    const moves = plan.getByRole('table', { name: 'Moves' }).getByRole('row')
    await expect(moves).toHaveCount(3)
    const balance = plan.getByRole('table', { name: /^Balance after/ })
    for (const [label, address] of lanes.entries()) {
      const was = before.get(address)!.toLocaleString('en-US')
      await expect(balance.getByRole('row', { name: new RegExp(`Shard ${'ABC'[label]}`) })).toContainText(`${was} → 5,46`)
    }
    await expect(plan.getByText(/^CLUSTER MIGRATESLOTS SLOTSRANGE .* NODE [0-9a-f]{40}$/)).toHaveCount(2)
    for (const line of await plan.getByText(/^CLUSTER MIGRATESLOTS/).allTextContents())
      expect([b!.primary.id, c!.primary.id]).toContain(line.split(' ').at(-1))
    expect(await sizes(cluster)).toEqual(before)
  })

  const queue = page.getByRole('article', { name: /^Queue A → B and C: / })
  await test.step('confirmed, it runs as one queue to its end', async () => {
    await plan.getByRole('button', { name: 'Start the rebalance' }).click()
    await expect(page.getByRole('article', { name: 'Queue A → B and C: all 2 moves done' })).toBeVisible()
    await heard.expect(/^A → B and C: all 2 moves done$/)
    await expect(queue.getByRole('list', { name: 'Moves' }).getByRole('listitem')).toHaveCount(2)
  })

  await test.step('the cluster is even, and the lanes say what it says', async () => {
    await expect.poll(async () => [...(await sizes(cluster)).values()].every((size) => Math.abs(size - 16_384 / 3) <= 2)).toBe(true)
    expect(covered(await cluster.shards())).toBe(true)
    for (const [address, size] of await sizes(cluster)) await expect.poll(() => room.slotsOf(portOf(address))).toBe(size)
    expect(await missingOf(cluster, filling)).toEqual([])
  })

  await test.step('a second look finds nothing to even out', async () => {
    await page.getByRole('button', { name: 'Rebalance…' }).click()
    const nothing = page.getByRole('article', { name: 'Plan: Rebalance by slots' })
    await expect(nothing.getByRole('alert')).toContainText('There is nothing to even out')
  })

  await test.step('by weights there is: twice the share for A, and B gives everything', async () => {
    await page.getByRole('button', { name: 'Weights…' }).click()
    await page.getByRole('spinbutton', { name: /^Weight of shard A/ }).fill('2')
    await page.getByRole('spinbutton', { name: /^Weight of shard B/ }).fill('0')
    const weighed = page.getByRole('article', { name: /^Plan: Rebalance by slots and weights: / })
    const balance = weighed.getByRole('table', { name: /^Balance after/ })
    await expect(balance.getByRole('row', { name: /Shard A/ })).toContainText(/→ 10,92\d slots/)
    await expect(balance.getByRole('row', { name: /Shard B/ })).toContainText('→ 0 slots')
    await expect(weighed.getByRole('list', { name: 'Checks', exact: true })).toContainText('Shard B ends')
    expect(await accessibilityFaults(page)).toEqual([])
    await weighed.getByRole('button', { name: 'Discard' }).click()
  })

  await test.step('the whole queue is moved back by a new plan', async () => {
    await queue.getByRole('button', { name: /^Move back/ }).click()
    const back = page.getByRole('article', { name: /^Plan: Move back 1,\d{3} slots from B and C to A$/ })
    await back.getByRole('button', { name: 'Move back' }).click()
    await expect(page.getByRole('article', { name: 'Queue B and C → A: all 2 moves done' })).toBeVisible()
    await expect.poll(() => sizes(cluster)).toEqual(before)
    expect(await missingOf(cluster, filling)).toEqual([])
  })
})
