import type { Args } from '../resp/args.ts'
import type { KeySpec } from './define-command.ts'

/**
 * Where the keys are when their number stands at `index` and they follow it (LMPOP, ZUNION ...); `before` are keys that
 * stand elsewhere. No keys when the number is not one that the arguments can hold; what follows its digits is forgiven here, as
 * by the reference (`genericGetKeys`), since the command itself will refuse it.
 */
export function countedKeys(index: number, before: readonly number[] = []): KeySpec {
  return (args: Args) => {
    if (args.length <= index) return []
    const count = Number.parseInt(args.text(index), 10)
    if (!(count >= 1 && count <= args.length - index - 1)) return []
    return [...before, ...Array.from({ length: count }, (_, number) => index + 1 + number)]
  }
}
