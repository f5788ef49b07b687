import { NEVER } from '../keyspace/entry.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import type { CommandContext } from './context.ts'

/** A hash that a command fills: `store` puts it into the database if it was not there. */
export type OpenedHash = { readonly hash: HashValue; readonly isNew: boolean; readonly store: () => void }

/**
 * The hash at a key, or a new one that is not stored yet, so that a command that sets nothing leaves no empty key behind.
 * When the key holds something else, the error is written and undefined comes back.
 */
export function openHash(ctx: CommandContext, key: Uint8Array): OpenedHash | undefined {
  const found = ctx.write('hash', key)
  if (found === 'wrong') return undefined
  if (found) return { hash: found, isNew: false, store: () => {} }
  const hash = new HashValue()
  return { hash, isNew: true, store: () => ctx.database.put(key, hash, NEVER) }
}

export type SetOutcome = 'new' | 'replaced' | 'expired'

/** Sets a field, to copies, and counts, when an expired field was overwritten, one field as expired. */
export function setField(ctx: CommandContext, hash: HashValue, field: Uint8Array, value: Uint8Array, deadlineMs = NEVER): SetOutcome {
  const outcome = hash.overwrite(field, value, deadlineMs, ctx.visibleNowMs)
  if (outcome === 'expired') ctx.node.stats.expiredFields++
  return outcome
}
