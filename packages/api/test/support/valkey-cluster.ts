import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NodeAddress } from '@slotscope/observer'
import { IoredisCaller, type IoredisCallerOptions } from '../../src/clusters/ioredis-caller.ts'
import { until } from './until.ts'

/** The real server to test against: named by the environment, or unpacked by the project's own script. */
export const valkeyServer = process.env.VALKEY_SERVER ?? fileURLToPath(new URL('../../../../.valkey/bin/valkey-server', import.meta.url))

/** Undefined when there is no real server here: the tests that need one then say so. */
export function hasValkey(): boolean {
  return existsSync(valkeyServer)
}

export type ValkeyCluster = {
  readonly nodes: readonly NodeAddress[]
  /** For looking behind the api: connections of the test's own. */
  readonly caller: IoredisCaller
  call(node: number, ...command: (string | Uint8Array)[]): Promise<unknown>
  /** Starts one more node, which belongs to no cluster yet; resolves with its number when it answers. */
  addNode(...args: string[]): Promise<number>
  /** Starts one more node as a replica of that one; resolves with its number when it is in sync. */
  addReplica(of: number): Promise<number>
  /** Sends a signal to a node's process: SIGKILL, SIGSTOP, SIGCONT. */
  signal(node: number, signal: NodeJS.Signals): void
  close(): Promise<void>
}

const shares = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383]
] as const

export type ValkeyClusterOptions = {
  readonly databases: number
  readonly args?: readonly string[]
  /** Further settings of one node. */
  readonly argsOf?: (node: number) => readonly string[]
  /** Clients and nodes speak TLS only, with certificates that `args` or `argsOf` name; how to log in then. */
  readonly tls?: IoredisCallerOptions
}

/** Three real primaries that share the slots evenly, on free loopback ports, in a folder that is removed at the end. */
export async function startValkeyCluster(options: ValkeyClusterOptions): Promise<ValkeyCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'slotscope-api-'))
  const processes: ChildProcess[] = []
  const caller = new IoredisCaller(options.tls)
  const nodes: NodeAddress[] = []
  for (const _ of shares) nodes.push({ host: '127.0.0.1', port: await freePort() })
  const call = async (node: number, ...command: (string | Uint8Array)[]) => {
    const address = nodes[node]
    if (address === undefined) throw new Error(`no node ${node}`)
    return (await caller.pipeline(address, [command], { purpose: 'work', cause: 'test' }))[0]
  }
  const addNode = async (...args: string[]) => {
    const added = nodes.length
    for (;;) {
      const port = await freePort()
      const process = startNode(folder, added, port, { ...options, args: [...(options.args ?? []), ...args] })
      nodes[added] = { host: '127.0.0.1', port }
      processes[added] = process
      const isUp = async () => String(await call(added, 'PING').catch(() => '')) === 'PONG'
      await until(`node ${added} answers or ends`, async () => process.exitCode !== null || (await isUp()))
      // Its bus port was taken meanwhile by somebody's connection.
      if (process.exitCode === null) return added
    }
  }
  const addReplica = async (of: number) => {
    const replica = await addNode()
    await call(0, 'CLUSTER', 'MEET', '127.0.0.1', String(nodes[replica]?.port))
    const primary = String(await call(of, 'CLUSTER', 'MYID'))
    await until('it knows its primary', async () => String(await call(replica, 'CLUSTER', 'REPLICATE', primary)) === 'OK')
    await until('it is in sync', async () => String(await call(replica, 'INFO', 'replication')).includes('master_link_status:up'))
    return replica
  }
  const close = async () => {
    caller.close()
    await Promise.all(processes.map(ended))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const [index, { port }] of nodes.entries()) processes.push(startNode(folder, index, port, options))
    for (const index of nodes.keys())
      await until(`node ${index} answers`, async () => String(await call(index, 'PING').catch(() => '')) === 'PONG')
    for (const [index, [first, last]] of shares.entries()) await call(index, 'CLUSTER', 'ADDSLOTSRANGE', String(first), String(last))
    for (const other of nodes.slice(1)) await call(0, 'CLUSTER', 'MEET', other.host, String(other.port))
    for (const index of nodes.keys())
      await until(`node ${index} sees the whole cluster`, async () => {
        const info = String(await call(index, 'CLUSTER', 'INFO'))
        return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3')
      })
  } catch (error) {
    await close()
    throw error
  }
  return { nodes, caller, call, addNode, addReplica, signal: (node, signal) => void processes[node]?.kill(signal), close }
}

function startNode(folder: string, node: number, port: number, options: ValkeyClusterOptions): ChildProcess {
  const settings = {
    ...(options.tls ? { port: '0', 'tls-port': String(port), 'tls-cluster': 'yes', 'tls-replication': 'yes' } : { port: String(port) }),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'no',
    'cluster-enabled': 'yes',
    'cluster-config-file': `nodes-${port}.conf`,
    'cluster-node-timeout': '5000',
    'cluster-databases': String(options.databases),
    'cluster-slot-stats-enabled': 'yes',
    dbfilename: `dump-${port}.rdb`
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  return spawn(valkeyServer, [...args, ...(options.args ?? []), ...(options.argsOf?.(node) ?? [])], { stdio: 'ignore' })
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  await new Promise((resolve) => {
    process.once('exit', resolve)
    process.kill('SIGKILL')
  })
}

/** A port that is free now, and whose bus port (10,000 above) exists and is free too. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0).catch(() => undefined)
    if (port !== undefined && port <= 55_535 && (await listenOnce(port + 10_000).catch(() => undefined)) !== undefined) return port
  }
}

/** Listens there for a moment; resolves with the port. 0: any. */
function listenOnce(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}
