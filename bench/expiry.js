// `pnpm bench expiry`: what does it cost to redraw the timeline of a hash of 1,000 fields, and the forecast over 1,000,000 fields with a
// deadline? A real cluster, a real Chromium. Prints a table of figure, goal and verdict, writes it to RESULTS-expiry.md, and ends with code 1
// when a goal is missed.
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { startBrowser } from './console/measure.js'
import { watchExpiry } from './expiry/measure.js'
import { plain, row, tableOf } from './report/table.js'

const REDRAW_MS = 8
const { values } = parseArgs({
  options: {
    fields: { type: 'string', default: '1000' },
    volatile: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '20' },
    'no-file': { type: 'boolean', default: false }
  }
})
const [fields, volatile, seconds] = [Number(values.fields), Number(values.volatile), Number(values.seconds)]
if (![fields, volatile, seconds].every((one) => Number.isInteger(one) && one > 0) || volatile % 500 !== 0) {
  process.stderr.write('usage: pnpm bench expiry [--fields N] [--volatile N, a multiple of 500] [--seconds N, of each phase] [--no-file]\n')
  process.exit(2)
}
const startedAt = new Date()
const say = (/** @type {string} */ line) =>
  process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

const browser = await startBrowser()
const version = browser.version()
const found = await watchExpiry(browser, { fields, volatile, seconds }, say)
await browser.close()

/** A frame in which nothing was drawn anew has next to no script. */
const DRAWN_MS = 0.5
const rows = [
  row('fields on the timeline', found.listed, 'fields', fields, 'least'),
  row('hashes that the forecast stands for', found.hashes, 'hashes', volatile / 10, 'least'),
  ...found.phases.flatMap(({ what, isRedraw, scriptMs, workMs }) => {
    const drawn = scriptMs.filter((ms) => ms >= DRAWN_MS).sort((a, b) => a - b)
    const at = (/** @type {number} */ share) => drawn[Math.min(drawn.length - 1, Math.floor(drawn.length * share))] ?? 0
    return [
      // Scrolling makes rows anew: no redraw of what stands.
      isRedraw
        ? row(`${what}: script of a redraw, p99`, at(0.99), 'ms (script)', REDRAW_MS)
        : plain(`${what}: script of a frame, p99`, `${at(0.99).toFixed(1)} ms`),
      plain(`${what}: half of them, and the worst`, `${at(0.5).toFixed(1)} ms, ${at(1).toFixed(1)} ms of ${drawn.length}`),
      plain(`${what}: with style, layout and paint, worst`, `${Math.max(...workMs).toFixed(1)} ms`)
    ]
  }),
  row('errors of the page', found.faults.length, 'errors', 0)
]
const table = tableOf(rows)
process.stdout.write(`${table}\n`)
for (const fault of found.faults) process.stderr.write(`the page threw: ${fault}\n`)
if (!values['no-file']) {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, Chromium ${version} without a graphics card`
  const head = `# What a redraw of the Expiry room costs\n\n\`pnpm bench expiry --fields ${fields} --volatile ${volatile} --seconds ${seconds}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.\nThree real primaries, the api and the browser share the machine. Script and work are processor time of the page's main thread in one frame; a redraw\nis a frame with at least ${DRAWN_MS} ms of script.\nLoad of the machine at the end, by all that ran on it: ${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors.\n`
  writeFileSync(new URL('RESULTS-expiry.md', import.meta.url), `${head}\n${table}\n`)
}
process.exit(rows.some((one) => one.met === false) ? 1 : 0)
