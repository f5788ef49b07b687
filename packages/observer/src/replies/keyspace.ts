import { figuresOf, type Info } from './info.ts'

/** One database of one node as INFO keyspace has it. */
export type DatabaseFigures = {
  readonly keys: number
  readonly expires: number
  readonly averageTtlMs: number
  /** Hashes that hold a field with a deadline (Valkey 9, Redis 7.4); 0 where the server does not report it. */
  readonly withVolatileFields: number
}

/** The non-empty databases of a node, by number, in order. */
export function databasesOf(info: Info): ReadonlyMap<number, DatabaseFigures> {
  const databases = new Map<number, DatabaseFigures>()
  for (const [name, value] of info.entries('db')) {
    if (!/^\d+$/.test(name)) continue
    const figures = figuresOf(value)
    const keys = figures.get('keys')
    if (keys === undefined) continue
    databases.set(Number(name), {
      keys,
      expires: figures.get('expires') ?? 0,
      averageTtlMs: figures.get('avg_ttl') ?? 0,
      withVolatileFields: figures.get('keys_with_volatile_items') ?? figures.get('subexpiry') ?? 0
    })
  }
  return databases
}
