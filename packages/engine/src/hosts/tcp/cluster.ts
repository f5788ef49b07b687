import { randomInt } from 'node:crypto'
import path from 'node:path'
import { renderNodesConf, type SeedNode } from '../../core/cluster/nodes-conf.ts'
import { Random } from '../../core/prng.ts'
import { DirectoryDisk, MemoryDisk } from './disk.ts'
import { NodeServer } from './node-server.ts'
import { firstTaken, freePortBlock, HIGHEST_CLIENT_PORT, PortInUseError } from './ports.ts'

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

/** A running cluster of this process. Its nodes share no memory: they talk over loopback as any others would. */
export type Cluster = {
  readonly nodes: readonly ClusterNodeInfo[]
  /** `host:port` of every node: what a client or a console needs. */
  readonly seeds: readonly { readonly host: string; readonly port: number }[]
  /** The seed that this cluster was made from, to make it again. */
  readonly seed: number
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
    const topology = seedTopology({ host, base, shards, replicas, random: new Random(seed) })
    const servers = topology.map((node, index) => {
      const info = infoOf(node)
      const conf = Buffer.from(renderNodesConf(topology, node.id), 'latin1')
      return new NodeServer({
        host,
        port: node.port,
        seed: seed * 1009 + index,
        disk: options.directory
          ? new DirectoryDisk(path.join(options.directory, String(node.port)))
          : new MemoryDisk({ 'nodes.conf': conf }),
        ...(options.directory ? { initialFiles: { 'nodes.conf': conf } } : {}),
        config: { 'cluster-databases': String(databases), 'cluster-announce-human-nodename': `node-${index + 1}`, ...options.config },
        ...(options.log ? { log: (level: string, text: string) => options.log?.(info, level, text) } : {})
      })
    })
    const started: NodeServer[] = []
    try {
      for (const server of servers) {
        await server.listen()
        started.push(server)
      }
    } catch (error) {
      await Promise.all(started.map((server) => server.close()))
      // Somebody took a port between our look and our listening; a block that we may choose is simply chosen anew.
      if (error instanceof PortInUseError && typeof options.ports !== 'number' && attempt < 5) continue
      throw error
    }
    try {
      await untilReady(servers, 30_000)
    } catch (error) {
      await Promise.all(servers.map((server) => server.close()))
      throw error
    }
    const nodes = topology.map(infoOf)
    return {
      nodes,
      seeds: nodes.map((node) => ({ host: node.host, port: node.port })),
      seed,
      close: async () => {
        await Promise.all(servers.map((server) => server.close()))
      }
    }
  }
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
