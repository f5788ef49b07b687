// `pnpm bench console`: is the console fit for a cluster of 2,000 nodes, and is it there at once? A real Chromium, with input through its own
// pipeline. Prints a table of figure, goal and verdict, writes it to RESULTS-console.md, and ends with code 1 when a goal is missed.
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { firstLoads, largeCluster, startBrowser } from './console/measure.js'
import { plain, row, tableOf } from './report/table.js'

const MIB = 1024 * 1024
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '2' },
    loads: { type: 'string', default: '7' },
    'no-file': { type: 'boolean', default: false }
  }
})
const [nodes, minutes, loads] = [Number(values.nodes), Number(values.minutes), Number(values.loads)]
if (!(nodes >= 200 && minutes > 0 && loads >= 1)) {
  process.stderr.write('usage: pnpm bench console [--nodes N, at least 200] [--minutes N] [--loads N] [--no-file]\n')
  process.exit(2)
}
const startedAt = new Date()
const say = (/** @type {string} */ line) =>
  process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

const browser = await startBrowser()
say('first loads')
const first = await firstLoads(browser, loads)
const large = await largeCluster(browser, { nodes, minutes }, say)
const version = browser.version()
await browser.close()

/** @param {readonly number[]} list @param {number} share */
const at = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN
const { brush, drag, pixelMs, heap } = large
const rows = [
  row('script and style of a first load, as sent', first.bytes.code / 1_000, 'kB', 180),
  plain('fonts of a first load', `${(first.bytes.fonts / 1_000).toFixed(0)} kB`),
  row('first useful screen, cold, median', at(first.usefulMs, 0.5), 'ms', 500),
  plain('first useful screen, cold, slowest', `${at(first.usefulMs, 1).toFixed(0)} ms of ${loads} loads`),
  plain(`first useful screen of ${nodes} nodes`, `${large.firstMs.toFixed(0)} ms`),
  row('brushing: script per frame, p95', at(brush.scriptMs, 0.95), 'ms (script)', 4),
  plain('brushing: script per frame, median', `${at(brush.scriptMs, 0.5).toFixed(2)} ms of ${brush.scriptMs.length} frames`),
  row('brushing: frames per second', brush.fps, 'fps', 55, 'least'),
  row('dragging: script per frame, p95', at(drag.scriptMs, 0.95), 'ms (script)', 4),
  plain('dragging: script per frame, median', `${at(drag.scriptMs, 0.5).toFixed(2)} ms of ${drag.scriptMs.length} frames`),
  row('dragging: frames per second', drag.fps, 'fps', 55, 'least'),
  row('to a target out of sight', drag.result, 'actions', 4),
  row('event to pixel, p99', at(pixelMs, 0.99), 'ms', 100),
  plain('event to pixel, median', `${at(pixelMs, 0.5).toFixed(0)} ms of ${large.changes} changes of owner`),
  row(`tab heap after ${minutes} min, most`, Math.max(...heap) / MIB, 'MiB', 300),
  plain('tab heap by figure shown: keys, cpu, bytes in, owner', `${heap.map((size) => (size / MIB).toFixed(0)).join(', ')} MiB`),
  row('errors of the page', large.faults.length, 'errors', 0)
]
const table = tableOf(rows)
process.stdout.write(`${table}\n`)
for (const fault of large.faults) process.stderr.write(`the page threw: ${fault}\n`)
if (!values['no-file']) {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / MIB / 1024)} GiB, Node ${process.versions.node}, Chromium ${version} without a graphics card`
  const head = `# The console with ${nodes} nodes\n\n\`pnpm bench console --nodes ${nodes} --minutes ${minutes}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.\nFirst loads go over the real api and a cluster of six nodes, each with an empty cache. The rest is a stream of our own: ${nodes} nodes, every second the figures of\nall 16,384 slots and of all shards change. Script is processor time of the page's main thread between two frames.\nLoad of the machine at the end, by all that ran on it: ${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors; times of the wall count only where that is small.\n`
  writeFileSync(new URL('RESULTS-console.md', import.meta.url), `${head}\n${table}\n`)
}
process.exit(rows.some((one) => one.met === false) ? 1 : 0)
