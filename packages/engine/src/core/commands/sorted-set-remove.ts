import type { SortedSetValue } from '../keyspace/values/sorted-set.ts'
import type { CommandContext } from './context.ts'

/** After members were removed: the key goes with its last member. */
export function finishRemoval(ctx: CommandContext, key: Uint8Array, set: SortedSetValue, removed: number, event: string): void {
  if (set.size === 0) ctx.database.remove(key)
  ctx.changed(key, removed)
  ctx.notify('z', event, key)
  if (set.size === 0) ctx.notify('g', 'del', key)
}
