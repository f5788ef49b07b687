// A real cluster full of what expires, and the Expiry room in a real Chromium: what a redraw of its two charts costs.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startChild } from '../api/child.js'
import { startNodes } from '../browse/valkey-nodes.js'
import { countFrames, stopFrames } from '../console/page-watch.js'
import { scriptPerFrame, workPerFrame } from '../console/trace.js'
import { fillTimeline, fillVolatile, TIMELINE_KEY } from './fill.js'

const NODES = 3
const files = fileURLToPath(new URL('../../apps/console/dist', import.meta.url))

/** @typedef {{ what: string, isRedraw: boolean, scriptMs: number[], workMs: number[] }} Phase milliseconds of each frame */

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {{ fields: number, volatile: number, seconds: number }} size fields of the one hash, of all others together; how long each phase lasts
 * @param {(line: string) => void} say
 */
export async function watchExpiry(browser, { fields, volatile, seconds }, say) {
  const folder = execFileSync(process.execPath, [fileURLToPath(new URL('../../tools/valkey.js', import.meta.url))], {
    encoding: 'utf8'
  }).trim()
  const cluster = await startNodes(join(folder, 'valkey-server'), NODES, [])
  const api = startChild(new URL('../api/api-process.js', import.meta.url), { args: [files], execArgv: ['--expose-gc'] })
  try {
    say(`filling ${volatile.toLocaleString('en-US')} fields with a deadline`)
    await fillVolatile(cluster.nodes, volatile)
    await fillTimeline(cluster.nodes, fields)
    const { port } = await api.ask('start', cluster.nodes[0]?.port)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    const faults = /** @type {string[]} */ ([])
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(await api.ask('link'))
    await page.waitForURL(/\/clusters\//)
    const room = `http://127.0.0.1:${port}${new URL(page.url()).pathname.replace(/\/[^/]+$/, '/expiry')}`

    /** @type {Phase[]} */
    const phases = []
    const phase = async (/** @type {string} */ what, /** @type {() => Promise<unknown>} */ act, isRedraw = true) => {
      say(what)
      await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8'] })
      await page.evaluate(countFrames)
      await act()
      await page.evaluate(stopFrames)
      const { traceEvents } = JSON.parse(String(await browser.stopTracing()))
      phases.push({ what, isRedraw, scriptMs: scriptPerFrame(traceEvents), workMs: workPerFrame(traceEvents) })
    }

    await page.goto(room)
    const chart = page.getByRole('region', { name: 'What expires when' })
    await chart.locator('svg path').first().waitFor({ timeout: 60_000 })
    // The forecast is told anew with each round of the sample.
    await later(5_000)
    await phase('forecast, as the sample grows', () => later(seconds * 1_000))
    const told = Number(/of ([\d,]+) hashes/.exec((await chart.textContent()) ?? '')?.[1]?.replaceAll(',', ''))

    await page.goto(`${room}?db=0&key=${Buffer.from(TIMELINE_KEY).toString('base64url')}`)
    const timeline = page.getByRole('region', { name: `Fields of ${TIMELINE_KEY}` })
    const list = timeline.getByRole('list', { name: /^Fields by deadline/ })
    await list.getByRole('slider').first().waitFor({ timeout: 60_000 })
    const listed = Number(/(\d+)$/.exec((await list.getAttribute('aria-label')) ?? '')?.[1])
    await later(5_000)
    await phase('timeline, as its time goes by', () => later(seconds * 1_000))
    await phase('timeline, an end dragged', () => drag(page, list, seconds * 1_000))
    await phase('timeline, by the wheel', () => wheel(page, list, seconds * 1_000), false)
    await context.close()
    return { phases, listed, hashes: told, faults }
  } finally {
    await api.ask('close').catch(() => undefined)
    api.stop()
    await cluster.stop()
  }
}

/** To and fro along the axis; let go with Escape, so that nothing is staged. @param {import('@playwright/test').Page} page @param {import('@playwright/test').Locator} list @param {number} forMs */
async function drag(page, list, forMs) {
  const end = list.getByRole('slider').nth(2)
  const box = await end.boundingBox()
  const track = await list.locator('[data-track]').first().boundingBox()
  if (!box || !track) throw new Error('no end of a bar to drag')
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width / 2, y)
  await page.mouse.down()
  const from = performance.now()
  for (let now = from; now - from < forMs; now = performance.now()) {
    await page.mouse.move(track.x + track.width * (0.45 + 0.35 * Math.sin((now - from) / 500)), y)
    await later(16)
  }
  await page.keyboard.press('Escape')
  await page.mouse.up()
}

/** @param {import('@playwright/test').Page} page @param {import('@playwright/test').Locator} list @param {number} forMs */
async function wheel(page, list, forMs) {
  await list.hover()
  const from = performance.now()
  for (let turn = 0; performance.now() - from < forMs; turn++) {
    await page.mouse.wheel(0, turn % 40 < 30 ? 300 : -250)
    await later(16)
  }
}
