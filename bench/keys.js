// `pnpm bench keys`: can a person list a million keys and scroll through them? A real cluster, a real Chromium. Prints a table of figure, goal
// and verdict, writes it to RESULTS-keys.md, and ends with code 1 when a goal is missed.
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { startBrowser } from './console/measure.js'
import { listKeys } from './keys/measure.js'
import { plain, row, tableOf } from './report/table.js'

const MIB = 1024 * 1024
const { values } = parseArgs({
  options: { keys: { type: 'string', default: '1000000' }, 'no-file': { type: 'boolean', default: false } }
})
const keys = Number(values.keys)
if (!Number.isInteger(keys) || keys < 1_000 || keys % 100 !== 0) {
  process.stderr.write('usage: pnpm bench keys [--keys N, a multiple of 100, at least 1000] [--no-file]\n')
  process.exit(2)
}
const startedAt = new Date()
const say = (/** @type {string} */ line) =>
  process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

const browser = await startBrowser()
const version = browser.version()
const found = await listKeys(browser, keys, say)
await browser.close()

const rows = [
  row('keys listed', found.listed, 'keys', keys, 'least'),
  row('commands of one page of keys', found.commandsOfPage, 'commands', 20),
  plain('time to list all of them', `${(found.loadedMs / 1_000).toFixed(1)} s`),
  row('tab heap with all of them', found.heap / MIB, 'MiB', 300),
  ...found.phases.flatMap(({ what, workMs, fps }) => [
    row(`${what}: most work in a frame`, Math.max(...workMs), 'ms (work)', 50),
    plain(`${what}: frames`, `${workMs.length}, ${fps.toFixed(0)} a second`)
  ]),
  row('errors of the page', found.faults.length, 'errors', 0)
]
const table = tableOf(rows)
process.stdout.write(`${table}\n`)
for (const fault of found.faults) process.stderr.write(`the page threw: ${fault}\n`)
if (!values['no-file']) {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / MIB / 1024)} GiB, Node ${process.versions.node}, Chromium ${version} without a graphics card`
  const head = `# ${keys.toLocaleString('en-US')} keys in the console\n\n\`pnpm bench keys --keys ${keys}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.\nThree real primaries, the api and the browser share the machine. Work is processor time of the page's main thread between two frames.\nLoad of the machine at the end, by all that ran on it: ${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors; frames a second count only where that is small.\n`
  writeFileSync(new URL('RESULTS-keys.md', import.meta.url), `${head}\n${table}\n`)
}
process.exit(rows.some((one) => one.met === false) ? 1 : 0)
