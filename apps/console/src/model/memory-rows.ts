import type { CsvCell, MemoryPart, NodeMemory } from '@slotscope/observer/stream'
import type { SortColumn } from './sorted-rows.ts'

/** A node with what its memory is for. */
export type MemoryRow = NodeMemory & { readonly nodeName: string }

/** Every part, in the order in which it is told, with what it is. */
export const partWords: Readonly<Record<MemoryPart, readonly [words: string, title: string]>> = {
  dataset: ['data', 'keys and values'],
  tables: ['tables', 'hash tables of the databases and what else they need beside their keys and values'],
  clients: ['clients', 'buffers of clients'],
  replicas: ['replicas', 'buffers of replicas beyond the backlog'],
  backlog: ['backlog', 'the replication backlog'],
  links: ['bus links', 'links to the other nodes'],
  moves: ['moves', 'slots on their way in or out'],
  'append-only': ['AOF', 'the buffer of the append-only file'],
  scripts: ['scripts', 'scripts and functions'],
  start: ['start', 'what the process took before it had data'],
  other: ['other', 'counted by the node and not told apart']
}
const parts = Object.keys(partWords) as readonly MemoryPart[]

/** A stretch of a bar. `from` and `length` are shares of the longest bar, 0..1. */
export type MemoryStretch = { readonly group: MemoryGroup; readonly from: number; readonly length: number; readonly bytes: number }

/** Parts that are drawn as one: eleven tints could not be told apart. */
export type MemoryGroup = 'data' | 'tables' | 'connections' | 'replication' | 'start' | 'rest'
export const groupWords: Readonly<Record<MemoryGroup, string>> = {
  data: 'data',
  tables: 'tables of databases',
  connections: 'clients and bus links',
  replication: 'replication, moves, AOF',
  start: 'start and scripts',
  rest: 'other'
}
const groups: Readonly<Record<MemoryGroup, readonly MemoryPart[]>> = {
  data: ['dataset'],
  tables: ['tables'],
  connections: ['clients', 'links'],
  replication: ['replicas', 'backlog', 'moves', 'append-only'],
  start: ['start', 'scripts'],
  rest: ['other']
}

/** The bar of one node, beside which the longest one is as long as `longestBytes`. */
export function memoryBar({ parts: told }: Pick<NodeMemory, 'parts'>, longestBytes: number): readonly MemoryStretch[] {
  let from = 0
  return (Object.keys(groups) as MemoryGroup[]).flatMap((group) => {
    const bytes = groups[group].reduce((sum, part) => sum + (told[part] ?? 0), 0)
    if (bytes <= 0 || longestBytes <= 0) return []
    const stretch = { group, from, length: bytes / longestBytes, bytes }
    from += stretch.length
    return [stretch]
  })
}

const partColumn = (part: MemoryPart): SortColumn<MemoryRow> => ({ name: part, of: (row) => row.parts[part] ?? null })

/** How each column sorts: the node, all that is used, the parts, and what the process takes. */
export const memoryColumns: readonly SortColumn<MemoryRow>[] = [
  { name: 'node', isText: true, of: ({ nodeName }) => nodeName },
  { name: 'used', of: ({ usedBytes }) => usedBytes },
  ...parts.map(partColumn),
  { name: 'peak', of: ({ peakBytes }) => peakBytes },
  { name: 'limit', of: ({ limitBytes }) => limitBytes },
  { name: 'resident', of: ({ residentBytes }) => residentBytes },
  { name: 'fragmentation', of: ({ fragmentation }) => fragmentation },
  { name: 'lost', of: ({ allocatorLostBytes }) => allocatorLostBytes },
  { name: 'kept', of: ({ allocatorKeptBytes }) => allocatorKeptBytes }
]

/** The rows as a file has them, in bytes. */
export function memoryFile(rows: readonly MemoryRow[]): {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CsvCell[])[]
} {
  return {
    columns: [
      ...['node', 'nodeName', 'usedBytes', ...parts.map((part) => `${part}Bytes`), 'peakBytes', 'limitBytes', 'residentBytes'],
      ...['fragmentation', 'allocatorLostBytes', 'allocatorKeptBytes', 'besideAllocatorBytes', 'keys']
    ],
    rows: rows.map((row) => [
      ...[row.node, row.nodeName, row.usedBytes, ...parts.map((part) => row.parts[part] ?? null), row.peakBytes, row.limitBytes],
      ...[row.residentBytes, row.fragmentation, row.allocatorLostBytes, row.allocatorKeptBytes, row.besideAllocatorBytes, row.keys]
    ])
  }
}
