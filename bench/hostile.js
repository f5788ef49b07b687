// `pnpm bench hostile`: do people notice a thousand sockets that mean no good? Prints a table of figure, goal and verdict, writes it to
// RESULTS-hostile.md, and ends with code 1 when a goal is missed.
import { writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { setTimeout as later } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startChild } from './api/child.js'
import { apiProcess, percentile } from './api/measure.js'

const MIB = 1024 * 1024
const NODES = 60
const VIEWERS = 50
/** Sockets of one process. */
const PER_PROCESS = 500
const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '15' },
    'no-file': { type: 'boolean', default: false }
  }
})
const [sockets, seconds] = [Number(values.sockets), Number(values.seconds)]
if (!(sockets >= 1 && seconds >= 1)) {
  process.stderr.write('--sockets and --seconds must be numbers from 1\n')
  process.exit(2)
}
const startedAt = new Date()
const api = apiProcess()
const cluster = startChild(new URL('api/cluster-process.js', import.meta.url))
const calm = startChild(new URL('api/viewer-process.js', import.meta.url))
const crowds = Array.from({ length: Math.ceil(sockets / PER_PROCESS) }, () =>
  startChild(new URL('api/hostile-process.js', import.meta.url))
)

/** Frame delays of those who mean well, over so many seconds. */
const measured = async () => {
  await calm.ask('measure')
  await api.load()
  await later(seconds * 1_000)
  const { delaysMs, open } = await calm.ask('take')
  return { p99Ms: percentile(delaysMs, 0.99), p50Ms: percentile(delaysMs, 0.5), frames: delaysMs.length, open, load: await api.load() }
}
const links = async (/** @type {number} */ count) => {
  const made = []
  for (let index = 0; index < count; index++) made.push(await api.link())
  return made
}

try {
  const started = await cluster.ask('start', NODES)
  const { port } = await api.start(started.port)
  await calm.ask('open', { port, links: await links(1), count: VIEWERS, topics: ['core', 'slots:keys'], watcher: false })
  await cluster.ask('setChanging', true)
  await later(3_000)
  const before = await measured()
  const heapBefore = (await api.memory()).heapUsed
  for (const [order, crowd] of crowds.entries()) {
    const count = Math.min(PER_PROCESS, sockets - order * PER_PROCESS)
    await crowd.ask('attack', { port, links: await links(Math.ceil(count / 50)), count })
  }
  // The crowd comes in as fast as it is let in.
  for (let second = 0; second < 60; second++) {
    const opened = await Promise.all(crowds.map((crowd) => crowd.ask('opened')))
    if (opened.reduce((all, one) => all + one, 0) >= sockets) break
    await later(1_000)
  }
  const during = await measured()
  const memory = await api.memory()
  const told = await Promise.all(crowds.map((crowd) => crowd.ask('stop')))
  const sum = (/** @type {'opened' | 'closed' | 'refused'} */ what) => told.reduce((all, one) => all + one[what], 0)
  const rows = [
    ['frame delay of the others, p99', `${during.p99Ms} ms`, '< 250 ms', during.p99Ms < 250],
    ['the same without the crowd', `${before.p99Ms} ms`, '', null],
    ['frame delay of the others, median: without, with', `${before.p50Ms} ms, ${during.p50Ms} ms (${during.frames} frames)`, '', null],
    ['others still connected', `${during.open} of ${VIEWERS}`, 'all', during.open === VIEWERS],
    [
      'hostile sockets opened, closed, refused',
      `${sum('opened')}, ${sum('closed')}, ${sum('refused')}`,
      `>= ${sockets} opened`,
      sum('opened') >= sockets
    ],
    [
      'api heap after a collection: without, with',
      `${(heapBefore / MIB).toFixed(0)} MiB, ${(memory.heapUsed / MIB).toFixed(0)} MiB`,
      '',
      null
    ],
    ['api heap, most', `${(memory.most / MIB).toFixed(0)} MiB`, '<= 512 MiB', memory.most <= 512 * MIB],
    ['api, share of a core: without, with', `${percent(before.load.share)}, ${percent(during.load.share)}`, '', null],
    ['api, event loop late p99: without, with', `${before.load.loopP99Ms.toFixed(0)} ms, ${during.load.loopP99Ms.toFixed(0)} ms`, '', null]
  ]
  const table = [
    '| figure | measured | goal | verdict |',
    '|---|---|---|---|',
    ...rows.map(([what, figure, goal, met]) => `| ${what} | ${figure} | ${goal} | ${met === null ? '' : met ? 'met' : '**missed**'} |`)
  ].join('\n')
  process.stdout.write(`${table}\n`)
  process.stderr.write(`refused, by process: ${JSON.stringify(told.map(({ refusals }) => refusals))}\n`)
  if (!values['no-file']) {
    const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / MIB / 1024)} GiB, Node ${process.versions.node}`
    const head = `# The api among ${sockets} hostile sockets\n\n\`pnpm bench hostile --sockets ${sockets} --seconds ${seconds}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.\n${VIEWERS} viewers of a fake cluster of ${NODES} nodes that changes all the time; crowd, viewers, cluster and api share the machine.\n`
    writeFileSync(new URL('RESULTS-hostile.md', import.meta.url), `${head}\n${table}\n`)
  }
  process.exitCode = rows.some(([, , , met]) => met === false) ? 1 : 0
} finally {
  await api.close()
  for (const child of [cluster, calm, ...crowds]) child.stop()
}

/** @param {number} share */
function percent(share) {
  return `${Math.round(share * 100)} %`
}
