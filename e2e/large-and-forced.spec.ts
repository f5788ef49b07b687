// At 200 % zoom nothing is cut off sideways, in forced colours what has the focus and what is chosen can be seen, and with reduced motion
// nothing moves by itself: in every room.
import type { Page } from '@playwright/test'
import { fillSlots } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

const rooms = ['Slots', 'Topology', 'Databases', 'Expiry', 'Traffic', 'Nodes', 'Command line'] as const

async function open(page: Page, room: (typeof rooms)[number]): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: room }).click()
  await expect(page).toHaveURL(new RegExp(`/${room.toLowerCase().replace(' ', '-')}(\\?|$)`))
  await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0)
}

test.describe('at 200 % zoom of 1280 x 720', () => {
  // What zoom does: half as many CSS pixels, each of them twice as large.
  test.use({ viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 })

  test('no room is wider than the screen, and its controls can be reached', async ({ console: page }) => {
    await expect(page.getByRole('application', { name: /^Slot map/ })).toBeVisible()
    for (const room of rooms) {
      await open(page, room)
      const wide = await page.evaluate(() => {
        const main = document.querySelector('main')!
        return [document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth]
      })
      expect(wide, room).toEqual([0, 0])
      const main = (await page.getByRole('main').boundingBox())!
      // Head, time and rail leave room for what they are about.
      expect(main.height, room).toBeGreaterThan(120)
    }
  })
})

test('in forced colours the focus and what is chosen are seen', async ({ console: page, cluster }) => {
  // A real cluster begins empty, and shows only databases that hold something.
  await fillSlots(cluster, { first: 0, last: 9, databases: [0], perSlot: 1 })
  await new SlotRoom(page).untilShown()
  await page.emulateMedia({ forcedColors: 'active' })
  for (const room of rooms) {
    await open(page, room)
    await page.getByRole('main').focus()
    for (let stop = 0; stop < 12; stop++) {
      await page.keyboard.press('Tab')
      const seen = await page.evaluate(() => {
        const focused = document.activeElement
        if (!focused || focused === document.body) return 'nothing'
        // The ring may be drawn by what frames the element, or by its handle.
        for (let element: Element | null = focused, depth = 0; element && depth < 3; element = element.parentElement, depth++) {
          for (const part of [null, '::before', '::after']) {
            const { outlineStyle, outlineWidth } = getComputedStyle(element, part)
            if (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1) return 'ring'
          }
        }
        return focused.outerHTML.slice(0, 160)
      })
      expect(['ring', 'nothing'], `${room}, stop ${stop}: ${seen}`).toContain(seen)
    }
  }
  await test.step('the database whose keys are listed has a frame', async () => {
    await open(page, 'Databases')
    const chosen = page.getByRole('main').getByRole('button', { pressed: true })
    await expect(chosen).toHaveCSS('outline-style', 'solid')
  })
  await open(page, 'Slots')
  await test.step('the chosen figure and room differ from those beside them by more than a colour that is taken away', async () => {
    const look = (locator: ReturnType<Page['getByRole']>) =>
      locator.evaluate((element) => {
        const box = element instanceof HTMLInputElement ? (element.closest('label') ?? element) : element
        const { backgroundColor, borderTopColor, borderBottomWidth, outlineStyle, color } = getComputedStyle(box)
        return [backgroundColor, borderTopColor, borderBottomWidth, outlineStyle, color].join(' ')
      })
    const nav = page.getByRole('navigation')
    expect(await look(nav.getByRole('link', { name: 'Slots' }))).not.toBe(await look(nav.getByRole('link', { name: 'Topology' })))
    expect(await look(page.getByRole('radio', { name: 'Owner' }))).not.toBe(await look(page.getByRole('radio', { name: 'CPU' })))
  })
})

test('with reduced motion nothing moves by itself', async ({ console: page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await new SlotRoom(page).untilShown()
  for (const room of rooms) {
    await open(page, room)
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => animation.playState === 'running' && Number(animation.effect?.getComputedTiming().duration) > 10)
        .map((animation) => (animation as CSSAnimation).animationName)
    )
    expect(moving, room).toEqual([])
  }
})
