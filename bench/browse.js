// `pnpm bench browse`: are a hash of 5,000,000 fields and a database of 10,000,000 keys browsed without the api growing or a node being
// held up? Prints a table of figure, goal and verdict, writes it to RESULTS-browse.md, and ends with code 1 when a goal is missed.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startChild } from './api/child.js'
import { measure } from './browse/measure.js'

const MIB = 1024 * 1024
const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '10000000' },
    fields: { type: 'string', default: '5000000' },
    'no-file': { type: 'boolean', default: false }
  }
})
const keys = Number(values.keys)
const fields = Number(values.fields)
if (!Number.isInteger(keys) || keys < 100 || keys % 100 !== 0 || !Number.isInteger(fields) || fields < 1) {
  process.stderr.write('--keys must be a multiple of 100, --fields a whole number from 1\n')
  process.exit(2)
}
const startedAt = new Date()
const say = (/** @type {string} */ line) =>
  process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

const apiChild = startChild(new URL('api/api-process.js', import.meta.url), { execArgv: ['--expose-gc'] })
const proberChild = startChild(new URL('browse/prober-process.js', import.meta.url))
const api = {
  start: (/** @type {number} */ port) => apiChild.ask('start', port),
  link: () => apiChild.ask('link'),
  memory: () => apiChild.ask('memory'),
  close: async () => {
    await apiChild.ask('close')
    apiChild.stop()
  }
}
const prober = { start: (/** @type {number[]} */ ports) => proberChild.ask('start', ports), take: () => proberChild.ask('take') }
const folder = execFileSync(process.execPath, [fileURLToPath(new URL('../tools/valkey.js', import.meta.url))], { encoding: 'utf8' }).trim()
const program = join(folder, 'valkey-server')
const found = await measure(program, { api, prober }, { keys, fields, warmUp: 200 }, say)
proberChild.stop()

const { before, after, slow, events, quiet, busy } = found
const ours = events.filter(({ event }) => event === 'command' || event === 'fast-command')
const grown = (after.mostRss - before.rss) / MIB
const slowestMs = (slow[0]?.us ?? 0) / 1_000
/** @type {[what: string, figure: string, goal: string, met: boolean | null][]} */
const rows = [
  [
    'keys found',
    `${found.scan.found.toLocaleString('en-US')} in ${found.scan.pages.toLocaleString('en-US')} pages`,
    keys.toLocaleString('en-US'),
    found.scan.found === keys
  ],
  [
    'fields found',
    `${found.walk.found.toLocaleString('en-US')} in ${found.walk.pages.toLocaleString('en-US')} pages`,
    fields.toLocaleString('en-US'),
    found.walk.found === fields
  ],
  ['looked at at random', `${found.random.toLocaleString('en-US')} rounds of 5 questions`, '', null],
  [
    'api resident memory, most, over before',
    `${grown.toFixed(1)} MiB (${(before.rss / MIB).toFixed(0)} to ${(after.mostRss / MIB).toFixed(0)})`,
    '<= 50 MiB',
    grown <= 50
  ],
  [
    'api heap after a collection, over before',
    `${((after.heapUsed - before.heapUsed) / MIB).toFixed(1)} MiB`,
    '<= 50 MiB',
    after.heapUsed - before.heapUsed <= 50 * MIB
  ],
  [
    'longest command of any node, by the node',
    `${slowestMs.toFixed(1)} ms${slow[0] ? ` (${slow[0].command})` : ''}`,
    '<= 10 ms',
    slowestMs <= 10
  ],
  [
    'commands on average',
    found.costs
      .filter(({ name }) => ['scan', 'hscan', 'hpexpiretime', 'memory|usage'].includes(name))
      .map(({ name, calls, meanUs }) => `${name} ${meanUs.toFixed(0)} us (${calls.toLocaleString('en-US')})`)
      .join(', '),
    '',
    null
  ],
  ['commands over 1 ms, of all nodes', String(slow.length), '', null],
  [
    'LATENCY events of commands over 10 ms',
    ours.map(({ event, mostMs }) => `${event} ${mostMs} ms`).join(', ') || 'none',
    'none',
    ours.length === 0
  ],
  [
    'other LATENCY events',
    events
      .filter((event) => !ours.includes(event))
      .map(({ event, mostMs }) => `${event} ${mostMs} ms`)
      .join(', ') || 'none',
    '',
    null
  ],
  ['PING by a prober, longest of each node, browsing', probed(busy), '', null],
  ['the same while nobody browses', probed(quiet), '', null],
  [
    'requests',
    `${found.requests.toLocaleString('en-US')} in ${found.seconds.toFixed(0)} s, slowest ${found.slowestMs.toFixed(0)} ms`,
    '',
    null
  ],
  ['filling', `${found.fillSeconds.toFixed(0)} s`, '', null]
]
const table = [
  '| figure | measured | goal | verdict |',
  '|---|---|---|---|',
  ...rows.map(([what, figure, goal, met]) => `| ${what} | ${figure} | ${goal} | ${met === null ? '' : met ? 'met' : '**missed**'} |`)
].join('\n')
process.stdout.write(`${table}\n`)
for (const { us, command } of slow.slice(0, 20)) process.stderr.write(`${(us / 1_000).toFixed(1).padStart(6)} ms  ${command}\n`)
if (!values['no-file']) {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / MIB / 1024)} GiB, Node ${process.versions.node}`
  const head = `# Browsing ${keys.toLocaleString('en-US')} keys and a hash of ${fields.toLocaleString('en-US')} fields\n\n\`pnpm bench browse --keys ${keys} --fields ${fields}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.\nThree primaries, api, prober and browsers share the machine; one person pages through all keys, one through all fields, one looks at random, and a console watches. The servers have the processor before all others, where that is allowed; the prober waits for it like everybody.\n`
  writeFileSync(new URL('RESULTS-browse.md', import.meta.url), `${head}\n${table}\n`)
}
process.exit(rows.some(([, , , met]) => met === false) ? 1 : 0)

/** @param {import('./browse/measure.js').Probed | undefined} one */
function probed(one) {
  return (one?.nodes ?? []).map(({ mostMs, p999Ms }) => `${mostMs.toFixed(1)} ms (p99.9 ${p999Ms.toFixed(1)})`).join(', ')
}
