import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'

/** What LMPOP, ZMPOP and their blocking forms ask for: from which keys, from which end, how many. */
export type MultiPop<End> = { readonly keyIndexes: readonly number[]; readonly end: End; readonly count: number }

/** Reads `numkeys key ... end [COUNT count]` from `index` on; undefined when it is wrong, and then the error is written. */
export function readMultiPop<End>(
  { reply }: CommandContext,
  args: Args,
  index: number,
  endAt: (args: Args, index: number) => End | undefined
): MultiPop<End> | undefined {
  const keyCount = args.integer(index)
  if (keyCount === undefined || keyCount < 1) {
    reply.error('ERR numkeys should be greater than 0')
    return undefined
  }
  const endIndex = Number(keyCount) + index + 1
  const end = endIndex < args.length ? endAt(args, endIndex) : undefined
  if (!end) {
    reply.error(errors.syntax)
    return undefined
  }
  let count: number | bigint | undefined
  for (let at = endIndex + 1; at < args.length; at += 2) {
    if (count !== undefined || !args.is(at, 'COUNT') || at + 1 >= args.length) {
      reply.error(errors.syntax)
      return undefined
    }
    count = args.integer(at + 1)
    if (count === undefined || count < 1) {
      reply.error('ERR count should be greater than 0')
      return undefined
    }
  }
  const keyIndexes = Array.from({ length: Number(keyCount) }, (_, number) => index + 1 + number)
  return { keyIndexes, end, count: Number(count ?? 1) }
}
