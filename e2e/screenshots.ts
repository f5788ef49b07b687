// Not a test: takes the pictures that the documents show, and that one looks at after a change of the screen.
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

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
