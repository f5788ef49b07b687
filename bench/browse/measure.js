// Fills a real cluster, browses it through the api, and looks at the api's memory and at what the nodes say about their commands.
import { setTimeout as later } from 'node:timers/promises'
import { Browser, TOPICS } from './browser.js'
import { fillHash, fillKeys } from './fill.js'
import { startNodes } from './valkey-nodes.js'

/**
 * @typedef {object} ApiUnderTest
 * @property {(seedPort: number) => Promise<{ port: number }>} start
 * @property {() => Promise<string>} link one-use, for a viewer
 * @property {() => Promise<{ heapUsed: number, rss: number, mostRss: number }>} memory after a collection; `mostRss`: the peak before it
 * @property {() => Promise<unknown>} close
 */

/** @typedef {{ nodes: { pings: number, p999Ms: number, mostMs: number }[], loopMostMs: number }} Probed */
/** @typedef {{ start: (ports: number[]) => Promise<unknown>, take: () => Promise<Probed> }} Prober */

const NODES = 3
const SESSIONS = 30
/** Microseconds from which a command is kept in the log of slow ones. */
const SLOW_US = 1_000

/**
 * @param {string} program
 * @param {{ api: ApiUnderTest, prober: Prober | undefined }} parts
 * @param {{ keys: number, fields: number, warmUp: number }} size
 * @param {(line: string) => void} say
 */
export async function measure(program, { api, prober }, { keys, fields, warmUp }, say) {
  const cluster = await startNodes(program, NODES, ['--commandlog-slow-execution-max-len', '4096', '--latency-monitor-threshold', '10'])
  const clients = cluster.nodes.map((node) => node.client)
  /** @type {Browser | undefined} */
  let browser
  try {
    const fillingAt = Date.now()
    say(`filling ${fields.toLocaleString('en-US')} fields and ${keys.toLocaleString('en-US')} keys`)
    await Promise.all([fillHash(cluster.nodes, fields), fillKeys(cluster.nodes, keys)])
    const fillSeconds = (Date.now() - fillingAt) / 1_000
    // Tables that still grow move their entries while they serve.
    await later(prober === undefined ? 0 : 2_000)
    const { port } = await api.start(/** @type {number} */ (cluster.nodes[0]?.port))
    const people = new Browser(port)
    browser = people
    for (let i = 0; i < SESSIONS; i++) await people.logIn(await api.link())
    await people.watch(TOPICS)
    say(`filled in ${fillSeconds.toFixed(0)} s; warming up`)
    await people.atRandom(keys, warmUp)
    await prober?.start(cluster.nodes.map((node) => node.port))
    await later(prober === undefined ? 0 : 5_000)
    const quiet = await prober?.take()
    for (const client of clients) {
      await client.call('CONFIG', 'SET', 'commandlog-execution-slower-than', SLOW_US)
      await client.call('COMMANDLOG', 'RESET', 'slow')
      await client.call('LATENCY', 'RESET')
      await client.call('CONFIG', 'RESETSTAT')
    }
    const before = await api.memory()

    say('browsing: all keys, all fields, and at random')
    const startedAt = Date.now()
    let browsing = 2
    const done = (/** @type {any} */ value) => {
      browsing--
      return value
    }
    const [scan, walk, random] = await Promise.all([
      people.scanAll(keys).then(done),
      people.walkHash(fields).then(done),
      people.atRandom(keys, Number.POSITIVE_INFINITY, () => browsing > 0)
    ])
    const seconds = (Date.now() - startedAt) / 1_000
    const busy = await prober?.take()
    const after = await api.memory()
    const slow = (await Promise.all(clients.map(slowCommands))).flat().sort((a, b) => b.us - a.us)
    const events = (await Promise.all(clients.map(latencyEvents))).flat()
    const costs = await meanCosts(clients)
    const { requests, slowestMs } = people
    return { fillSeconds, seconds, scan, walk, random, before, after, slow, events, costs, quiet, busy, requests, slowestMs }
  } finally {
    browser?.close()
    await api.close()
    await cluster.stop()
  }
}

/** What the node itself measured of the commands that held it for more than SLOW_US. @param {import('ioredis').Redis} client */
async function slowCommands(client) {
  const entries = /** @type {[number, number, number, string[]][]} */ (await client.call('COMMANDLOG', 'GET', '-1', 'slow'))
  return entries.map(([, , us, words]) => ({ us, command: words.slice(0, 6).join(' ').slice(0, 80) }))
}

/**
 * Calls, and microseconds of one on average, by name, since the figures were reset.
 *
 * @param {readonly import('ioredis').Redis[]} clients
 */
async function meanCosts(clients) {
  /** @type {Map<string, { calls: number, us: number }>} */
  const costs = new Map()
  for (const client of clients)
    for (const [, name, calls, us] of String(await client.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+),usec=(\d+)/g)) {
      const cost = costs.get(String(name)) ?? { calls: 0, us: 0 }
      costs.set(String(name), { calls: cost.calls + Number(calls), us: cost.us + Number(us) })
    }
  return [...costs].map(([name, { calls, us }]) => ({ name, calls, meanUs: us / calls }))
}

/** Events of 10 ms and more that are about commands. @param {import('ioredis').Redis} client */
async function latencyEvents(client) {
  const rows = /** @type {[string, number, number, number][]} */ (await client.call('LATENCY', 'LATEST'))
  return rows.map(([event, , , mostMs]) => ({ event, mostMs }))
}
