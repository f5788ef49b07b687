// Time: what happened is looked at again, before a reload and after, by others, and in a file on another day.
import { writeFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { type Shard, sizeOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { newLoginLink, startPlaying } from './fixtures/slotscope.ts'

const portOf = (shard: Shard) => shard.primary.address.split(':')[1]!

test('a move is looked at before it happened, across a reload, by a viewer, and played from a file', async ({
  console: page,
  slotscope,
  cluster
}, testInfo) => {
  const [a, b] = await cluster.shards()
  const [here, there] = [portOf(a!), portOf(b!)]
  const room = new SlotRoom(page)
  await room.untilShown()
  // Some seconds of quiet before the move, so that there is a before.
  await expect.poll(() => recordedMs(page), { timeout: 30_000 }).toBeGreaterThan(8_000)
  await room.brush(1_000, 1_299)
  await room.carry(1_100, there)
  await room.drop()
  await page.getByRole('article', { name: 'Plan: move 300 slots to B' }).getByRole('button', { name: 'Move slots' }).click()
  await cluster.untilOwned(1_000, 1_299, b!.primary.id)
  await expect.poll(() => room.slotsOf(there)).toBe(sizeOf(b!) + 300)

  await test.step('a page that is loaded afterwards has the event, and looks back to before it', async () => {
    await page.reload()
    await room.untilShown()
    await expect(page.getByRole('list', { name: 'Events, oldest first' })).toContainText(/A → B/)
    await slider(page).press('Home')
    await untilPast(page)
    await expect.poll(() => room.slotsOf(here)).toBe(sizeOf(a!))
    await expect.poll(() => room.slotsOf(there)).toBe(sizeOf(b!))
    await expect(page.getByRole('article', { name: /^Migration A → B/ })).toHaveCount(0)
  })

  await test.step('nothing can be changed there', async () => {
    await room.brush(2_000, 2_099)
    await room.carry(2_050, there)
    await room.drop()
    await expect(page.getByText('You are looking back: return to live to ask or change anything.').first()).toBeVisible()
    expect((await cluster.shards()).map(sizeOf)).toEqual([sizeOf(a!) - 300, sizeOf(b!) + 300, expect.any(Number)])
    await page.keyboard.press('Escape')
  })

  await test.step('the address is the instant: a reload and a viewer see the same', async () => {
    await expect(page).toHaveURL(/[?&]at=\d+/)
    const at = new URL(page.url()).searchParams.get('at')
    await page.reload()
    await untilPast(page)
    await expect.poll(() => room.slotsOf(there)).toBe(sizeOf(b!))
    const other = await page.context().browser()!.newPage()
    await other.goto(await newLoginLink(slotscope, 'viewer'))
    await new SlotRoom(other).untilShown()
    await other.goto(`${slotscope.origin}${new URL(page.url()).pathname}?at=${at}`)
    await untilPast(other)
    await expect.poll(() => new SlotRoom(other).slotsOf(there)).toBe(sizeOf(b!))
    await other.close()
  })

  await test.step('dragging and Return to live come back to now', async () => {
    await page.getByRole('button', { name: 'Return to live' }).click()
    await expect.poll(() => room.slotsOf(there)).toBe(sizeOf(b!) + 300)
    await expect(page).not.toHaveURL(/at=/)
    const thumb = (await slider(page).boundingBox())!
    await page.mouse.move(thumb.x, thumb.y + thumb.height / 2)
    await page.mouse.down()
    await page.mouse.move(thumb.x - 8, thumb.y + thumb.height / 2, { steps: 4 })
    await page.mouse.up()
    await untilPast(page)
    await slider(page).press('Escape')
    await expect(page.getByText('LIVE', { exact: true })).toBeVisible()
  })

  await test.step('what was recorded is a file, and the file is played', async () => {
    const path = new URL(page.url()).pathname.replace(/^\/clusters\/([^/]+)\/.*$/, '/api/clusters/$1/recording/export')
    const answer = await page.request.get(`${slotscope.origin}${path}?from=0&to=${Date.now()}`)
    expect(answer.headers()['content-disposition']).toMatch(/^attachment; filename="[\w.-]+\.slotscope\.gz"$/)
    const file = testInfo.outputPath('move.slotscope.gz')
    await writeFile(file, await answer.body())
    const player = await startPlaying(file)
    try {
      const screen = await page.context().browser()!.newPage()
      await screen.goto(player.loginLink)
      const played = new SlotRoom(screen)
      await played.untilShown()
      await expect(screen.getByText('RECORDING', { exact: false }).first()).toBeVisible()
      await expect.poll(() => played.slotsOf(there)).toBe(sizeOf(b!))
      // To the end of it, as somebody does who wants to see the outcome.
      await slider(screen).press('PageUp')
      await expect.poll(() => played.slotsOf(there), { timeout: 30_000 }).toBe(sizeOf(b!) + 300)
      await expect(screen.getByRole('article', { name: /^Migration A → B, 300 slots: Moved 300 slots/ })).toBeVisible()
      // And once more, slowly: the same for everybody who looks at this recording.
      await screen.getByRole('button', { name: 'Replay slowly A → B' }).click()
      await screen.getByRole('menuitem', { name: /^At 1\/50 of its speed/ }).click()
      await expect.poll(() => played.slotsOf(there)).toBe(sizeOf(b!))
      await expect(screen.getByRole('combobox', { name: 'Speed' })).toHaveValue('0.02')
      await screen.close()
    } finally {
      await player.process.stop()
    }
  })
})

function slider(page: Page) {
  return page.getByRole('slider', { name: 'Instant that is shown' })
}

async function untilPast(page: Page): Promise<void> {
  await expect(page.getByText(/^VIEWING/)).toBeVisible()
  await expect(page.getByText('nothing can be changed')).toBeVisible()
}

/** How much is recorded, as the api says. */
async function recordedMs(page: Page): Promise<number> {
  const path = new URL(page.url()).pathname.replace(/^\/clusters\/([^/]+)\/.*$/, '/api/clusters/$1/recording')
  const { fromMs, toMs } = (await (await page.request.get(new URL(path, page.url()).href)).json()) as {
    fromMs: number | null
    toMs: number | null
  }
  return (toMs ?? 0) - (fromMs ?? 0)
}
