import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Command, ErrorReply, type NodeAddress, type Reply } from '../src/caller.ts'
import { textOf } from '../src/replies/shape.ts'
import { RespCaller } from './resp-caller.ts'

/** Path of a real valkey-server: from the environment, or where the project unpacks one. Undefined: there is none. */
export function valkeyServer(): string | undefined {
  const given = process.env.VALKEY_SERVER
  if (given) return given
  const unpacked = fileURLToPath(new URL('../../../.valkey/bin/valkey-server', import.meta.url))
  return existsSync(unpacked) ? unpacked : undefined
}

/** A real cluster on loopback, in a temporary folder. */
export class ValkeyCluster {
  readonly addresses: readonly NodeAddress[]
  readonly #processes: readonly ChildProcess[]
  readonly #folder: string
  readonly #caller = new RespCaller()

  private constructor(addresses: readonly NodeAddress[], processes: readonly ChildProcess[], folder: string) {
    this.addresses = addresses
    this.#processes = processes
    this.#folder = folder
  }

  /** Starts primaries with even shares of the slots and, if wanted, a replica of each. Resolves when every node says `ok`. */
  static async start(
    binary: string,
    options: { primaries: number; replicas: 0 | 1 /** Null: an older server, whose clusters have one. */; databases: number | null }
  ): Promise<ValkeyCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'observer-valkey-'))
    const addresses: NodeAddress[] = []
    const processes: ChildProcess[] = []
    for (let i = 0; i < options.primaries * (1 + options.replicas); i++) {
      const port = await freePort()
      addresses.push({ host: '127.0.0.1', port })
      const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`]
      args.push('--dir', folder, '--save', '', '--dbfilename', `${port}.rdb`)
      if (options.databases !== null) args.push('--cluster-databases', `${options.databases}`)
      args.push('--cluster-node-timeout', '2000', '--logfile', `${port}.log`)
      processes.push(spawn(binary, args, { stdio: 'ignore' }))
    }
    const cluster = new ValkeyCluster(addresses, processes, folder)
    await cluster.#join(options.primaries)
    return cluster
  }

  /** A primary without cluster mode and one replica of it. Resolves when the two are linked. */
  static async startStandalone(binary: string): Promise<ValkeyCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'observer-valkey-'))
    const addresses: NodeAddress[] = []
    const processes: ChildProcess[] = []
    for (let i = 0; i < 2; i++) {
      const port = await freePort()
      const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--dbfilename', `${port}.rdb`]
      args.push('--logfile', `${port}.log`)
      if (i === 1) args.push('--replicaof', '127.0.0.1', `${(addresses[0] as NodeAddress).port}`)
      addresses.push({ host: '127.0.0.1', port })
      processes.push(spawn(binary, args, { stdio: 'ignore' }))
    }
    const pair = new ValkeyCluster(addresses, processes, folder)
    await until(async () => (await pair.info(1, ['INFO', 'replication'])).includes('master_link_status:up'))
    return pair
  }

  async #join(primaries: number): Promise<void> {
    for (const index of this.addresses.keys()) await until(() => this.call(index, ['PING']).then((reply) => textOf(reply) === 'PONG'))
    const share = 16_384 / primaries
    for (let i = 0; i < primaries; i++) {
      await this.call(i, ['CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`])
      await this.call(i, ['CLUSTER', 'ADDSLOTSRANGE', `${Math.round(i * share)}`, `${Math.round((i + 1) * share) - 1}`])
    }
    const first = this.addresses[0] as NodeAddress
    for (let i = 1; i < this.addresses.length; i++) await this.call(i, ['CLUSTER', 'MEET', first.host, `${first.port}`])
    const knows = async (index: number) =>
      (await this.info(index, ['CLUSTER', 'INFO'])).includes(`cluster_known_nodes:${this.addresses.length}`)
    for (const index of this.addresses.keys()) await until(() => knows(index))
    for (let i = primaries; i < this.addresses.length; i++) {
      const id = textOf(await this.call(i - primaries, ['CLUSTER', 'MYID'])) as string
      await until(async () => !((await this.call(i, ['CLUSTER', 'REPLICATE', id])) instanceof ErrorReply))
      await until(async () => (await this.info(i, ['INFO', 'replication'])).includes('master_link_status:up'))
    }
    for (const index of this.addresses.keys())
      await until(async () => (await this.info(index, ['CLUSTER', 'INFO'])).includes('cluster_state:ok'))
  }

  /** One command to one node, by its order. */
  async call(index: number, command: Command): Promise<Reply> {
    const replies = await this.pipeline(index, [command])
    return replies[0] as Reply
  }

  pipeline(index: number, commands: readonly Command[]): Promise<readonly Reply[]> {
    return this.#caller.pipeline(this.addresses[index] as NodeAddress, commands, { purpose: 'work', cause: 'test' })
  }

  async info(index: number, command: Command): Promise<string> {
    return textOf(await this.call(index, command)) ?? ''
  }

  /** Sends a signal to one node: SIGSTOP keeps its sockets open, and it answers nothing. */
  signal(index: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#processes[index]?.kill(signal)
  }

  /** Kills one node at once. */
  async kill(index: number): Promise<void> {
    const process = this.#processes[index] as ChildProcess
    if (process.exitCode !== null || process.signalCode !== null) return
    const gone = new Promise((resolve) => process.once('exit', resolve))
    process.kill('SIGKILL')
    await gone
  }

  async stop(): Promise<void> {
    this.#caller.close()
    await Promise.all(this.#processes.map((_, index) => this.kill(index)))
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Waits until a condition holds; a refused connection counts as not yet. */
export async function until(condition: () => Promise<boolean> | boolean, limitMs = 20_000): Promise<void> {
  const startedAtMs = Date.now()
  let last: unknown
  while (Date.now() - startedAtMs < limitMs) {
    try {
      if (await condition()) return
    } catch (error) {
      last = error
    }
    await later(25)
  }
  throw new Error(`not reached within ${limitMs} ms`, { cause: last })
}

/** A port whose bus port (10,000 above) is free as well. */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 10_100 + Math.floor(Math.random() * 12_000)
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
  throw new Error('no free port')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
