import { parseInteger } from '../bytes.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'

/**
 * Offset of a bit; where a width is given, `#n` is the n-th group of so many bits. Writes the error and returns undefined for what
 * cannot be an offset (`getBitOffsetFromArgument`).
 */
export function readBitOffset(ctx: CommandContext, args: Args, index: number, width?: number): number | undefined {
  const bytes = args.bytes(index)
  const isGroup = width !== undefined && bytes[0] === 0x23
  const number = isGroup ? parseInteger(bytes.subarray(1)) : parseInteger(bytes)
  // What comes from a primary was within its limit.
  const mostBytes = ctx.client.origin === 'client' ? ctx.node.config.number('proto-max-bulk-len') : 2 ** 49
  if (typeof number === 'number' && number >= 0) {
    const offset = number * (isGroup ? width : 1)
    if (Math.floor(offset / 8) < mostBytes) return offset
  }
  ctx.reply.error('ERR bit offset is not an integer or out of range')
  return undefined
}
