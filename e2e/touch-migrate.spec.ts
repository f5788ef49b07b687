// By finger, on a phone: a long press selects, handles stretch it, a bar says what is held, and the tray is a sheet.
import { sizeOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

test('slots are selected by a long press and moved from the sheet', async ({ console: page, cluster }) => {
  const [a, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const cdp = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: { x: number; y: number }) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] })

  await test.step('one finger that does not rest scrolls, and selects nothing', async () => {
    const at = await room.point(6_000)
    await touch('touchStart', at)
    await touch('touchMove', { x: at.x, y: at.y - 60 })
    await touch('touchEnd')
    await expect(page.getByRole('toolbar', { name: 'Selected slots' })).toHaveCount(0)
    await room.map.scrollIntoViewIfNeeded()
  })

  const bar = page.getByRole('toolbar', { name: 'Selected slots' })
  await test.step('a finger that rests selects', async () => {
    const [from, to] = [await room.point(1_024), await room.point(1_535)]
    await touch('touchStart', from)
    await expect(bar).toBeVisible()
    for (let step = 1; step <= 6; step++)
      await touch('touchMove', { x: from.x + ((to.x - from.x) * step) / 6, y: from.y + ((to.y - from.y) * step) / 6 })
    await touch('touchEnd')
    await expect(bar).toContainText('512 slots')
  })

  await test.step('the sheet has the ghosts, and what is chosen is planned and moved', async () => {
    await bar.getByRole('button', { name: 'Move…' }).tap()
    const sheet = page.getByRole('dialog', { name: 'Move 512 slots to' })
    await sheet.getByRole('button', { name: /^Shard B: 5,46\d → 5,97\d slots/ }).tap()
    const plan = page.getByRole('article', { name: 'Plan: move 512 slots to B' })
    await expect(plan).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE 1024 1535 NODE ${b!.primary.id}`)
    await plan.getByRole('button', { name: 'Move slots' }).tap()
    await expect(page.getByRole('article', { name: /^Migration A → B, 512 slots: Moved 512 slots/ })).toBeVisible()
    await cluster.untilOwned(1_024, 1_535, b!.primary.id)
  })

  await test.step('figures agree with the cluster, and every control is large enough for a finger', async () => {
    const portOf = (address: string) => address.split(':')[1]!
    await expect.poll(() => room.slotsOf(portOf(a!.primary.address))).toBe(sizeOf(a!) - 512)
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('main button, main [role="radio"]')]
        .map((element) => ({
          name: element.getAttribute('aria-label') ?? element.textContent,
          height: element.getBoundingClientRect().height
        }))
        .filter(({ height }) => height > 0 && height < 43.5)
    )
    expect(small).toEqual([])
  })
})
