// Fake cluster, api and viewers together, through the phases of the measurement.
import { setTimeout as later } from 'node:timers/promises'
import { startChild } from './child.js'

/**
 * @typedef {object} ApiUnderTest
 * @property {(seedPort: number) => Promise<{ port: number }>} start
 * @property {() => Promise<string>} link one-use, for a viewer
 * @property {() => Promise<{ heapUsed: number, most: number, rss: number }>} memory after a collection; `most`: the peak before it
 * @property {() => Promise<{ share: number, loopP99Ms: number }>} load
 * @property {() => Promise<unknown>} close
 */

/** @typedef {{ nodes: number, viewers: number, seconds: number }} Size */

const TOPICS = ['core', 'slots:keys']
const STALLED = 0.2
const PER_SESSION = 50
/** Viewers of one process: two processes keep up with 500. */
const PER_PROCESS = 250

/** The api as a process of its own. */
export function apiProcess() {
  const child = startChild(new URL('api-process.js', import.meta.url), { execArgv: ['--expose-gc'] })
  return {
    start: (/** @type {number} */ seedPort) => child.ask('start', seedPort),
    link: () => child.ask('link'),
    memory: () => child.ask('memory'),
    load: () => child.ask('load'),
    close: async () => {
      await child.ask('close')
      child.stop()
    }
  }
}

/**
 * @param {ApiUnderTest} api
 * @param {Size} size
 * @param {(line: string) => void} say
 */
export async function measure(api, { nodes, viewers, seconds }, say) {
  const cluster = startChild(new URL('cluster-process.js', import.meta.url))
  const crowds = Array.from({ length: Math.ceil(viewers / PER_PROCESS) }, () => startChild(new URL('viewer-process.js', import.meta.url)))
  const watcher = startChild(new URL('viewer-process.js', import.meta.url))
  try {
    say(`starting a fake cluster of ${nodes} nodes`)
    const started = await cluster.ask('start', nodes)
    const startedAtMs = Date.now()
    const { port } = await api.start(started.port)
    await watcher.ask('open', { port, links: [await api.link()], count: 1, topics: TOPICS, watcher: true })
    await until(60_000, `all ${started.nodes} nodes on the screen's data`, async () => (await watcher.ask('nodes')) === started.nodes)
    const firstPictureMs = Date.now() - startedAtMs

    say(`first picture after ${firstPictureMs} ms; ${viewers} viewers join`)
    await Promise.all(
      crowds.map(async (crowd, order) => {
        const count = Math.min(PER_PROCESS, viewers - order * PER_PROCESS)
        const links = []
        for (let i = 0; i < count; i += PER_SESSION) links.push(await api.link())
        await crowd.ask('open', { port, links, count, topics: TOPICS, watcher: false })
      })
    )
    // What a watch begins with (identity, prices of commands) is no idle load.
    await later(Math.min(8_000, seconds * 400))

    say(`idle for ${seconds} s`)
    await cluster.ask('takeCounts')
    await api.load()
    await Promise.all(crowds.map((crowd) => crowd.ask('measure')))
    await later(seconds * 1_000)
    const idle = together(await Promise.all(crowds.map((crowd) => crowd.ask('take'))))
    const idleCommands = await cluster.ask('takeCounts')
    const idleLoad = await api.load()

    say(`owners, figures and jobs change for ${seconds} s, ${STALLED * 100} % of the viewers do not read`)
    await cluster.ask('setChanging', true)
    await Promise.all(
      crowds.map((crowd, order) => crowd.ask('stall', Math.round(Math.min(PER_PROCESS, viewers - order * PER_PROCESS) * STALLED)))
    )
    await Promise.all(crowds.map((crowd) => crowd.ask('measure')))
    await later(seconds * 1_000)
    const busy = together(await Promise.all(crowds.map((crowd) => crowd.ask('take'))))
    const busyCommands = await cluster.ask('takeCounts')
    const busyLoad = await api.load()
    const memory = await api.memory()
    await cluster.ask('setChanging', false)
    // What was shown in the last moment has its second too.
    await later(1_500)
    const moves = ownershipDelays(await cluster.ask('moves'), await watcher.ask('seen'))
    const readers = viewers - Math.round(viewers * STALLED)
    return {
      firstPictureMs,
      idleCommandsPerNode: idleCommands.total / started.nodes / seconds,
      idleMostCommands: idleCommands.most / seconds,
      idleByName: idleCommands.byName,
      idleBytesPerViewer: idle.bytes / viewers / seconds,
      idleLoad,
      busyCommandsPerNode: busyCommands.total / started.nodes / seconds,
      busyByName: busyCommands.byName,
      busyBytesPerViewer: busy.bytes / readers / seconds,
      busyLoad,
      frames: busy.delaysMs.length,
      frameP50Ms: percentile(busy.delaysMs, 0.5),
      frameP99Ms: percentile(busy.delaysMs, 0.99),
      open: busy.open,
      moves,
      memory
    }
  } finally {
    await api.close()
    for (const child of [cluster, watcher, ...crowds]) child.stop()
  }
}

/** @param {{ delaysMs: number[], bytes: number, snapshots: number, open: number }[]} taken */
function together(taken) {
  return {
    delaysMs: taken.flatMap((one) => one.delaysMs),
    bytes: taken.reduce((sum, one) => sum + one.bytes, 0),
    open: taken.reduce((sum, one) => sum + one.open, 0)
  }
}

/**
 * From the first reply that shows a new owner to the data of a screen.
 *
 * @param {{ slot: number, owner: string, shownAtMs: number | null }[]} moves
 * @param {{ slot: number, owner: string, atMs: number }[]} seen
 */
function ownershipDelays(moves, seen) {
  const seenAtMs = new Map(seen.map(({ slot, owner, atMs }) => [`${slot} ${owner}`, atMs]))
  const shown = moves.filter((move) => move.shownAtMs !== null)
  const delaysMs = shown.flatMap((move) => {
    const atMs = seenAtMs.get(`${move.slot} ${move.owner}`)
    return atMs === undefined ? [] : [atMs - Number(move.shownAtMs)]
  })
  return { shown: shown.length, seen: delaysMs.length, p50Ms: percentile(delaysMs, 0.5), mostMs: percentile(delaysMs, 1) }
}

/** @param {readonly number[]} values @param {number} share */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** @param {number} mostMs @param {string} what @param {() => Promise<boolean>} holds */
async function until(mostMs, what, holds) {
  const endMs = Date.now() + mostMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`${what}: not within ${mostMs / 1000} s`)
    await later(20)
  }
}
