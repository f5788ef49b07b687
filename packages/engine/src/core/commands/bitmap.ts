import { bitAt, countBitsBetween, findBit } from '../bits.ts'
import { EMPTY_BYTES } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { readBitOffset } from './bit-offset.ts'
import { bitfield, bitfieldRo } from './bitfield.ts'
import { bitop } from './bitop.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'

const setbit = defineCommand({
  name: 'SETBIT',
  group: 'bitmap',
  since: '2.2.0',
  summary: 'Sets or clears the bit at an offset of a string and returns the one that was there.',
  arity: 4,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => {
    const offset = readBitOffset(ctx, args, 2)
    if (offset === undefined) return
    const bit = args.integerBetween(3, 0, 1)
    if (bit === undefined) return ctx.reply.error('ERR bit is not an integer or out of range')
    const key = args.bytes(1)
    const value = ctx.write('string', key)
    if (value === 'wrong') return
    const at = Math.floor(offset / 8)
    const mask = 1 << (7 - (offset % 8))
    const target = value ?? new StringValue()
    const length = target.length
    const old = bitAt(target.bytes, offset)
    const byte = target.bytes[at] ?? 0
    target.write(at, Uint8Array.of(bit === 1 ? byte | mask : byte & ~mask))
    if (!value) ctx.database.put(key, target, NEVER)
    if (old !== bit || target.length !== length) {
      ctx.changed(key)
      ctx.notify('$', 'setbit', key)
    }
    ctx.reply.integer(old)
  }
})

const getbit = defineCommand({
  name: 'GETBIT',
  group: 'bitmap',
  since: '2.2.0',
  summary: 'Returns the bit at an offset of a string.',
  arity: 3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const offset = readBitOffset(ctx, args, 2)
    if (offset === undefined) return
    const value = ctx.read('string', args.bytes(1))
    if (value !== 'wrong') ctx.reply.integer(value ? bitAt(value.bytes, offset) : 0)
  }
})

/** Which part of a string is looked at: as given, and whether in bytes or in bits. */
type Part = { readonly start: number | bigint; readonly end: number | bigint; readonly hasEnd: boolean; readonly inBits: boolean }

/** `[start [end [BYTE|BIT]]]` from `index` on. Writes the error and returns undefined when that makes no sense. */
function readPart(ctx: CommandContext, args: Args, index: number): Part | undefined {
  const given = args.length - index
  const inBits = given >= 3 && args.is(index + 2, 'BIT')
  const start = given >= 1 ? args.integer(index) : 0
  // The number is looked at before what follows it (`bitcountCommand`, `bitposCommand`).
  if (start !== undefined && (given > 3 || (given === 3 && !inBits && !args.is(index + 2, 'BYTE')))) {
    ctx.reply.error(errors.syntax)
    return undefined
  }
  const end = given >= 2 ? args.integer(index + 1) : -1
  if (start === undefined || end === undefined) {
    ctx.reply.error(errors.notAnInteger)
    return undefined
  }
  return { start, end, hasEnd: given >= 2, inBits }
}

/** First and last bit of a part of a string that has `length` bytes; undefined when there is nothing in it. */
function bitsOf({ start, end, inBits }: Part, length: number): readonly [first: number, last: number] | undefined {
  const total = inBits ? length * 8 : length
  const first = Math.max(0, start < 0 ? total + Number(start) : Number(start))
  const last = Math.min(total - 1, Math.max(0, end < 0 ? total + Number(end) : Number(end)))
  if (first > last) return undefined
  return inBits ? [first, last] : [first * 8, last * 8 + 7]
}

const bitcount = defineCommand({
  name: 'BITCOUNT',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Counts the bits that are set in a string or in a part of it.',
  arity: -2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const part = readPart(ctx, args, 2)
    if (!part) return
    const value = ctx.read('string', args.bytes(1))
    if (value === 'wrong') return
    const bytes = value?.bytes ?? EMPTY_BYTES
    const isBackwards = part.start < 0 && part.end < 0 && part.start > part.end
    const bits = isBackwards ? undefined : bitsOf(part, bytes.length)
    ctx.reply.integer(bits ? countBitsBetween(bytes, bits[0], bits[1]) : 0)
  }
})

const bitpos = defineCommand({
  name: 'BITPOS',
  group: 'bitmap',
  since: '2.8.7',
  summary: 'Returns the offset of the first bit that is set, or cleared, in a string or in a part of it.',
  arity: -3,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const bit = args.integer(2)
    if (bit === undefined) return ctx.reply.error(errors.notAnInteger)
    if (bit !== 0 && bit !== 1) return ctx.reply.error('ERR The bit argument must be 1 or 0.')
    const part = readPart(ctx, args, 3)
    if (!part) return
    const value = ctx.read('string', args.bytes(1))
    if (value === 'wrong') return
    // Nothing counts as zeros without an end.
    if (!value) return ctx.reply.integer(bit === 1 ? -1 : 0)
    const bits = bitsOf(part, value.length)
    if (!bits) return ctx.reply.integer(-1)
    const found = findBit(value.bytes, bit, bits[0], bits[1])
    // Zeros follow the string, unless the end of the part was given.
    ctx.reply.integer(found < 0 && bit === 0 && !part.hasEnd ? value.length * 8 : found)
  }
})

export const bitmapCommands: readonly CommandDefinition[] = [setbit, getbit, bitcount, bitpos, bitop, bitfield, bitfieldRo]
