// A viewer may look, lift and read every plan; only what would change the cluster is off.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

test('a viewer lifts slots, reads the plan and cannot confirm it', async ({ page, slotscope, cluster }) => {
  const [a, b] = await cluster.shards()
  await page.goto(await newLoginLink(slotscope, 'viewer'))
  const room = new SlotRoom(page)
  await room.untilShown()

  await room.brush(1_000, 1_499)
  await room.carry(1_250, b!.primary.address.split(':')[1]!)
  await expect(room.lane(b!.primary.address.split(':')[1]!)).toContainText('→ 5,962 slots')
  await room.drop()
  const plan = page.getByRole('article', { name: 'Plan: move 500 slots to B' })
  await expect(plan).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE 1000 1499 NODE ${b!.primary.id}`)
  await expect(plan).toContainText('Your role is viewer')
  await expect(plan.getByRole('button', { name: 'Move slots' })).toBeDisabled()
  await plan.getByRole('button', { name: 'Discard' }).click()

  await page.getByRole('button', { name: 'What to do with shard A' }).click()
  await page.getByRole('menuitem', { name: /^Drain A/ }).click()
  const drain = page.getByRole('article', { name: /^Plan: Drain A: / })
  await expect(drain.getByRole('button', { name: 'Start the drain' })).toBeDisabled()

  await test.step('the api refuses it as well', async () => {
    const { planId } = await page.evaluate(async () => {
      const headers = { 'content-type': 'application/json', 'x-slotscope': '1' }
      const { clusters } = await (await fetch('/api/session')).json()
      const [{ id }] = clusters
      const [shard] = [...document.querySelectorAll('[data-label="B"]')].map((lane) => lane.getAttribute('data-lane'))
      const body = JSON.stringify({ slots: [[10, 20]], targetShard: shard })
      const plan = await (await fetch(`/api/clusters/${id}/plans`, { method: 'POST', headers, body })).json()
      const confirm = await fetch(`/api/clusters/${id}/plans/${plan.planId}/confirm`, { method: 'POST', headers, body: '{}' })
      return { planId: `${plan.planId} ${confirm.status}` }
    })
    expect(planId).toMatch(/^[0-9a-f]{32} 403$/)
    expect(await cluster.migrations(a!.primary.address)).toEqual([])
  })
})
