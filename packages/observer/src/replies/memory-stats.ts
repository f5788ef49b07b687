import type { Reply } from '../caller.ts'
import type { MemoryPart, NodeMemory } from '../stream/traffic-questions.ts'
import { parseInfo } from './info.ts'
import { fieldsOf, malformed, type Parsed, textOf } from './shape.ts'

/** Figures of MEMORY STATS that make up a part (Valkey `object.c`, `getMemoryOverheadData`). */
const figures: readonly (readonly [part: MemoryPart, names: readonly string[]])[] = [
  ['clients', ['clients.normal']],
  ['replicas', ['clients.slaves']],
  ['backlog', ['replication.backlog']],
  ['links', ['cluster.links']],
  ['moves', ['cluster.slot_import', 'cluster.slot_export']],
  ['append-only', ['aof.buffer']],
  ['scripts', ['lua.caches', 'functions.caches']],
  ['start', ['startup.allocated']]
]

/** Parses MEMORY STATS, with INFO memory for what it does not tell. Parts that are not told are not there. */
export function parseMemoryStats(stats: Reply | undefined, info: Reply | undefined): Parsed<Omit<NodeMemory, 'node'>> {
  const told = fieldsOf(stats)
  const usedBytes = numberOf(told?.get('total.allocated'))
  if (!told || usedBytes === null) return malformed('MEMORY STATS', stats, 'a map with total.allocated')
  const read = parseInfo(info)
  const section = (name: string) => ('value' in read ? (read.value.number(name) ?? null) : null)
  const parts: Partial<Record<MemoryPart, number>> = {}
  const dataset = numberOf(told.get('dataset.bytes'))
  if (dataset !== null) parts.dataset = dataset
  const databases = databasesOf(told)
  if (databases.length > 0) parts.tables = databases.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const [part, names] of figures) {
    const bytes = names.flatMap((name) => numberOf(told.get(name)) ?? [])
    if (bytes.length > 0) parts[part] = bytes.reduce((sum, one) => sum + one, 0)
  }
  const apart = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)
  if (usedBytes > apart) parts.other = usedBytes - apart
  return {
    value: {
      usedBytes,
      peakBytes: numberOf(told.get('peak.allocated')),
      limitBytes: section('maxmemory'),
      residentBytes: section('used_memory_rss'),
      keys: numberOf(told.get('keys.count')),
      parts,
      databases,
      fragmentation: numberOf(told.get('fragmentation')) ?? section('mem_fragmentation_ratio'),
      allocatorLostBytes: numberOf(told.get('allocator-fragmentation.bytes')),
      allocatorKeptBytes: numberOf(told.get('allocator-rss.bytes')),
      besideAllocatorBytes: numberOf(told.get('rss-overhead.bytes'))
    }
  }
}

function databasesOf(told: ReadonlyMap<string, Reply>): NodeMemory['databases'] {
  const databases: { database: number; bytes: number }[] = []
  for (const [name, value] of told) {
    const number = /^db\.(\d+)$/.exec(name)?.[1]
    if (number === undefined) continue
    const bytes = [...(fieldsOf(value)?.values() ?? [])].reduce<number>((sum, one) => sum + (numberOf(one) ?? 0), 0)
    databases.push({ database: Number(number), bytes })
  }
  return databases.sort((a, b) => a.database - b.database)
}

/** Ratios are texts in RESP2. */
function numberOf(reply: Reply | undefined): number | null {
  const text = textOf(reply)
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}
