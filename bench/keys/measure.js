// A real cluster with a database of many keys, and the console in a real Chromium that lists all of them and scrolls.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startChild } from '../api/child.js'
import { fillKeys } from '../browse/fill.js'
import { startNodes } from '../browse/valkey-nodes.js'
import { countFrames, stopFrames } from '../console/page-watch.js'
import { workPerFrame } from '../console/trace.js'

const NODES = 3
const files = fileURLToPath(new URL('../../apps/console/dist', import.meta.url))

/** @typedef {{ what: string, workMs: number[], fps: number }} Phase */

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {number} keys a multiple of 100
 * @param {(line: string) => void} say
 */
export async function listKeys(browser, keys, say) {
  const folder = execFileSync(process.execPath, [fileURLToPath(new URL('../../tools/valkey.js', import.meta.url))], {
    encoding: 'utf8'
  }).trim()
  const cluster = await startNodes(join(folder, 'valkey-server'), NODES, [])
  const api = startChild(new URL('../api/api-process.js', import.meta.url), { args: [files], execArgv: ['--expose-gc'] })
  try {
    say(`filling ${keys.toLocaleString('en-US')} keys`)
    await fillKeys(cluster.nodes, keys)
    const { port } = await api.ask('start', cluster.nodes[0]?.port)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    const faults = /** @type {string[]} */ ([])
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(await api.ask('link'))
    await page.waitForURL(/\/clusters\//)
    await page.goto(`http://127.0.0.1:${port}${new URL(page.url()).pathname.replace(/\/[^/]+$/, '/databases')}?db=0`)

    const panel = page.getByRole('region', { name: 'db0 on all shards' })
    const sent = async () => Number(/([\d,]+) commands? sent/.exec((await panel.textContent()) ?? '')?.[1]?.replaceAll(',', ''))
    await panel.getByRole('button', { name: 'Scan', exact: true }).click()
    await panel.getByRole('button', { name: 'Scan more' }).waitFor()
    // Size and expiry of the rows in sight are asked for as well: when they are there the figure stands still.
    const first = await settled(sent)
    await panel.getByRole('button', { name: 'Scan more' }).click()
    await panel.getByRole('button', { name: 'Scan more' }).waitFor()
    const commandsOfPage = (await settled(sent)) - first

    /** @type {Phase[]} */
    const phases = []
    const phase = async (/** @type {string} */ what, /** @type {() => Promise<unknown>} */ act) => {
      say(what)
      await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] })
      await page.evaluate(countFrames)
      await act()
      const fps = await page.evaluate(stopFrames)
      const { traceEvents } = JSON.parse(String(await browser.stopTracing()))
      phases.push({ what, workMs: workPerFrame(traceEvents), fps })
    }
    const rows = panel.getByRole('listbox', { name: /^Keys/ })
    const startedAt = performance.now()
    await panel.getByRole('button', { name: 'Scan all' }).click()
    await phase('scrolling while keys come in', () => wheel(page, rows, 8_000))
    await panel.getByRole('button', { name: 'Complete' }).waitFor({ timeout: 600_000 })
    const loadedMs = performance.now() - startedAt
    const listed = Number(/([\d,]+) listed/.exec((await rows.getAttribute('aria-label')) ?? '')?.[1]?.replaceAll(',', ''))
    const cdp = await context.newCDPSession(page)
    await cdp.send('HeapProfiler.collectGarbage')
    const used = await cdp.send('Runtime.getHeapUsage')
    // The keys themselves lie in arrays that are not counted as objects.
    const heap = used.usedSize + used.backingStorageSize

    await phase('list: by wheel', () => wheel(page, rows, 6_000))
    await phase('list: by the bar, to and fro', () => bar(page, rows, 6_000))
    await phase('list: by Page Down, End and Home', () => keysDown(page, rows))
    const tree = panel.getByRole('tree', { name: /^Keys/ })
    await phase('the tree of them is made', async () => {
      await panel.getByRole('radio', { name: 'Tree' }).click()
      await tree
        .getByRole('treeitem')
        .filter({ hasText: `${keys.toLocaleString('en-US')} keys` })
        .waitFor({ timeout: 120_000 })
    })
    // A delimiter that stands in no name: as many lines as keys.
    await panel.getByLabel('Delimiter of the tree').fill('/')
    await tree.getByRole('treeitem').filter({ hasText: 'session:' }).first().waitFor({ timeout: 120_000 })
    await phase('tree of as many lines: by wheel', () => wheel(page, tree, 6_000))
    await phase('tree of as many lines: by the bar', () => bar(page, tree, 6_000))
    await context.close()
    return { phases, loadedMs, listed, heap, commandsOfPage, faults }
  } finally {
    await api.ask('close').catch(() => undefined)
    api.stop()
    await cluster.stop()
  }
}

/** The figure when it has not changed for a second. @param {() => Promise<number>} read */
async function settled(read) {
  for (let held = await read(); ; ) {
    await later(1_000)
    const now = await read()
    if (now === held) return now
    held = now
  }
}

/** A hand on the wheel, down and sometimes up. @param {import('@playwright/test').Page} page @param {import('@playwright/test').Locator} list @param {number} forMs */
async function wheel(page, list, forMs) {
  await list.hover()
  const from = performance.now()
  for (let turn = 0; performance.now() - from < forMs; turn++) {
    await page.mouse.wheel(0, turn % 40 < 30 ? 400 : -300)
    await later(16)
  }
}

/** The bar drawn from one end to the other and back, each frame at another place. @param {import('@playwright/test').Page} page @param {import('@playwright/test').Locator} list @param {number} forMs */
async function bar(page, list, forMs) {
  await list.evaluate(async (element, ms) => {
    const from = performance.now()
    for (let now = from; now - from < ms; now = performance.now()) {
      element.scrollTop = (0.5 - 0.5 * Math.cos((now - from) / 700)) * (element.scrollHeight - element.clientHeight)
      await new Promise(requestAnimationFrame)
    }
  }, forMs)
  await page.evaluate(() => new Promise(requestAnimationFrame))
}

/** @param {import('@playwright/test').Page} page @param {import('@playwright/test').Locator} list */
async function keysDown(page, list) {
  await list.focus()
  for (let turn = 0; turn < 60; turn++) {
    await page.keyboard.press(turn % 20 === 10 ? 'End' : turn % 20 === 15 ? 'Home' : 'PageDown')
    await later(50)
  }
}
