import type { CoreState, CsvCell, NodeReading, NodeState, ShardState } from '@slotscope/observer/stream'
import { compareLabels } from './shard-order.ts'
import { type Sort, type SortColumn, sortRows } from './sorted-rows.ts'

/** A node with its shard and what the watch read last of it; null where nothing was read, or one looks back. */
export type NodeRow = { readonly node: NodeState; readonly shard: ShardState | null; readonly reading: NodeReading | null }

/** A column, with what stands above it. */
export type NodeColumn = SortColumn<NodeRow> & {
  readonly words: string
  /** What it is and where it comes from. */
  readonly title: string
}

const info = 'INFO of the node'

/** In the order of the table. The names stand in the address (`?sort=memory`) and head the columns of files. */
export const nodeColumns: readonly NodeColumn[] = [
  { name: 'node', isText: true, words: 'node', title: 'its name; shard and role below sort by themselves', of: ({ node }) => node.name },
  {
    name: 'shard',
    isText: true,
    words: 'shard',
    title: 'the shard that it belongs to',
    of: ({ shard }) => shard?.label ?? null,
    compare: compareLabels
  },
  { name: 'role', isText: true, words: 'role', title: 'as the majority of the cluster sees it', of: ({ node }) => node.role },
  { name: 'version', isText: true, words: 'version', title: info, of: ({ node }) => node.version },
  { name: 'address', isText: true, words: 'address', title: 'for clients', of: ({ node }) => `${node.host}:${node.port}` },
  { name: 'uptime', words: 'up for', title: `${info}, uptime_in_seconds`, of: ({ reading }) => reading?.uptimeSeconds ?? null },
  { name: 'memory', words: 'memory', title: `${info}, used_memory`, of: ({ node }) => node.usedMemory },
  {
    name: 'clients',
    words: 'clients',
    title: `${info}, connected_clients: ours are among them`,
    of: ({ reading }) => reading?.clients ?? null
  },
  {
    name: 'operations',
    words: 'operations/s',
    title: `${info}, between the last two readings`,
    of: ({ node }) => node.operationsPerSecond
  },
  {
    name: 'offset',
    words: 'replication offset',
    title: `${info}: bytes written to its stream, or taken in of its primary's`,
    of: ({ reading }) => reading?.offsetBytes ?? null
  },
  {
    name: 'behind',
    words: 'behind',
    title: 'bytes that a replica is behind, by the words of its primary',
    of: ({ node }) => node.lagBytes
  },
  {
    name: 'read',
    words: 'read',
    title: 'when these figures were read',
    of: ({ node, reading }) => reading?.atMs ?? (node.readAtMs || null)
  }
]

/** Rows that hold every word of `find`, in the order that is asked for, else by shard with the primary first. */
export function nodeRows(
  core: Pick<CoreState, 'nodes' | 'shards'>,
  readings: readonly NodeReading[],
  { sort, find }: { readonly sort: Sort | null; readonly find: string }
): readonly NodeRow[] {
  const read = new Map(readings.map((reading) => [reading.node, reading]))
  const wanted = find.toLowerCase().split(/\s+/).filter(Boolean)
  const rows = Object.values(core.nodes)
    .map((node): NodeRow => ({ node, shard: core.shards[node.shard] ?? null, reading: read.get(node.id) ?? null }))
    .filter((row) => {
      const text = `${row.node.name} ${row.node.host}:${row.node.port} ${row.node.role} shard ${row.shard?.label ?? ''} ${row.node.version ?? ''} ${row.node.id}`
      return wanted.every((word) => text.toLowerCase().includes(word))
    })
    .sort(byPlace)
  return sortRows(rows, nodeColumns, sort)
}

function byPlace(a: NodeRow, b: NodeRow): number {
  return (
    Number(a.shard === null) - Number(b.shard === null) ||
    compareLabels(a.shard?.label ?? 'A', b.shard?.label ?? 'A') ||
    Number(a.node.role === 'replica') - Number(b.node.role === 'replica') ||
    a.node.name.localeCompare(b.node.name, 'en', { numeric: true })
  )
}

/** What of a node is unlike most others: its version, or its `cluster-databases`. By node id. */
export function unlikeMost(rows: readonly NodeRow[]): ReadonlyMap<string, readonly ('version' | 'databases')[]> {
  const unlike = new Map<string, ('version' | 'databases')[]>()
  const compare = (what: 'version' | 'databases', of: (row: NodeRow) => string | number | null) => {
    const counts = new Map<string | number, number>()
    for (const row of rows) {
      const value = of(row)
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    const most = Math.max(...counts.values())
    // Where two are equally many, neither is the odd one: both are told.
    const common = [...counts].filter(([, count]) => count === most)
    for (const row of rows) {
      const value = of(row)
      if (value === null || counts.size < 2 || (common.length === 1 && common[0]?.[0] === value)) continue
      unlike.set(row.node.id, [...(unlike.get(row.node.id) ?? []), what])
    }
  }
  compare('version', ({ node }) => node.version)
  compare('databases', ({ reading }) => reading?.databases ?? null)
  return unlike
}

/** The rows as a file has them: figures bare, in the units of the column names. */
export function nodeFile(rows: readonly NodeRow[]): {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CsvCell[])[]
} {
  const columns = ['id', 'name', 'shard', 'role', 'version', 'address', 'health', 'uptimeSeconds', 'usedMemoryBytes', 'maxMemoryBytes']
  const more = ['clients', 'maxClients', 'operationsPerSecond', 'replicationOffsetBytes', 'lagBytes', 'clusterDatabases', 'readAt']
  return {
    columns: [...columns, ...more],
    rows: rows.map(({ node, shard, reading }) => {
      const readAtMs = reading?.atMs ?? node.readAtMs
      return [
        ...[node.id, node.name, shard?.label ?? null, node.role, node.version, `${node.host}:${node.port}`, node.health],
        ...[reading?.uptimeSeconds ?? null, node.usedMemory, node.maxMemory, reading?.clients ?? null, reading?.maxClients ?? null],
        ...[node.operationsPerSecond, reading?.offsetBytes ?? null, node.lagBytes, reading?.databases ?? null],
        readAtMs === 0 ? null : new Date(readAtMs).toISOString()
      ]
    })
  }
}
