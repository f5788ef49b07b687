// Not a test: takes the pictures that the documents show, and that one looks at after a change of the screen.
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { stageCore, stageGoodbye, stageSilence, withShards } from './fixtures/staged-stream.ts'

const folder = fileURLToPath(new URL('../docs/screenshots', import.meta.url))

// Always the same cluster and the same sample data, and enough of a load to see.
test.use({ commandArgs: async ({ clusterKind }, use) => use(clusterKind === 'embedded' ? ['--seed', '7', '--rate', '800'] : []) })

test('pictures', async ({ console: page, cluster }) => {
  const room = new SlotRoom(page)
  await room.untilShown()
  const [, b, c] = await cluster.shards()
  const portOf = (address: string) => address.split(':')[1] as string
  // Charts need some past to show.
  await page.waitForTimeout(60_000)

  // One finished move, then one that is about to be dropped.
  await move(page, room, 512, 1_535, portOf(b!.primary.address))
  await page.getByText(/^Moved 1,024 slots/).waitFor()
  await room.brush(2_304, 2_815)
  await room.carry(2_500, portOf(c!.primary.address))
  await both(page, 'slots-lifted')
  await room.drop()
  await page.getByRole('article', { name: /^Plan: move 512 slots/ }).waitFor()
  await both(page, 'slots')
  await page
    .getByRole('article', { name: /^Plan: move 512 slots/ })
    .getByRole('button', { name: /^(Discard|Close|Cancel)/ })
    .click()

  for (const place of ['Topology', 'Databases', 'Expiry', 'Traffic']) {
    await page.getByRole('link', { name: place }).click()
    if (place === 'Databases') await page.getByRole('button', { name: /^Scan/ }).first().click()
    await page.waitForTimeout(place === 'Expiry' ? 20_000 : 3_000)
    await both(page, place.toLowerCase())
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('link', { name: 'Slots' }).click()
  await page.waitForTimeout(2_000)
  await both(page, 'slots-phone')
})

test('states of the slot room', async ({ browser, page, slotscope }) => {
  await page.goto(slotscope.loginLink)
  await new SlotRoom(page).untilShown()
  const { cookies } = await page.context().storageState()
  const address = page.url()
  /** Opens the room anew, in a page that sees what is staged. */
  const shoot = async (
    name: string,
    size: { width: number; height: number },
    stage: (page: Page) => Promise<unknown>,
    settle: (page: Page) => Promise<unknown>
  ) => {
    const context = await browser.newContext({ viewport: size })
    await context.addCookies(cookies)
    const staged = await context.newPage()
    // The hint is for the first minute.
    await staged.addInitScript(() => localStorage.setItem('slotscope.hint-done', 'yes'))
    await stage(staged)
    await staged.goto(address)
    await settle(staged)
    await staged.waitForTimeout(700)
    await both(staged, `room-${name}`)
    await context.close()
  }
  const [wide, laptop, phone] = [
    { width: 1920, height: 1080 },
    { width: 1280, height: 720 },
    { width: 390, height: 844 }
  ]
  const shown = (staged: Page) => staged.getByRole('application', { name: /^Slot map/ }).waitFor()
  const nothing = async () => undefined
  await shoot('wide', wide, nothing, shown)
  await shoot('laptop', laptop, nothing, shown)
  await shoot('phone', phone, nothing, shown)
  await shoot('loading', laptop, stageSilence, (staged) => staged.getByRole('status', { name: /^Loading/ }).waitFor())
  await shoot(
    'empty',
    laptop,
    (staged) => stageCore(staged, (core) => ({ ...core, nodes: {}, shards: {} })),
    (staged) => staged.getByText('No shard yet').waitFor()
  )
  await shoot(
    'denied',
    laptop,
    (staged) => stageGoodbye(staged, 'forbidden'),
    (staged) => staged.getByText('You may not see this cluster').waitFor()
  )
  await shoot(
    'stale',
    laptop,
    (staged) =>
      stageCore(staged, (core) => ({
        ...core,
        nodes: Object.fromEntries(Object.entries(core.nodes).map(([id, node]) => [id, { ...node, readAtMs: node.readAtMs - 95_000 }]))
      })),
    shown
  )
  await shoot('disconnected', laptop, nothing, async (staged) => {
    await shown(staged)
    await slotscope.process.stop()
    await staged.getByText('Disconnected').waitFor()
  })
})

test('many shards', async ({ browser, console: page }) => {
  await new SlotRoom(page).untilShown()
  const { cookies } = await page.context().storageState()
  for (const count of [60, 1_000]) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    await context.addCookies(cookies)
    const staged = await context.newPage()
    // The hint is for the first minute.
    await staged.addInitScript(() => localStorage.setItem('slotscope.hint-done', 'yes'))
    await stageCore(staged, withShards(count))
    await staged.goto(page.url())
    const room = new SlotRoom(staged)
    await room.map.waitFor()
    await room.brush(2_304, 2_815)
    const at = await room.point(2_500)
    await staged.mouse.move(at.x, at.y)
    await staged.mouse.down()
    await staged.mouse.move(at.x + 40, at.y + 30, { steps: 4 })
    await staged.waitForTimeout(500)
    await both(staged, `room-${count}-shards`)
    await context.close()
  }
})

async function move(page: Page, room: SlotRoom, first: number, last: number, port: string): Promise<void> {
  await room.brush(first, last)
  await room.carry(first + 100, port)
  await room.drop()
  const plan = page.getByRole('article', { name: /^Plan: move/ })
  await plan.getByRole('button', { name: /^Move/ }).click()
}

async function both(page: Page, name: string): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    await page.waitForTimeout(600)
    await page.screenshot({ path: `${folder}/${name}-${scheme}.png` })
  }
}
