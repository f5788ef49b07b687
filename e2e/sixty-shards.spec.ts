// Sixty shards: more lanes than a screen has, so sizes are compared, and a target that is out of sight is found by its letter. They are
// staged: sixty nodes in one process are more than a shared machine has time for, and the gestures are what this is about.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { stageCore, withShards } from './fixtures/staged-stream.ts'

test.use({ commandArgs: ['--no-load'] })

test('a target among sixty is found by typing, under the pointer and by keyboard', async ({ console: page, cluster }) => {
  await new SlotRoom(page).untilShown()
  expect(await cluster.shards()).toHaveLength(3)
  await stageCore(page, withShards(60))
  const asked: unknown[] = []
  await page.route('**/plans', async (route) => {
    asked.push(route.request().postDataJSON())
    await route.fulfill({ status: 409, json: { error: 'PLAN_REFUSED', message: 'There is no shard shard-59.' } })
  })
  await page.reload()
  const room = new SlotRoom(page)
  const lanes = page.getByRole('list', { name: 'Shards', exact: true })

  await test.step('lanes are compared by size; those out of sight are not in the page, and counted all the same', async () => {
    await expect(page.getByRole('radio', { name: 'Size' })).toBeChecked()
    await expect(room.lane(7_000)).toHaveAttribute('aria-setsize', '60')
    expect(await lanes.getByRole('listitem').count()).toBeLessThan(40)
    await expect(page.getByRole('banner').getByRole('definition').first()).toHaveText('60')
    // Past eight hues the letter and a pattern tell shards apart.
    expect(await room.slotsOf(7_000)).toBe(273)
  })

  // The 60th is called H3: two rounds of the alphabet, and eight.
  await test.step('under the pointer: what is carried finds the last lane in four actions', async () => {
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
    await expect.poll(() => asked.at(-1)).toEqual({ slots: [[0, 63]], targetShard: 'shard-59' })
    await expect(page.getByRole('article', { name: 'Plan: move 64 slots to H3' }).getByRole('alert')).toContainText('There is no shard')
    await page.keyboard.press('Escape')
  })

  await test.step('by keyboard: the same target, the same numbers', async () => {
    await page.keyboard.press('m')
    const tray = page.getByRole('dialog', { name: 'Move 64 slots to' })
    await tray.getByRole('textbox', { name: 'Filter shards by letter' }).fill('h3')
    await tray.getByRole('button', { name: 'Shard H3: 273 → 337 slots' }).press('Enter')
    await expect.poll(() => asked.length).toBe(2)
    expect(asked[1]).toEqual(asked[0])
  })
})
