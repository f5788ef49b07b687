import { readsEveryKey } from '../acl/access.ts'
import { keySlot } from '../cluster/slot.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { slotOfPattern } from './scan.ts'
import { readSortPattern, type SortPattern } from './sort-pattern.ts'

export type SortOptions = {
  descending: boolean
  alpha: boolean
  /** As given: what is negative or beyond the end is put right when the length is known. */
  offset: number
  count: number
  /** `as-it-is`: BY with a name that has no star. */
  by: SortPattern | 'as-it-is' | undefined
  readonly get: SortPattern[]
  /** Index of the key to store under. */
  store: number | undefined
}

/** The options of SORT, or the error. Each is judged where it stands, so the first that is wrong is told. */
export function readSortOptions(ctx: CommandContext, args: Args, mayStore: boolean): SortOptions | string {
  const options: SortOptions = { descending: false, alpha: false, offset: 0, count: -1, by: undefined, get: [], store: undefined }
  for (let at = 2; at < args.length; at++) {
    const left = args.length - at - 1
    if (args.is(at, 'ASC')) options.descending = false
    else if (args.is(at, 'DESC')) options.descending = true
    else if (args.is(at, 'ALPHA')) options.alpha = true
    else if (args.is(at, 'LIMIT') && left >= 2) {
      const offset = args.integer(at + 1)
      const count = args.integer(at + 2)
      if (offset === undefined || count === undefined) return errors.notAnInteger
      options.offset = Number(offset)
      options.count = Number(count)
      at += 2
    } else if (mayStore && args.is(at, 'STORE') && left >= 1) options.store = ++at
    else if (args.is(at, 'BY') && left >= 1) {
      const pattern = readSortPattern(args.bytes(++at))
      // A lone # has no star either: it is a name like any other here.
      const isName = pattern.type !== 'key'
      const problem = isName ? undefined : refusal(ctx, args, at, 'BY')
      if (problem !== undefined) return problem
      options.by = isName ? 'as-it-is' : pattern
    } else if (args.is(at, 'GET') && left >= 1) {
      const pattern = readSortPattern(args.bytes(++at))
      const problem = refusal(ctx, args, at, 'GET', pattern.type === 'element')
      if (problem !== undefined) return problem
      options.get.push(pattern)
    } else return errors.syntax
  }
  return options
}

/**
 * Keys that a pattern makes are not among the arguments: nobody has asked whether they are in the slot that the command was sent
 * to, and whether the user may read them.
 */
function refusal(ctx: CommandContext, args: Args, index: number, option: 'BY' | 'GET', isElement = false): string | undefined {
  if (ctx.node.clusterEnabled && !isElement && slotOfPattern(args.bytes(index)) !== keySlot(args.bytes(1))) {
    return `ERR ${option} option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots.`
  }
  const { client, definition } = ctx
  if (client.origin !== 'client' || readsEveryKey(client.user, definition, args, client.database)) return undefined
  return `ERR ${option} option of SORT denied due to insufficient ACL permissions.`
}
