// `pnpm bench api`: is the api fit for a cluster of 2,000 nodes with 500 people at it? Prints a table of figure, goal and verdict,
// writes it to RESULTS-api.md, and ends with code 1 when a goal is missed.
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { apiProcess, measure } from './api/measure.js'
import { plain, row, tableOf } from './report/table.js'

const MIB = 1024 * 1024
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '2000' },
    viewers: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    'no-file': { type: 'boolean', default: false }
  }
})
const size = { nodes: countOf('nodes'), viewers: countOf('viewers'), seconds: countOf('seconds') }
const startedAt = new Date()
const say = (/** @type {string} */ line) =>
  process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

const found = await measure(apiProcess(), size, say)
const { memory, moves } = found
const rows = [
  row('api heap after a collection', memory.heapUsed / MIB, 'MiB', 512),
  row('api heap, most', memory.most / MIB, 'MiB', 512),
  plain('api resident memory', `${(memory.rss / MIB).toFixed(0)} MiB`),
  row('commands per node, idle', found.idleCommandsPerNode, '/s', 1),
  plain('commands of the node asked most, idle', `${found.idleMostCommands.toFixed(2)} /s`),
  plain('commands per node, changing', `${found.busyCommandsPerNode.toFixed(2)} /s`),
  row('bytes per viewer, idle', found.idleBytesPerViewer / 1024, 'KiB/s', 4),
  plain('bytes per viewer, changing', `${(found.busyBytesPerViewer / 1024).toFixed(1)} KiB/s`),
  row('new owner on the screen, slowest', moves.mostMs, 'ms', 1000),
  plain('new owner on the screen, median', `${moves.p50Ms} ms`),
  {
    what: 'new owners seen',
    figure: `${moves.seen} of ${moves.shown}`,
    goal: 'all, and some',
    met: moves.shown > 0 && moves.seen === moves.shown
  },
  row('frame delay of those who read, p99', found.frameP99Ms, 'ms', 250),
  plain('frame delay of those who read, median', `${found.frameP50Ms} ms (${found.frames.toLocaleString('en-US')} frames)`),
  plain('first whole picture', `${found.firstPictureMs} ms`),
  plain('api, share of a core: idle, changing', `${percent(found.idleLoad.share)}, ${percent(found.busyLoad.share)}`),
  plain('api, event loop late p99: idle, changing', `${found.idleLoad.loopP99Ms.toFixed(0)} ms, ${found.busyLoad.loopP99Ms.toFixed(0)} ms`)
]
const table = tableOf(rows)
process.stdout.write(`${table}\n`)
process.stderr.write(`commands idle: ${JSON.stringify(found.idleByName)}\ncommands changing: ${JSON.stringify(found.busyByName)}\n`)
if (!values['no-file']) {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / MIB / 1024)} GiB, Node ${process.versions.node}`
  const head = `# The api with ${size.nodes} nodes and ${size.viewers} viewers\n\n\`pnpm bench api --nodes ${size.nodes} --viewers ${size.viewers} --seconds ${size.seconds}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.\nFake cluster, api and viewers share the machine; a fifth of the viewers does not read while everything changes.\n`
  writeFileSync(new URL('RESULTS-api.md', import.meta.url), `${head}\n${table}\n`)
}
process.exit(rows.some((one) => one.met === false) ? 1 : 0)

/** @param {'nodes' | 'viewers' | 'seconds'} name */
function countOf(name) {
  const count = Number(values[name])
  if (Number.isInteger(count) && count >= 1) return count
  process.stderr.write(`--${name} must be a whole number from 1, not "${values[name]}"\n`)
  process.exit(2)
}

/** @param {number} share */
function percent(share) {
  return `${Math.round(share * 100)} %`
}
