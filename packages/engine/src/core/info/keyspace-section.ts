import type { Node } from '../node.ts'
import type { InfoField } from './info.ts'

/** Databases that hold keys. The average time to live is sampled (`keyspace-sampler.ts`), as it is in the reference. */
export function keyspaceSection(node: Node): readonly InfoField[] {
  const fields: InfoField[] = []
  for (const database of node.keyspace.used()) {
    if (database.size === 0) continue
    const averageTtlMs = database.expiringCount === 0 ? 0 : node.sampler.averageTtlMs(database, node.now.wallMs)
    fields.push([
      `db${database.index}`,
      `keys=${database.size},expires=${database.expiringCount},avg_ttl=${averageTtlMs},keys_with_volatile_items=${database.volatileCount}`
    ])
  }
  return fields
}
