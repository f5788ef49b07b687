// The phases of the measurement: a first load over the real api, then a tab in front of a cluster of thousands of nodes.
import { execFileSync } from 'node:child_process'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { startApi } from '@slotscope/api'
import { startChild } from '../api/child.js'
import { countFrames, seenCells, stopFrames, untilUseful, watchCells } from './page-watch.js'
import { scriptPerFrame } from './trace.js'

const files = fileURLToPath(new URL('../../apps/console/dist', import.meta.url))
const viewport = { width: 1440, height: 900 }
/** Slots whose owner changes: all in one row of the map, so that one look at the canvas sees them all. */
const flipped = Array.from({ length: 12 }, (_, index) => 60 * 128 + 3 + index * 10)

/** Starts the browser that the journeys use. */
export function startBrowser() {
  const executablePath = execFileSync(process.execPath, [fileURLToPath(new URL('../../tools/chromium.js', import.meta.url))], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit']
  }).trim()
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args: ['--disable-gpu', '--disable-background-networking', ...sandbox] })
}

/**
 * A cold first load over the real api, on a cluster of six nodes: bytes as they are sent, and the time until map and lanes are there.
 *
 * @param {import('@playwright/test').Browser} browser
 * @param {number} times
 */
export async function firstLoads(browser, times) {
  const cluster = startChild(new URL('../api/cluster-process.js', import.meta.url))
  const { port } = await cluster.ask('start', 6)
  const seeds = [{ host: '127.0.0.1', port }]
  const clusters = [{ id: 'bench', name: 'bench', kind: /** @type {const} */ ('connected'), seeds }]
  const api = await startApi({ port: 0, consoleDir: files, clusters, logLevel: 'error' })
  try {
    const loggedIn = await browser.newContext()
    const door = await loggedIn.newPage()
    await door.goto(api.createLoginLink('operator'))
    await door.getByRole('region', { name: 'Shards' }).waitFor()
    const storageState = await loggedIn.storageState()
    await loggedIn.close()
    const usefulMs = []
    let bytes = { code: 0, fonts: 0 }
    for (let turn = 0; turn < times; turn++) {
      const context = await browser.newContext({ viewport, storageState })
      const page = await context.newPage()
      /** @type {Promise<void>[]} */
      const sizes = []
      bytes = { code: 0, fonts: 0 }
      page.on('requestfinished', (request) => {
        const kind = request.resourceType()
        const into = kind === 'script' || kind === 'stylesheet' ? 'code' : kind === 'font' ? 'fonts' : undefined
        if (into)
          sizes.push(
            request.sizes().then((size) => {
              bytes[into] += size.responseBodySize
            })
          )
      })
      await page.goto(`http://127.0.0.1:${api.port}/clusters/bench/slots`, { waitUntil: 'commit' })
      usefulMs.push(await page.evaluate(untilUseful))
      // What is loaded for the first screen, and nothing that a later press asks for.
      await page.waitForLoadState('networkidle')
      await Promise.all(sizes)
      await context.close()
    }
    return { usefulMs, bytes }
  } finally {
    await api.close()
    cluster.stop()
  }
}

/**
 * A tab in front of `nodes` nodes whose figures change every second.
 *
 * @param {import('@playwright/test').Browser} browser
 * @param {{ nodes: number, minutes: number }} size
 * @param {(line: string) => void} say
 */
export async function largeCluster(browser, { nodes, minutes }, say) {
  const stream = startChild(new URL('stream-process.js', import.meta.url))
  try {
    const { port } = await stream.ask('start', { nodes, files })
    const context = await browser.newContext({ viewport })
    const page = await context.newPage()
    const faults = /** @type {string[]} */ ([])
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(`http://127.0.0.1:${port}/clusters/bench/slots`, { waitUntil: 'commit' })
    const firstMs = await page.evaluate(untilUseful)
    const map = page.getByRole('application', { name: /^Slot map/ })
    await later(3_000)

    say('brushing')
    const brush = await traced(browser, page, () => brushFor(page, map, 6_000))
    say('dragging over the lanes to a target out of sight')
    const drag = await traced(browser, page, () => dragTo(page, map))

    say('owners change')
    await page.evaluate(watchCells, flipped)
    await stream.ask('flip', { slots: flipped, everyMs: 97 })
    await later(25_000)
    const sent = await stream.ask('stopFlips')
    await later(500)
    const pixelMs = delays(sent, await page.evaluate(seenCells))
    await page.reload({ waitUntil: 'commit' })
    await page.evaluate(untilUseful)

    say(`figures change every second for ${minutes} min`)
    const heap = []
    const cdp = await context.newCDPSession(page)
    for (const figure of ['Keys', 'CPU', 'Bytes in', 'Owner']) {
      await page.getByRole('radio', { name: figure }).click()
      await later((minutes * 60_000) / 4)
      await cdp.send('HeapProfiler.collectGarbage')
      heap.push((await cdp.send('Runtime.getHeapUsage')).usedSize)
    }
    await context.close()
    return { firstMs, brush, drag, pixelMs, heap, faults, changes: sent.length }
  } finally {
    stream.stop()
  }
}

/**
 * @template T
 * @param {import('@playwright/test').Browser} browser
 * @param {import('@playwright/test').Page} page
 * @param {() => Promise<T>} act
 */
async function traced(browser, page, act) {
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8'] })
  await page.evaluate(countFrames)
  const result = await act()
  const fps = await page.evaluate(stopFrames)
  const { traceEvents } = JSON.parse(String(await browser.stopTracing()))
  return { fps, scriptMs: scriptPerFrame(traceEvents), result }
}

/** Presses on the map and goes to and fro, as a hand that looks for the right range. @param {import('@playwright/test').Page} page @param {import('@playwright/test').Locator} map @param {number} forMs */
async function brushFor(page, map, forMs) {
  const box = await boxOf(map)
  await page.mouse.move(box.x + box.width * 0.1, box.y + box.height * 0.1)
  await page.mouse.down()
  const from = performance.now()
  for (let now = from; now - from < forMs; now = performance.now()) {
    const turn = (now - from) / 1_500
    await page.mouse.move(
      box.x + box.width * (0.5 + 0.45 * Math.sin(turn * 5)),
      box.y + box.height * (0.15 + 0.6 * Math.abs(Math.sin(turn)))
    )
    await later(4)
  }
  await page.mouse.up()
  await page.keyboard.press('Escape')
}

/**
 * Selects, lifts, wanders over the lanes, types the letter of a shard that is far out of sight, and drops on it.
 *
 * @param {import('@playwright/test').Page} page
 * @param {import('@playwright/test').Locator} map
 */
async function dragTo(page, map) {
  const box = await boxOf(map)
  const at = (/** @type {number} */ share) => ({ x: box.x + box.width / 2, y: box.y + box.height * share })
  const [from, to] = [at(0.1), at(0.14)]
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(to.x, to.y, { steps: 5 })
  await page.mouse.up()
  let actions = 0
  // 1: press and carry.
  await page.mouse.move(at(0.12).x, at(0.12).y)
  await page.mouse.down()
  actions++
  const lanes = await boxOf(page.locator('[data-lanes]'))
  const start = performance.now()
  for (let now = start; now - start < 5_000; now = performance.now()) {
    const turn = (now - start) / 1_000
    // Not near the edges, where the list scrolls: that would be another measurement.
    await page.mouse.move(
      lanes.x + lanes.width * (0.5 + 0.3 * Math.cos(turn * 3)),
      lanes.y + lanes.height * (0.5 + 0.35 * Math.sin(turn * 4))
    )
    await later(4)
  }
  // 2 and 3: the letter and the turn of the target.
  for (const key of ['Q', '3']) {
    await page.keyboard.press(key)
    actions++
  }
  const target = page
    .getByRole('region', { name: 'Targets' })
    .getByRole('listitem')
    .filter({ hasText: /^Q3(?!\d)/ })
  const goal = await boxOf(target.first())
  await page.mouse.move(goal.x + goal.width / 2, goal.y + goal.height / 2, { steps: 10 })
  // 4: let go.
  await page.mouse.up()
  actions++
  const plan = page.getByRole('article', { name: /^Plan: move \d[\d,]* slots to Q3$/ })
  await plan.waitFor({ timeout: 5_000 })
  await page.keyboard.press('Escape')
  return actions
}

/** @param {import('@playwright/test').Locator} locator */
async function boxOf(locator) {
  const box = await locator.boundingBox()
  if (!box) throw new Error(`${locator} is not on the screen`)
  return box
}

/**
 * From the moment that a frame is sent to the frame that shows it; a change that was never seen counts as an hour.
 *
 * @param {readonly { slot: number, sentAtMs: number }[]} sent
 * @param {readonly { slot: number, atMs: number }[]} seen
 */
function delays(sent, seen) {
  /** @type {Map<number, number[]>} */
  const bySlot = new Map()
  for (const { slot, atMs } of seen) bySlot.set(slot, [...(bySlot.get(slot) ?? []), atMs])
  return sent.map(({ slot, sentAtMs }) => (bySlot.get(slot)?.shift() ?? sentAtMs + 3_600_000) - sentAtMs)
}
