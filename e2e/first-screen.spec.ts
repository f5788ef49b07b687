// What whoever is logged in already sees first: the room, over one stream that was asked for before the code of the page had come.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test('one session, one ticket and one stream are asked for', async ({ console: page, cluster }) => {
  const room = new SlotRoom(page)
  await room.untilShown()
  const asked: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (/^\/api\/(session|ticket)$|\.js$/.test(pathname)) asked.push(pathname.endsWith('.js') ? 'code' : `${request.method()} ${pathname}`)
  })
  const streams: string[] = []
  page.on('websocket', (socket) => streams.push(new URL(socket.url()).pathname))
  // The code of the page is held up until the stream is there, which therefore does not wait for it.
  const opened = page.waitForEvent('websocket')
  await page.route(/\/assets\/index-.*\.js$/, async (route) => {
    await opened
    await route.continue()
  })
  await page.reload()
  await room.untilShown()

  expect(streams).toEqual([expect.stringMatching(/^\/api\/clusters\/[^/]+\/stream$/)])
  expect(asked.filter((what) => what !== 'code').sort()).toEqual(['GET /api/session', 'POST /api/ticket'])
  const [shard] = await cluster.shards()
  const size = shard!.ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  await expect.poll(() => room.slotsOf(shard!.primary.address.split(':')[1]!)).toBe(size)

  // It lives on: what changes afterwards comes on the same stream.
  await page.getByRole('link', { name: 'Topology' }).click()
  await expect(page.getByRole('heading', { name: 'Topology' })).toBeVisible()
  expect(streams).toHaveLength(1)
})

test('[T7] a script that stands in the page runs only when it is ours', async ({ page, slotscope }) => {
  await page.goto(slotscope.loginLink)
  await new SlotRoom(page).untilShown()
  const ran = await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'document.documentElement.dataset.foreign = "ran"'
    document.head.append(script)
    return [document.documentElement.dataset.foreign, document.documentElement.dataset.theme]
  })
  // The theme is set by the script of ours that stands there.
  expect(ran).toEqual([undefined, expect.stringMatching(/^(?:light|dark)$/)])
})
