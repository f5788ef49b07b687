// A real cluster of three primaries and three replicas on loopback, made of processes that can be killed and started again.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { provideValkey } from '../../tools/valkey.js'
import { RespClient } from './resp-client.js'

const SLOTS = 16_384
const PRIMARIES = 3
const NODES = 6
const NODE_TIMEOUT_MS = 2_000

export class ValkeyCluster {
  /** @type {string} */
  #server
  #home = mkdtempSync(join(tmpdir(), 'slotscope-peers-'))
  /** @type {Map<number, import('node:child_process').ChildProcess>} */
  #processes = new Map()
  /** @type {Map<number, RespClient>} */
  #clients = new Map()
  /** @type {number[]} */
  ports = []
  /** @type {Map<number, string>} */
  ids = new Map()

  /** @param {string} server */
  constructor(server) {
    this.#server = server
  }

  static async start() {
    const cluster = new ValkeyCluster(join(await provideValkey(), 'valkey-server'))
    try {
      const first = await freePorts()
      cluster.ports = Array.from({ length: NODES }, (_, index) => first + index)
      for (const port of cluster.ports) await cluster.startNode(port)
      await cluster.#form()
      return cluster
    } catch (error) {
      cluster.stop()
      throw error
    }
  }

  /** @param {number} port @returns {RespClient} */
  client(port) {
    const client = this.#clients.get(port)
    if (client === undefined) throw new Error(`no connection to ${port}`)
    return client
  }

  /** Starts a node, also one that was killed, and waits until it answers. @param {number} port */
  async startNode(port) {
    const folder = join(this.#home, String(port))
    mkdirSync(folder, { recursive: true })
    const settings = {
      port,
      bind: '127.0.0.1',
      dir: folder,
      save: '',
      appendonly: 'no',
      logfile: join(folder, 'log'),
      'cluster-enabled': 'yes',
      'cluster-databases': 16,
      'cluster-node-timeout': NODE_TIMEOUT_MS,
      'cluster-slot-stats-enabled': 'yes',
      'repl-diskless-sync-delay': 0
    }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    this.#processes.set(port, spawn(this.#server, args, { stdio: 'ignore', cwd: folder }))
    const client = await eventually(`node ${port} answers`, async () => {
      const opened = await RespClient.open(port)
      await opened.call('PING')
      return opened
    })
    this.#clients.set(port, client)
  }

  /** @param {number} port */
  kill(port) {
    this.#processes.get(port)?.kill('SIGKILL')
    this.#clients.get(port)?.close()
    this.#clients.delete(port)
  }

  stop() {
    for (const port of this.ports) this.kill(port)
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 })
  }

  /** @returns {Promise<Map<string, number>>} commandstats of all nodes that answer: calls by `port command` */
  async calls() {
    /** @type {Map<string, number>} */
    const calls = new Map()
    for (const [port, client] of this.#clients)
      for (const [, name, count] of String(await client.call('INFO', 'commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+)/g))
        calls.set(`${port} ${name}`, Number(count))
    return calls
  }

  /** @param {number} port @returns {Promise<'master' | 'slave'>} */
  async roleOf(port) {
    return (await this.client(port).call('ROLE'))[0]
  }

  /** Ports by role now. */
  async byRole() {
    /** @type {Record<'master' | 'slave', number[]>} */
    const found = { master: [], slave: [] }
    for (const port of this.#clients.keys()) found[await this.roleOf(port)].push(port)
    return found
  }

  /** Waits until three primaries have a replica each whose link is up. */
  async whole() {
    await eventually('the cluster is whole', async () => {
      const { master, slave } = await this.byRole()
      if (master.length !== PRIMARIES || slave.length !== NODES - PRIMARIES) throw new Error(`${master.length} primaries`)
      for (const port of this.ports)
        if (!String(await this.client(port).call('CLUSTER', 'INFO')).includes('cluster_state:ok')) throw new Error(`${port} is down`)
      for (const port of slave)
        if (!String(await this.client(port).call('INFO', 'replication')).includes('master_link_status:up'))
          throw new Error(`${port} follows nobody`)
      for (const port of master)
        if (!String(await this.client(port).call('INFO', 'replication')).includes('connected_slaves:1'))
          throw new Error(`${port} is not followed`)
    })
  }

  async #form() {
    for (const port of this.ports) this.ids.set(port, await this.client(port).call('CLUSTER', 'MYID'))
    for (const [index, port] of this.ports.entries()) {
      if (index < PRIMARIES) {
        const [from, to] = [index, index + 1].map((share) => Math.round((share * SLOTS) / PRIMARIES))
        await this.client(port).call('CLUSTER', 'ADDSLOTSRANGE', Number(from), Number(to) - 1)
      }
      await this.client(port).call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
      if (index > 0) await this.client(Number(this.ports[0])).call('CLUSTER', 'MEET', '127.0.0.1', port)
    }
    for (const port of this.ports)
      await eventually(`${port} knows all`, async () => {
        if (!String(await this.client(port).call('CLUSTER', 'INFO')).includes(`cluster_known_nodes:${NODES}`)) throw new Error('not all')
      })
    for (const [index, port] of this.ports.entries())
      if (index >= PRIMARIES)
        await this.client(port).call('CLUSTER', 'REPLICATE', String(this.ids.get(Number(this.ports[index - PRIMARIES]))))
    await this.whole()
  }
}

/** A block of ports whose bus ports are free too. */
async function freePorts() {
  for (let first = 10_100 + Math.floor(Math.random() * 8_000); first < 22_500; first += 37) {
    const wanted = Array.from({ length: NODES }, (_, index) => [first + index, first + index + 10_000]).flat()
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return first
  }
  throw new Error('no free ports')
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} attempt
 * @param {number} [withinMs]
 * @returns {Promise<T>} what the attempt that did not throw resolved with
 */
export async function eventually(what, attempt, withinMs = 30_000) {
  const endMs = Date.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > endMs) throw new Error(`${what}: not within ${withinMs / 1000} s`, { cause: error })
      await later(20)
    }
  }
}
