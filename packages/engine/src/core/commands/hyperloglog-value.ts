import { isSketch } from '../hyperloglog/sketch.ts'
import type { StringValue } from '../keyspace/values/string.ts'
import type { CommandContext } from './context.ts'

const notASketch = 'WRONGTYPE Key is not a valid HyperLogLog string value.'
export const brokenSketch = 'INVALIDOBJ Corrupted HLL object detected'

/** The value at a key when it is a sketch; `wrong` with the error written when it is something else. */
export function sketchAt(ctx: CommandContext, key: Uint8Array, forWrite: boolean): StringValue | undefined | 'wrong' {
  const value = forWrite ? ctx.write('string', key) : ctx.read('string', key)
  if (value === undefined || value === 'wrong' || isSketch(value.bytes)) return value
  ctx.reply.error(notASketch)
  return 'wrong'
}
