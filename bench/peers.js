// `pnpm bench peers`: Slotscope beside the consoles that there are. On a real cluster of six nodes with 100,000 keys, through the built command
// `slotscope connect`, it measures what was measured of them (peers/recorded.js), prints both with the goal of each row, writes them to
// RESULTS-peers.md, and ends with code 1 when a goal is missed.
import { writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { Cluster } from 'ioredis'
import { atRunTime, packagesOf, readLockfile } from '../tools/lockfile.js'
import { startConsole } from './peers/console-process.js'
import { doors, failovers, hashPages, moves, namesThatAreNoText, openKeyBrowser, watching, wrongPassword } from './peers/measure.js'
import { recorded } from './peers/recorded.js'
import { ValkeyCluster } from './peers/valkey-cluster.js'

const KEYS = 100_000
const MB = 1_000_000
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '40' },
    failovers: { type: 'string', default: '5' },
    moves: { type: 'string', default: '5' },
    'no-file': { type: 'boolean', default: false }
  }
})
const [seconds, failoverCount, moveCount] = [countOf('seconds'), countOf('failovers'), countOf('moves')]
const startedAt = new Date()
const say = (/** @type {string} */ line) =>
  process.stderr.write(`${((Date.now() - startedAt.getTime()) / 1000).toFixed(1).padStart(6)} s  ${line}\n`)

/** @type {{ name: string, ours: string, met: boolean | null }[]} */
const rows = []
const row = (/** @type {string} */ name, /** @type {string} */ ours, /** @type {boolean | null} */ met) => {
  rows.push({ name, ours, met })
  say(`${recorded[name]?.what}: ${ours}`)
}

const lockfile = readLockfile()
const installed = Object.values(lockfile.packages).filter(({ os, cpu }) => fits(os, process.platform) && fits(cpu, process.arch)).length
const atRun = packagesOf(lockfile, atRunTime).length
row('steps', '1 command, 0 in the form', true)
row('development', `${installed} (of the lock file, for this platform)`, installed <= 450)
row('runTime', String(atRun), atRun <= 60)

say('six nodes')
const cluster = await ValkeyCluster.start()
/** @type {Awaited<ReturnType<typeof startConsole>> | undefined} */
let running
try {
  say(`${KEYS} keys`)
  await fill(cluster)
  const url = `valkey://127.0.0.1:${cluster.ports[0]}`
  running = await startConsole([url])
  say(`the console runs on port ${running.port}`)
  const { page, ...cost } = await watching(cluster, running, seconds, say)
  row('memory', `${(cost.memoryBytes / MB).toFixed(0)} MB (${running.processes()} process)`, cost.memoryBytes <= 120 * MB)
  row('processor', `${(cost.processorShare * 100).toFixed(2)} %`, cost.processorShare <= 0.01)
  row('idle', cost.idle.total.toFixed(2), cost.idle.total <= 6)
  row('spread', `${(cost.idle.mostShare * 100).toFixed(0)} % of six nodes`, cost.idle.mostShare <= 0.4)
  row('watched', `${cost.watched.total.toFixed(1)} (${(cost.watched.mostShare * 100).toFixed(0)} % the node asked most)`, null)
  say(`idle ${JSON.stringify(cost.idle.byName)} watched ${JSON.stringify(cost.watched.byName)}`)

  const browsed = await openKeyBrowser(cluster, page)
  row('browser', `${browsed.commands} for ${browsed.keys} keys, ${browsed.detailed} with size and expiry`, browsed.commands <= 20)
  const moved = await moves(cluster, page, moveCount)
  row('moved', `${seconds3(moved.delaysMs)} after the server was done`, Math.max(...moved.delaysMs) <= 1000)
  row('job', `${moved.jobsSeen} of ${moveCount} seen, with ${moved.states.toFixed(1)} states each`, moved.jobsSeen === moveCount)
  const failed = await failovers(cluster, page, failoverCount, say)
  row('failover', seconds3(failed.delaysMs), Math.max(...failed.delaysMs) <= 1000)
  row('seed', failed.seedWords, failed.seedFine)
  const hash = await hashPages(page)
  row(
    'hash',
    `${hash.pages} pages, all ${hash.fields} fields, slowest ${hash.slowestMs.toFixed(0)} ms, at most ${(hash.mostBytes / 1024).toFixed(0)} KiB`,
    hash.fields === 200_000
  )
  const names = await namesThatAreNoText(page)
  row('bytes', names.words, names.fine)
  const guard = await doors(running.port, page)
  row('origin', String(guard.origin), guard.origin === 403)
  row('host', String(guard.host), [403, 421].includes(guard.host))
  row('login', guard.login === 401 ? 'always (401 without)' : String(guard.login), guard.login === 401)
  page.close()
  const wrong = await wrongPassword(cluster)
  row(
    'password',
    `"${wrong.words}" ${(wrong.ms / 1000).toFixed(2)} s after the console answers`,
    wrong.words.includes('WRONGPASS') && wrong.ms <= 1000
  )
} finally {
  await running?.stop()
  cluster.stop()
}

const table = [
  '| | valkey-admin 1.1.0 | BetterDB 0.39.0 | Slotscope | must be | verdict |',
  '|---|---|---|---|---|---|',
  ...rows.map(({ name, ours, met }) => {
    const { what = name, valkeyAdmin = '', betterDb = '', goal = '' } = recorded[name] ?? {}
    return `| ${what} | ${valkeyAdmin} | ${betterDb} | ${ours} | ${goal} | ${met === null ? '' : met ? 'met' : '**missed**'} |`
  })
].join('\n')
process.stdout.write(`${table}\n`)
if (!values['no-file']) {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.versions.node}`
  const head = `# Slotscope beside its peers\n\n\`pnpm bench peers --seconds ${seconds} --failovers ${failoverCount} --moves ${moveCount}\`, ${startedAt.toISOString().slice(0, 10)}, ${machine}.\nA real cluster of six nodes with ${KEYS.toLocaleString('en-US')} keys on the same machine, whose load average was ${loadavg()[1]?.toFixed(1)}; the peers' figures were recorded in November 2026 on such a cluster.\n`
  writeFileSync(new URL('RESULTS-peers.md', import.meta.url), `${head}\n${table}\n`)
}
process.exit(rows.some(({ met }) => met === false) ? 1 : 0)

/** @param {ValkeyCluster} cluster */
async function fill(cluster) {
  const client = new Cluster([{ host: '127.0.0.1', port: Number(cluster.ports[0]) }])
  try {
    const value = 'x'.repeat(100)
    for (let first = 0; first < KEYS; first += 2_000)
      await Promise.all(Array.from({ length: 2_000 }, (_, index) => client.set(`key:${first + index}`, value)))
    for (let first = 0; first < 200_000; first += 2_000)
      await client.hset(
        'hash:large',
        ...Array.from({ length: 4_000 }, (_, index) => `${index % 2 === 0 ? 'f' : 'v'}${first + (index >> 1)}`)
      )
    await client.set(Buffer.from([0xff, 0xfe, 0x2d, 0x6e, 0x6f, 0x74, 0x65, 0x78, 0x74]), 'before')
  } finally {
    client.disconnect()
  }
}

/** Median and worst. @param {readonly number[]} delaysMs */
function seconds3(delaysMs) {
  const sorted = [...delaysMs].sort((a, b) => a - b)
  const median = Number(sorted[sorted.length >> 1])
  return `${(median / 1000).toFixed(2)} s, worst of ${sorted.length} ${(Number(sorted.at(-1)) / 1000).toFixed(2)} s`
}

/** @param {string[] | undefined} listed @param {string} here */
function fits(listed, here) {
  return listed === undefined || listed.includes(here)
}

/** @param {'seconds' | 'failovers' | 'moves'} name */
function countOf(name) {
  const count = Number(values[name])
  if (Number.isInteger(count) && count >= 1) return count
  process.stderr.write(`--${name} must be a whole number from 1, not "${values[name]}"\n`)
  process.exit(2)
}
