// Deadlines of fields on the timeline of their hash: changed by hand and by keyboard, dropped in the past, and changed by somebody else
// in between. Nothing is sent before it is applied.
import type { Locator, Page } from '@playwright/test'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import type { ClusterClient } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'

const DATABASE = 4
const hour = 3_600_000

async function openHash(page: Page, cluster: ClusterClient, fields: Readonly<Record<string, number>>): Promise<Locator> {
  for (const [field, ms] of Object.entries(fields)) {
    await cluster.call(DATABASE, 'HSET', 'basket', field, 'value')
    await cluster.call(DATABASE, 'HPEXPIRE', 'basket', ms, 'FIELDS', 1, field)
  }
  await page.waitForURL(/\/slots/)
  const key = Buffer.from('basket').toString('base64url')
  await page.goto(page.url().replace(/\/slots.*/, `/expiry?db=${DATABASE}&key=${key}`))
  const panel = page.getByRole('region', { name: 'Fields of basket' })
  await expect(panel.getByRole('slider')).toHaveCount(Object.keys(fields).length)
  return panel
}

const deadlineOf = async (cluster: ClusterClient, field: string) =>
  Number(((await cluster.call(DATABASE, 'HPEXPIRETIME', 'basket', 'FIELDS', 1, field)) as unknown[])[0])

/** Takes the end of a bar and lets it go `byPx` farther to the right, or at the left edge of everything. */
async function drag(page: Page, end: Locator, byPx: number | 'past', drop = true): Promise<void> {
  const box = (await end.boundingBox())!
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(byPx === 'past' ? 100 : x + byPx, y, { steps: 8 })
  if (drop) await page.mouse.up()
}

test('a deadline is dragged, staged, applied and undone; dropped in the past it deletes nothing', async ({ page, slotscope, cluster }) => {
  // What is refused is answered with 400, which the browser reports.
  await page.goto(slotscope.loginLink)
  const panel = await openHash(page, cluster, { coupon: hour, item: 2 * hour, note: 3 * hour })
  const end = (field: string) => panel.getByRole('slider', { name: `Deadline of ${field}` })
  const before = await deadlineOf(cluster, 'item')

  await test.step('Escape in the midst of it leaves everything as it was', async () => {
    await drag(page, end('item'), -80, false)
    await expect(panel.getByText('not dropped yet')).toHaveCount(0)
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await expect(panel.getByText(/staged/)).toHaveCount(0)
  })

  await test.step('a drop stages, with the command that Apply will send', async () => {
    await drag(page, end('item'), -80)
    await expect(panel).toContainText('1 change staged')
    await expect(panel).toContainText(/HPEXPIREAT basket \d{13} FIELDS 1 item/)
    await expect(panel).toContainText('after the deadline is read again')
    expect(await deadlineOf(cluster, 'item')).toBe(before)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  await test.step('Apply sends it, and Undo brings the old deadline back', async () => {
    await panel.getByRole('button', { name: 'Apply' }).click()
    await expect.poll(() => deadlineOf(cluster, 'item')).toBeLessThan(before)
    expect(await deadlineOf(cluster, 'item')).toBeGreaterThan(Date.now())
    await panel.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => deadlineOf(cluster, 'item')).toBe(before)
  })

  await test.step('dropped in the past it is a second ahead; once that has passed it is refused, since it would delete the field', async () => {
    // The list is in order again.
    await expect(panel.getByRole('slider').first()).toHaveAccessibleName('Deadline of coupon')
    const coupon = await deadlineOf(cluster, 'coupon')
    const droppedAtMs = Date.now()
    await drag(page, end('coupon'), 'past')
    await expect(panel).toContainText('1 change staged')
    const staged = Number(/HPEXPIREAT basket (\d{13}) FIELDS 1 coupon/.exec((await panel.textContent()) ?? '')?.[1])
    expect(staged).toBeGreaterThanOrEqual(droppedAtMs + 1_000)
    expect(staged).toBeLessThan(droppedAtMs + 30_000)
    await expect.poll(() => Date.now(), { timeout: 60_000 }).toBeGreaterThan(staged + 500)
    await panel.getByRole('button', { name: 'Apply' }).click()
    await expect(panel.getByRole('alert')).toContainText('coupon: a deadline in the past would delete the field')
    expect(await deadlineOf(cluster, 'coupon')).toBe(coupon)
    await panel.getByRole('button', { name: 'Discard', exact: true }).click()
    await expect(panel.getByText(/staged|refused/)).toHaveCount(0)
  })
})

test('what somebody else changed in between is shown beside it and not overwritten', async ({ console: page, cluster }) => {
  const panel = await openHash(page, cluster, { item: 2 * hour })
  await drag(page, panel.getByRole('slider', { name: 'Deadline of item' }), -100)
  await expect(panel).toContainText('1 change staged')
  await cluster.call(DATABASE, 'HPEXPIRE', 'basket', 5 * hour, 'FIELDS', 1, 'item')
  const theirs = await deadlineOf(cluster, 'item')
  await panel.getByRole('button', { name: 'Apply' }).click()
  const conflict = panel.getByRole('alert')
  await expect(conflict).toContainText('item was changed meanwhile')
  await expect(conflict).toContainText(/you saw .* it is now .* you want/)
  expect(await deadlineOf(cluster, 'item')).toBe(theirs)
  expect(await accessibilityFaults(page)).toEqual([])
  await conflict.getByRole('button', { name: 'Stage mine again' }).click()
  await panel.getByRole('button', { name: 'Apply' }).click()
  await expect.poll(() => deadlineOf(cluster, 'item')).toBeLessThan(theirs)
})

test('by keyboard: a deadline is moved, taken away and typed', async ({ console: page, cluster }) => {
  const panel = await openHash(page, cluster, { item: 2 * hour, note: 3 * hour })
  const end = (field: string) => panel.getByRole('slider', { name: `Deadline of ${field}` })
  const before = await deadlineOf(cluster, 'item')
  await end('item').focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(end('item')).toHaveAttribute('aria-valuetext', /staged/)
  expect(await deadlineOf(cluster, 'item')).toBe(before)
  await page.keyboard.press('Enter')
  await expect.poll(() => deadlineOf(cluster, 'item')).toBeGreaterThan(before)

  await page.keyboard.press('ArrowDown')
  await expect(end('note')).toBeFocused()
  await page.keyboard.press('p')
  await expect(panel).toContainText(/HPERSIST basket FIELDS 1 note/)
  await page.keyboard.press('Enter')
  await expect.poll(() => deadlineOf(cluster, 'note')).toBe(-1)
  await expect(end('note')).toHaveAttribute('aria-valuetext', 'no expiry')

  await page.keyboard.press('e')
  await page.keyboard.type('90 min')
  await page.keyboard.press('Enter')
  await expect(panel).toContainText('1 change staged')
  await expect(end('note')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect.poll(async () => Math.abs((await deadlineOf(cluster, 'note')) - Date.now() - 90 * 60_000)).toBeLessThan(60_000)
})
