// Sixty shards, all of them running: more lanes than a screen has, so sizes are compared, and a target that is out of sight is found by its
// letter. Over the embedded cluster only: sixty real servers are more than a shared machine has room for.
import { covered, ownerOf, sizeOf } from './fixtures/cluster-client.ts'
import { eventually } from './fixtures/eventually.ts'
import { fillSlots, missingOf } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test.use({ shape: { shards: 60, replicas: 0 }, commandArgs: ['--no-load'] })

test('a target among sixty is found by typing, and the slots go there', async ({ console: page, cluster, slotscope }) => {
  test.setTimeout(240_000)
  const room = new SlotRoom(page)
  const lanes = page.getByRole('list', { name: 'Shards', exact: true })
  const shards = await cluster.shards()
  const portOf = (shard: (typeof shards)[number]) => shard.primary.address.split(':')[1]!
  const [a] = shards
  // The 60th is called H3: two rounds of the alphabet, and eight.
  const h3 = shards.at(-1)!
  expect(shards).toHaveLength(60)
  expect(covered(shards)).toBe(true)

  await test.step('lanes are compared by size; those out of sight are not in the page, and counted all the same', async () => {
    await expect(page.getByRole('radio', { name: 'Size' })).toBeChecked()
    await expect(room.lane(portOf(a!))).toHaveAttribute('aria-setsize', '60')
    expect(await lanes.getByRole('listitem').count()).toBeLessThan(40)
    const figures = page.getByRole('banner').getByRole('definition')
    await expect(figures.first()).toHaveText('60')
    await expect(figures.nth(1)).toHaveText(String(slotscope.addresses.length))
  })

  await test.step('each lane that is in sight has as many slots as the cluster says', async () => {
    let seen = 0
    for (const shard of shards) {
      if ((await room.lane(portOf(shard)).count()) === 0) continue
      expect(await room.slotsOf(portOf(shard))).toBe(sizeOf(shard))
      seen += 1
    }
    expect(seen).toBeGreaterThan(5)
  })

  await test.step('a shard out of sight is found by the port of its primary', async () => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a key, slot, shard or command' }).fill(`:${portOf(h3)}`)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: `Move ${sizeOf(h3)} slots` })).toBeVisible()
    await page.keyboard.press('Escape')
  })

  const filling = { first: 0, last: 63, databases: [0, 3], perSlot: 2 }
  await test.step('under the pointer: what is carried finds the last lane in four actions', async () => {
    // Sixty nodes in one process: on a busy machine some may doubt others for a moment, and answer CLUSTERDOWN.
    expect(await eventually('the keys are written', () => fillSlots(cluster, filling), { withinMs: 60_000 })).toBe(256)
    await room.brush(0, 63)
    const at = await room.point(20)
    await page.mouse.move(at.x, at.y)
    await page.mouse.down()
    await page.mouse.move(at.x + 60, at.y + 60, { steps: 6 })
    const tray = page.getByRole('region', { name: 'Targets' })
    await expect(tray.getByRole('listitem')).toHaveCount(5)
    await page.keyboard.press('h')
    await page.keyboard.press('3')
    await expect(tray.getByRole('listitem')).toHaveCount(1)
    const box = (await tray.getByRole('listitem').boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 6 })
    await page.mouse.up()
    const plan = page.getByRole('article', { name: 'Plan: move 64 slots to H3' })
    await expect(plan).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE 0 63 NODE ${h3.primary.id}`)
    await plan.getByRole('button', { name: 'Move slots' }).click()
    await expect(page.getByRole('article', { name: /^Migration A → H3, 64 slots: Moved 64 slots/ })).toBeVisible({ timeout: 60_000 })
  })

  await test.step('all of the nodes agree, no key is lost, and the lane that gave says so', async () => {
    await cluster.untilOwned(0, 63, h3.primary.id, 60_000)
    expect(await eventually('the keys are read', () => missingOf(cluster, filling), { withinMs: 60_000 })).toEqual([])
    const after = await cluster.shards()
    expect(ownerOf(after, 0)?.id).toBe(h3.primary.id)
    for (const shard of after.filter(({ primary }) => primary.id === a!.primary.id))
      await expect.poll(() => room.slotsOf(portOf(shard))).toBe(sizeOf(shard))
    expect(covered(after)).toBe(true)
  })

  await test.step('by keyboard: the same target, with what it has now', async () => {
    const owned = (await cluster.shards())
      .filter(({ primary }) => primary.id === h3.primary.id)
      .reduce((sum, shard) => sum + sizeOf(shard), 0)
    await room.brush(100, 131)
    await page.keyboard.press('m')
    const tray = page.getByRole('dialog', { name: 'Move 32 slots to' })
    await tray.getByRole('textbox', { name: 'Filter shards by letter' }).fill('h3')
    await tray.getByRole('button', { name: `Shard H3: ${owned} → ${owned + 32} slots` }).press('Enter')
    await expect(page.getByRole('article', { name: 'Plan: move 32 slots to H3' })).toBeVisible()
    await page.keyboard.press('Escape')
  })
})
