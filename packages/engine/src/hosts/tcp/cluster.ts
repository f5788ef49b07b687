import { randomInt } from 'node:crypto'
import path from 'node:path'
import { renderNodesConf, type SeedNode } from '../../core/cluster/nodes-conf.ts'
import { Random } from '../../core/prng.ts'
import { DirectoryDisk, MemoryDisk } from './disk.ts'
import { HostedNode } from './hosted-node.ts'
import type { NodeServer } from './node-server.ts'
import { firstTaken, freePortBlock, HIGHEST_CLIENT_PORT, PortInUseError } from './ports.ts'
import { ProcessBus } from './process-bus.ts'

export type ClusterOptions = {
  /** Primaries, 1..1000. Default 3. */
  readonly shards?: number
  /** Replicas of each primary, 0..5. Default 0. */
  readonly replicas?: number
  /** `cluster-databases`. Default 16. */
  readonly databases?: number
  /** `free`: any free block. A number: the block that begins there, or PortInUseError. `{ from }`: the first free block from there. */
  readonly ports?: 'free' | number | { readonly from: number }
  /** Ids and every random choice follow from it; absent: a random one. */
  readonly seed?: number
  /** Where each node keeps its files, in a folder by its port; absent: in memory. */
  readonly directory?: string
  readonly host?: string
  /** Further parameters by Valkey's names, for every node. */
  readonly config?: Readonly<Record<string, string>>
  readonly log?: (node: ClusterNodeInfo, level: string, text: string) => void
}

export type ClusterNodeInfo = {
  readonly id: string
  readonly host: string
  readonly port: number
  readonly busPort: number
  readonly role: 'primary' | 'replica'
}

/**
 * A running cluster of this process. Its nodes share no memory. Clients and replicas come over loopback as anywhere; what nodes tell each
 * other on the cluster bus is carried within the process, byte for byte, and over loopback to nodes that join from outside.
 */
export type Cluster = {
  readonly nodes: readonly ClusterNodeInfo[]
  /** `host:port` of every node: what a client or a console needs. */
  readonly seeds: readonly { readonly host: string; readonly port: number }[]
  /** The seed that this cluster was made from, to make it again. */
  readonly seed: number
  /** Chooses id and ports of one more node, a primary of its own that has met nobody. The same one again until `start` has run it. */
  prepare(): Promise<ClusterNodeInfo>
  /** Runs a node that does not: a prepared one, or one that ended. It finds its files again, its keys are gone. */
  start(id: string): Promise<void>
  /** Ends a node at once, as SIGKILL would. */
  kill(id: string): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a cluster and resolves when every node says `cluster_state:ok` and every replica follows its primary. Slots are
 * spread evenly over the primaries, as `valkey-cli --cluster create` does.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const host = options.host ?? '127.0.0.1'
  const shards = inRange('shards', options.shards ?? 3, 1, 1000)
  const replicas = inRange('replicas', options.replicas ?? 0, 0, 5)
  const databases = inRange('databases', options.databases ?? 16, 1, 2_147_483_647)
  const seed = options.seed ?? randomInt(2 ** 31)
  const count = shards * (replicas + 1)
  for (let attempt = 0; ; attempt++) {
    const base = await choosePorts(host, options.ports ?? 'free', count)
    const random = new Random(seed)
    const topology = seedTopology({ host, base, shards, replicas, random })
    const hosted = new Map<string, HostedNode>()
    const bus = new ProcessBus()
    const addNode = (node: SeedNode, peers: readonly SeedNode[]) => {
      const made = hostedNode(options, { node, peers, bus, index: hosted.size, seed, databases })
      hosted.set(node.id, made)
      return made
    }
    const nodes = topology.map((node) => addNode(node, topology))
    const closeAll = async () => {
      await Promise.all([...hosted.values()].map((node) => node.server?.close()))
    }
    try {
      // At once: one that was there long before the others would only find that nobody answers.
      const starts = await Promise.allSettled(nodes.map((node) => node.start()))
      for (const start of starts) if (start.status === 'rejected') throw start.reason
    } catch (error) {
      await closeAll()
      // Somebody took a port between our look and our listening; a block that we may choose is simply chosen anew.
      if (error instanceof PortInUseError && typeof options.ports !== 'number' && attempt < 5) continue
      throw error
    }
    try {
      await untilReady(
        nodes.flatMap(({ server }) => server ?? []),
        30_000 + count * 500
      )
    } catch (error) {
      await closeAll()
      throw error
    }
    const find = (id: string) => {
      const node = hosted.get(id)
      if (!node) throw new Error(`no node ${id} in this cluster`)
      return node
    }
    return {
      nodes: topology.map(infoOf),
      seeds: topology.map((node) => ({ host: node.host, port: node.port })),
      seed,
      prepare: async () => {
        const unused = [...hosted.values()].find((node) => node.lives === 0)
        if (unused) return unused.info
        const last = Math.max(...[...hosted.values()].map(({ info }) => info.port))
        const port = await freePortBlock(host, last + 1, 1)
        const node: SeedNode = {
          id: random.hex(40),
          host,
          port,
          busPort: port + 10_000,
          shardId: random.hex(40),
          humanName: `node-${hosted.size + 1}`,
          role: 'primary',
          ranges: [],
          configEpoch: 0
        }
        return addNode(node, [node]).info
      },
      start: (id) => find(id).start(),
      kill: (id) => find(id).kill(),
      close: closeAll
    }
  }
}

/** A node that has the whole of `peers` in its first nodes.conf. */
function hostedNode(
  options: ClusterOptions,
  place: {
    readonly node: SeedNode
    readonly peers: readonly SeedNode[]
    readonly bus: ProcessBus
    readonly index: number
    readonly seed: number
    readonly databases: number
  }
): HostedNode {
  const { node, peers, bus, index, seed, databases } = place
  const info = infoOf(node)
  const conf = Buffer.from(renderNodesConf(peers, node.id), 'latin1')
  return new HostedNode(info, {
    bind: node.host,
    port: node.port,
    bus,
    seed: seed * 1009 + index,
    disk: options.directory ? new DirectoryDisk(path.join(options.directory, String(node.port))) : new MemoryDisk({ 'nodes.conf': conf }),
    ...(options.directory ? { initialFiles: { 'nodes.conf': conf } } : {}),
    config: { 'cluster-databases': String(databases), 'cluster-announce-human-nodename': node.humanName ?? '', ...options.config },
    ...(options.log ? { log: (level: string, text: string) => options.log?.(info, level, text) } : {})
  })
}

/** Ids, roles and slots of a new cluster: primaries first, then the replicas of the first, and so on. */
export function seedTopology(plan: {
  readonly host: string
  readonly base: number
  readonly shards: number
  readonly replicas: number
  readonly random: Random
}): SeedNode[] {
  const { host, base, shards, replicas, random } = plan
  const nodes: SeedNode[] = []
  for (let shard = 0; shard < shards; shard++) {
    const port = base + shard
    nodes.push({
      id: random.hex(40),
      host,
      port,
      busPort: port + 10_000,
      shardId: random.hex(40),
      humanName: `node-${shard + 1}`,
      role: 'primary',
      ranges: [[Math.round((shard * 16_384) / shards), Math.round(((shard + 1) * 16_384) / shards) - 1]],
      configEpoch: shard + 1
    })
  }
  for (let index = 0; index < shards * replicas; index++) {
    const primary = nodes[index % shards] as SeedNode
    const port = base + shards + index
    nodes.push({
      id: random.hex(40),
      host,
      port,
      busPort: port + 10_000,
      shardId: primary.shardId,
      humanName: `node-${shards + index + 1}`,
      role: 'replica',
      primaryId: primary.id,
      ranges: [],
      configEpoch: primary.configEpoch
    })
  }
  return nodes
}

function infoOf(node: SeedNode): ClusterNodeInfo {
  return { id: node.id, host: node.host, port: node.port, busPort: node.busPort, role: node.role }
}

async function choosePorts(host: string, ports: 'free' | number | { readonly from: number }, count: number): Promise<number> {
  if (typeof ports === 'number') {
    if (ports + count - 1 > HIGHEST_CLIENT_PORT) throw new RangeError(`ports ${ports}..${ports + count - 1}: bus ports would exceed 65535`)
    const taken = await firstTaken(host, ports, count)
    if (taken !== undefined) throw new PortInUseError(taken)
    return ports
  }
  return freePortBlock(host, ports === 'free' ? randomInt(20_000, 32_000) : ports.from, count)
}

/** Waits until all nodes agree that the cluster is ok and every replica has its primary's data. */
async function untilReady(servers: readonly NodeServer[], timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!servers.every(isReady)) {
    if (Date.now() > deadline) {
      const late = servers.filter((server) => !isReady(server)).map((server) => server.port)
      throw new Error(`the cluster did not get ready within ${timeoutMs} ms: node(s) at port ${late.join(', ')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function isReady({ node }: NodeServer): boolean {
  return node.cluster.state === 'ok' && (node.role === 'primary' || node.replication.link?.state === 'connected')
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new RangeError(`${name} must be an integer from ${low} to ${high}, not ${value}`)
  return value
}
