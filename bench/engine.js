// `pnpm bench engine`: one node of the engine beside valkey-server, in one interleaved run. Prints a table of ratios with the target and the
// floor of each, writes it to RESULTS-engine.md, and ends with code 1 when a floor is missed.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { provideValkey } from '../tools/valkey.js'
import { allocations } from './engine/allocation.js'
import { loads } from './engine/loads.js'
import { fill, memoryPer, mustAnswerAlike, reclaimed, timed } from './engine/measure.js'
import { Server } from './engine/server.js'

/** @typedef {import('./engine/measure.js').Timing} Timing */
/** @typedef {{ what: string, valkey: string, engine: string, figure: string, target: string, floor: string, verdict: string }} Row */
/** @typedef {{ target: number, floor: number, bound: 'most' | 'least' }} Goal */

const GIB = 1024 ** 3
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    keys: { type: 'string', default: '100000' },
    items: { type: 'string', default: '1000000' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    'no-memory': { type: 'boolean', default: false },
    'no-replica': { type: 'boolean', default: false },
    'no-file': { type: 'boolean', default: false }
  }
})
const [rounds, keys, items, scale] = [Number(values.rounds), Number(values.keys), Number(values.items), Number(values.scale)]
if (![rounds, keys, items].every((one) => Number.isInteger(one) && one >= 1) || !(scale > 0)) {
  process.stderr.write('--rounds, --keys and --items must be whole numbers from 1, --scale a number above 0\n')
  process.exit(2)
}
const wanted = values.only === '' ? loads : loads.filter(({ name }) => values.only.toUpperCase().split(',').includes(name.toUpperCase()))
const startedAt = new Date()
const say = (/** @type {string} */ line) =>
  process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

const folder = await provideValkey()
const pinned = cpus().length > 1 && hasTaskset()
const options = { replica: !values['no-replica'], pinned }
const valkey = await Server.start('valkey', folder, options)
const engine = await Server.start('engine', folder, options)
/** @type {Row[]} */
const rows = []
/** Requests per second of the engine, by load and pipeline. @type {Map<string, number>} */
const perSecond = new Map()
try {
  await mustAnswerAlike([valkey, engine])
  say('both answer alike')
  for (const server of [valkey, engine]) {
    await fill(server, keys, (index) => ['SET', `key:${String(index).padStart(12, '0')}`, 'xxx'])
    await fill(server, keys, (index) => ['HSET', 'hash', `field:${String(index).padStart(12, '0')}`, 'xxx'])
    await fill(server, keys, (index) => ['HSET', 'volatile', `field:${String(index).padStart(12, '0')}`, 'xxx'])
  }
  for (const load of wanted)
    for (const pipeline of [1, 16, 64]) {
      const requests = Math.round(((pipeline === 1 ? 60_000 : pipeline === 16 ? 300_000 : 500_000) * scale) / load.perRequest)
      const rivals = await interleaved(() => ({ words: load.words(keys), pipeline, requests, keys, pinned }))
      const [target, floor] = [load.target[pipeline], load.floor[pipeline]]
      rateRow(`${load.name}, pipeline ${pipeline}`, rivals, target && floor ? { target, floor, bound: 'least' } : undefined)
      if (pipeline === 1 && target) processorRow(load.name, rivals)
      if (load.name === 'GET' && pipeline === 64) latencyRow(rivals)
      perSecond.set(`${load.name} ${pipeline}`, median(rivals.map((pair) => pair.engine.rps)))
    }
  for (const pipeline of [16, 64]) {
    within('HSETEX', 'HSET', pipeline, { target: 0.85, floor: 0.6, bound: 'least' })
    within('HGET of volatile fields', 'HGET', pipeline, { target: 0.98, floor: 0.95, bound: 'least' })
  }
  if (values.only === '') await fifthDatabase()
} finally {
  valkey.stop()
  engine.stop()
}
if (!values['no-memory']) await memory()
/** @type {import('./engine/allocation.js').Allocation[]} */
const allocated = []
await allocations(folder, wanted, { ...options, keys }, (one) => {
  allocated.push(one)
  say(`${one.name}, pipeline 64: ${one.bytes.toFixed(0)} B allocated for each`)
})
report()

/** Pairs of runs, whose order changes from round to round. @param {() => Parameters<typeof timed>[2]} load */
async function interleaved(load) {
  /** @type {{ valkey: Timing, engine: Timing }[]} */
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [valkey, engine] : [engine, valkey]
    /** @type {Partial<Record<'valkey' | 'engine', Timing>>} */
    const pair = {}
    for (const server of order) pair[server.kind] = await timed(folder, server, load())
    pairs.push(/** @type {{ valkey: Timing, engine: Timing }} */ (pair))
  }
  return pairs
}

/** @param {string} what @param {{ valkey: Timing, engine: Timing }[]} pairs @param {Goal | undefined} goal */
function rateRow(what, pairs, goal) {
  const ratio = median(pairs.map((pair) => pair.engine.rps / pair.valkey.rps))
  const words = (/** @type {'valkey' | 'engine'} */ kind) =>
    `${Math.round(median(pairs.map((pair) => pair[kind].rps)) / 1_000)} k/s, ${median(pairs.map((pair) => pair[kind].us)).toFixed(2)} us`
  push({ what, valkey: words('valkey'), engine: words('engine') }, ratio, goal)
}

/** Processor time per request. @param {string} what @param {{ valkey: Timing, engine: Timing }[]} pairs */
function processorRow(what, pairs) {
  const of = (/** @type {'valkey' | 'engine'} */ kind) => median(pairs.map((pair) => pair[kind].us))
  const words = { valkey: `${of('valkey').toFixed(2)} us`, engine: `${of('engine').toFixed(2)} us` }
  const ratio = median(pairs.map((pair) => pair.engine.us / pair.valkey.us))
  push({ what: `${what}, pipeline 1: processor`, ...words }, ratio, { target: 1.1, floor: 1.2, bound: 'most' })
}

/** One load of the engine against another one of it. @param {string} what @param {string} than @param {number} pipeline @param {Goal} goal */
function within(what, than, pipeline, goal) {
  const [one, other] = [perSecond.get(`${what} ${pipeline}`), perSecond.get(`${than} ${pipeline}`)]
  if (one && other) push({ what: `${what} against ${than}, pipeline ${pipeline}`, valkey: '', engine: '' }, one / other, goal)
}

/** @param {{ valkey: Timing, engine: Timing }[]} pairs */
function latencyRow(pairs) {
  const of = (/** @type {'valkey' | 'engine'} */ kind) => median(pairs.map((pair) => pair[kind].p99Ms))
  const words = { valkey: `${of('valkey').toFixed(1)} ms`, engine: `${of('engine').toFixed(1)} ms` }
  const ratio = median(pairs.map((pair) => pair.engine.p99Ms / pair.valkey.p99Ms))
  push({ what: 'GET, pipeline 64: p99', ...words }, ratio, { target: 1.3, floor: 2, bound: 'most' })
}

/** Database 5 against database 0, of the engine alone. */
async function fifthDatabase() {
  await fill(engine, 1, () => ['PING'])
  const ratios = []
  for (let round = 0; round < rounds; round++) {
    const figures = []
    for (const database of round % 2 === 0 ? [0, 5] : [5, 0])
      figures[database] = await timed(folder, engine, {
        words: ['set', 'key:__rand_int__', 'xxx'],
        pipeline: 16,
        requests: Math.round(300_000 * scale),
        keys,
        database,
        pinned
      })
    ratios.push(Number(figures[5]?.rps) / Number(figures[0]?.rps))
  }
  const goal = /** @type {const} */ ({ target: 1, floor: 0.97, bound: 'least' })
  push({ what: 'SET in database 5 against 0, pipeline 16', valkey: '', engine: '' }, median(ratios), goal)
}

async function memory() {
  const one = (/** @type {number} */ index) => String(index).padStart(12, '0')
  await perItem('a string of 3 bytes under a key of 16', (server) => fill(server, items, (index) => ['SET', `key:${one(index)}`, 'xxx']))
  const plain = await perItem('a field of one hash', (server) => fill(server, items, (index) => ['HSET', 'h', `fld:${one(index)}`, 'xxx']))
  const timed = await perItem('the same with a deadline of its own', (server) =>
    fill(server, items, (index) => ['HSETEX', 'h', 'EX', 100_000 + (index % 99_000), 'FIELDS', 1, `fld:${one(index)}`, 'xxx'])
  )
  inBytes('memory of the deadline of a field', timed - plain, { target: 16, floor: 25, bound: 'most' })
  await perItem('a field of hashes of 100', (server) =>
    fill(server, items, (index) => ['HSET', `h:${Math.floor(index / 100)}`, `fld:${one(index)}`, 'xxx'])
  )
  const small = await perItem('the same with deadlines', (server) =>
    fill(server, items, (index) => ['HSETEX', `h:${Math.floor(index / 100)}`, 'EX', 100_000, 'FIELDS', 1, `fld:${one(index)}`, 'xxx'])
  )
  inBytes('memory of a field with a deadline in a hash of 100', small, { target: 45, floor: 74, bound: 'most' })
  const theirs = await onFresh('valkey', (server) => reclaimed(server, items))
  const ours = await onFresh('engine', (server) => reclaimed(server, items))
  const words = (/** @type {{ perSecond: number, share: number }} */ one) =>
    `${Math.round(one.perSecond / 1_000)} k/s at ${Math.round(one.share * 100)} % of a core`
  const row = { what: 'expired fields reclaimed', valkey: words(theirs), engine: words(ours) }
  push(row, ours.perSecond / theirs.perSecond, { target: 1, floor: 0.5, bound: 'least' })
}

/**
 * What a server takes depends on what it held before: each figure is of one that has just begun.
 *
 * @template T
 * @param {import('./engine/server.js').Kind} kind
 * @param {(server: Server) => Promise<T>} measure
 */
async function onFresh(kind, measure) {
  const server = await Server.start(kind, folder, options)
  try {
    return await measure(server)
  } finally {
    server.stop()
  }
}

/** Bytes that one takes in the engine. @param {string} what @param {(server: Server) => Promise<unknown>} filling */
async function perItem(what, filling) {
  const theirs = await onFresh('valkey', (server) => memoryPer(server, items, () => filling(server)))
  const ours = await onFresh('engine', (server) => memoryPer(server, items, () => filling(server)))
  const words = (/** @type {{ resident: number, used: number }} */ one) => `${one.resident.toFixed(1)} B (counted ${one.used.toFixed(1)})`
  const row = { what: `memory of ${what}`, valkey: words(theirs), engine: words(ours) }
  push(row, ours.resident / theirs.resident, { target: 0.75, floor: 1, bound: 'most' })
  return ours.resident
}

/** @param {string} what @param {number} bytes @param {Goal} goal */
function inBytes(what, bytes, goal) {
  push({ what, valkey: '', engine: '' }, bytes, goal, ' B')
}

/** @param {Pick<Row, 'what' | 'valkey' | 'engine'>} row @param {number} figure @param {Goal | undefined} goal undefined: it is shown for its own sake */
function push(row, figure, goal, unit = '') {
  const shown = unit === '' ? figure.toFixed(2) : `${figure.toFixed(1)}${unit}`
  const meets = (/** @type {number} */ limit) => (goal?.bound === 'least' ? figure >= limit : figure <= limit)
  const words = (/** @type {number} */ limit) => `${goal?.bound === 'least' ? '>=' : '<='} ${limit}${unit}`
  const verdict = !goal ? '' : meets(goal.target) ? 'target' : meets(goal.floor) ? 'floor' : '**missed**'
  rows.push({ ...row, figure: shown, target: goal ? words(goal.target) : '', floor: goal ? words(goal.floor) : '', verdict })
  say(`${row.what}: ${shown} (${row.valkey} | ${row.engine}) ${verdict}`)
}

function report() {
  const table = [
    '| | valkey-server | engine | ratio or figure | target | floor | reached |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${[row.what, row.valkey, row.engine, row.figure, row.target, row.floor, row.verdict].join(' | ')} |`)
  ].join('\n')
  const heap = [
    'What a command allocates, by the functions that allocate most, at pipeline 64: a sampled profile of the heap. `meter` reads the clock.',
    '',
    '| | bytes for each | most of it |',
    '|---|---|---|',
    ...allocated.map(({ name, bytes, most }) => {
      const parts = most.map(([one, size]) => `${one} ${size.toFixed(0)}`).join(', ')
      return `| ${name} | ${bytes.toFixed(0)} | ${parts} |`
    })
  ].join('\n')
  process.stdout.write(`${table}\n\n${heap}\n`)
  if (!values['no-file']) {
    const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / GIB)} GiB, Node ${process.versions.node}`
    const head = [
      '# The engine beside valkey-server',
      '',
      `\`pnpm bench engine --rounds ${rounds} --keys ${keys} --items ${items} --scale ${scale}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.`,
      `One node each with all slots and ${options.replica ? 'one replica' : 'no replica'}, one thread, loopback, values of 3 bytes, 50 connections of valkey-benchmark;`,
      `${pinned ? 'server on one processor, client on the other' : 'not pinned to processors'}. Ratios are medians over pairs of runs whose order alternates; us: processor time`,
      `of the server per request. Load of the machine at the end, by all that ran on it: ${loadavg()[0]?.toFixed(1)}.`
    ].join('\n')
    writeFileSync(new URL('RESULTS-engine.md', import.meta.url), `${head}\n\n${table}\n\n${heap}\n`)
  }
  process.exitCode = rows.some(({ verdict }) => verdict === '**missed**') ? 1 : 0
}

/** @param {readonly number[]} figures */
function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b)
  return /** @type {number} */ (sorted[Math.floor(sorted.length / 2)])
}

function hasTaskset() {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
