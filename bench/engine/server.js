// One node of either kind, with all slots, one replica and a client: the engine as `slotscope node`, or a real valkey-server.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RespClient } from '../peers/resp-client.js'
import { eventually } from '../peers/valkey-cluster.js'

const command = fileURLToPath(new URL('../../apps/slotscope/bin/slotscope.js', import.meta.url))
/** Of /proc/PID/stat, in hertz: the kernel's constant for what it tells user space. */
const TICKS = 100

/** @typedef {'engine' | 'valkey'} Kind */

/** A primary that is measured, on a processor of its own where there are two. */
export class Server {
  /** @type {Kind} */
  kind
  /** @type {number} */
  port
  /** @type {RespClient} */
  client
  /** @type {import('node:child_process').ChildProcess[]} */
  #processes = []
  /** @type {string[]} */
  #folders = []

  /** @param {Kind} kind @param {number} port @param {RespClient} client */
  constructor(kind, port, client) {
    this.kind = kind
    this.port = port
    this.client = client
  }

  /**
   * @param {Kind} kind
   * @param {string} valkeyFolder
   * @param {{ replica: boolean, pinned: boolean, environment?: Readonly<Record<string, string>> }} options `environment`: of the primary
   */
  static async start(kind, valkeyFolder, { replica, pinned, environment }) {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'slotscope-bench-'))
    const child = spawnNode(kind, valkeyFolder, port, folder, pinned ? '0' : undefined, environment)
    const client = await answering(port)
    const server = new Server(kind, port, client)
    server.#processes.push(child)
    server.#folders.push(folder)
    try {
      await client.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383)
      await eventually('all slots are served', async () => {
        if (!String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) throw new Error('not yet')
      })
      if (replica) await server.#follow(valkeyFolder, pinned)
      return server
    } catch (error) {
      server.stop()
      throw error
    }
  }

  /** Processor time of the primary since it began, in seconds: user and system. */
  processor() {
    const fields = readFileSync(`/proc/${this.#processes[0]?.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS
  }

  /** Resident memory of the primary, in bytes. */
  resident() {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.#processes[0]?.pid}/status`, 'utf8'))?.[1]) * 1024
  }

  /** To the primary. @param {NodeJS.Signals} signal */
  signal(signal) {
    this.#processes[0]?.kill(signal)
  }

  async usedMemory() {
    return Number(/used_memory:(\d+)/.exec(String(await this.client.call('INFO', 'memory')))?.[1])
  }

  stop() {
    this.client.close()
    for (const child of this.#processes) child.kill('SIGKILL')
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  /** @param {string} valkeyFolder @param {boolean} pinned */
  async #follow(valkeyFolder, pinned) {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'slotscope-bench-'))
    this.#processes.push(spawnNode(this.kind, valkeyFolder, port, folder, pinned ? '1' : undefined))
    this.#folders.push(folder)
    const client = await answering(port)
    try {
      const id = String(await this.client.call('CLUSTER', 'MYID'))
      await client.call('CLUSTER', 'MEET', '127.0.0.1', this.port)
      await eventually('the replica follows', async () => {
        await client.call('CLUSTER', 'REPLICATE', id)
        if (!String(await client.call('INFO', 'replication')).includes('master_link_status:up')) throw new Error('not yet')
      })
    } finally {
      client.close()
    }
  }
}

/**
 * @param {Kind} kind
 * @param {string} valkeyFolder
 * @param {number} port
 * @param {string} folder
 * @param {string | undefined} core
 * @param {Readonly<Record<string, string>>} environment
 */
function spawnNode(kind, valkeyFolder, port, folder, core, environment = {}) {
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--cluster-enabled', 'yes', '--cluster-databases', '16']
  const own = ['--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0']
  const line =
    kind === 'engine' ? [process.execPath, command, 'node', ...settings] : [join(valkeyFolder, 'valkey-server'), ...settings, ...own]
  const pinned = core === undefined ? line : ['taskset', '-c', core, ...line]
  return spawn(/** @type {string} */ (pinned[0]), pinned.slice(1), {
    stdio: 'ignore',
    cwd: folder,
    env: { ...process.env, ...environment }
  })
}

/** @param {number} port */
function answering(port) {
  return eventually(`port ${port} answers`, async () => {
    const client = await RespClient.open(port)
    await client.call('PING')
    return client
  })
}

/** A free port whose bus port is free too. @returns {Promise<number>} */
async function freePort() {
  for (;;) {
    const port = 10_100 + Math.floor(Math.random() * 12_000)
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
