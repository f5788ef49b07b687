import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'

/** NX: only where there is no deadline. XX: only where there is one. GT, LT: only when the new one is later, sooner. */
export type DeadlineCondition = 'NX' | 'XX' | 'GT' | 'LT'

const CONDITIONS: readonly DeadlineCondition[] = ['NX', 'XX', 'GT', 'LT']

/** The conditions at from..to-1 of EXPIRE and HEXPIRE. Writes the error and returns undefined when they make no sense. */
export function readDeadlineConditions(
  ctx: CommandContext,
  args: Args,
  from: number,
  to: number
): ReadonlySet<DeadlineCondition> | undefined {
  if (from >= to) return NO_CONDITIONS
  const found = new Set<DeadlineCondition>()
  for (let at = from; at < to; at++) {
    const condition = CONDITIONS.find((word) => args.is(at, word))
    if (!condition) {
      // The reference prints what it repeats as far as its first NUL.
      ctx.reply.error(`ERR Unsupported option ${args.text(at).split('\0', 1)[0]}`)
      return undefined
    }
    found.add(condition)
  }
  if (found.has('NX') && found.size > 1) {
    ctx.reply.error('ERR NX and XX, GT or LT options at the same time are not compatible')
    return undefined
  }
  if (found.has('GT') && found.has('LT')) {
    ctx.reply.error('ERR GT and LT options at the same time are not compatible')
    return undefined
  }
  return found
}

const NO_CONDITIONS: ReadonlySet<DeadlineCondition> = new Set()
