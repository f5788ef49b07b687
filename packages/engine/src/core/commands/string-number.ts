import { latin1Bytes, parseInteger } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import { addLongDouble, formatLongDouble, parseLongDouble, ZERO } from '../long-double.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'

const LARGEST = 9_223_372_036_854_775_807n

/** Exact sum of two 64-bit integers; undefined when it is none. */
export function addIntegers(a: number | bigint, b: number | bigint): number | bigint | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  const exact = BigInt(a) + BigInt(b)
  if (exact > LARGEST || exact < -LARGEST - 1n) return undefined
  const near = Number(exact)
  return Number.isSafeInteger(near) ? near : exact
}

function add(ctx: CommandContext, args: Args, increment: number | bigint) {
  const { database, reply } = ctx
  const { records } = database
  const record = ctx.lookupRecord(args, 1)
  let old: number | bigint | undefined = 0
  if (record !== 0 && records.isObject(record)) {
    const value = records.objectAt(record)
    if (value.type !== 'string') return reply.error(errors.wrongType)
    old = value.integer()
  } else if (record !== 0) {
    const start = records.valueAt(record)
    old = parseInteger(records.slabOf(record), start, start + records.valueLength(record))
  }
  if (old === undefined) return reply.error(errors.notAnInteger)
  const sum = addIntegers(old, increment)
  if (sum === undefined) return reply.error(errors.overflow)
  const deadlineMs = record === 0 ? NEVER : records.deadlineMs(record)
  const digits = writeDigits(sum)
  const replaced = record === 0 ? ctx.recordToReplace(args, 1) : record
  database.putStringAt(replaced, args.source, args.offset(1), args.size(1), DIGITS, 0, digits, deadlineMs)
  ctx.stored(args, 1, 'incrby')
  reply.integer(sum)
}

/** Where the digits of a sum are written: 19 of them and a sign at most. */
const DIGITS = new Uint8Array(20)

/** Writes a 64-bit integer into `DIGITS`; returns its length. */
function writeDigits(value: number | bigint): number {
  const text = value.toString()
  for (let i = 0; i < text.length; i++) DIGITS[i] = text.charCodeAt(i)
  return text.length
}

export const incr = defineCommand({
  name: 'INCR',
  group: 'string',
  since: '1.0.0',
  summary: 'Adds one to the integer at a key.',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => add(ctx, args, 1)
})

export const decr = defineCommand({
  name: 'DECR',
  group: 'string',
  since: '1.0.0',
  summary: 'Takes one from the integer at a key.',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => add(ctx, args, -1)
})

export const incrby = defineCommand({
  name: 'INCRBY',
  group: 'string',
  since: '1.0.0',
  summary: 'Adds to the integer at a key.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const increment = args.integer(2)
    if (increment === undefined) return ctx.reply.error(errors.notAnInteger)
    add(ctx, args, increment)
  }
})

export const decrby = defineCommand({
  name: 'DECRBY',
  group: 'string',
  since: '1.0.0',
  summary: 'Takes from the integer at a key.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const decrement = args.integer(2)
    if (decrement === undefined) return ctx.reply.error(errors.notAnInteger)
    if (decrement === -LARGEST - 1n) return ctx.reply.error('ERR decrement would overflow')
    add(ctx, args, -decrement)
  }
})

export const incrbyfloat = defineCommand({
  name: 'INCRBYFLOAT',
  group: 'string',
  since: '2.6.0',
  summary: 'Adds to the floating point number at a key.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const value = ctx.write('string', key)
    if (value === 'wrong') return
    const old = value ? parseLongDouble(value.bytes) : ZERO
    const increment = old && parseLongDouble(args.bytes(2))
    if (!old || !increment) return ctx.reply.error(errors.notAFloat)
    const sum = addLongDouble(old, increment)
    if (!sum) return ctx.reply.error(errors.nanOrInfinity)
    const text = formatLongDouble(sum)
    const target = value ?? new StringValue()
    target.replaceWithText(latin1Bytes(text))
    if (!value) ctx.database.put(key, target, NEVER)
    ctx.changed(key)
    ctx.notify('$', 'incrbyfloat', key)
    // A replica's arithmetic might differ in the last digit: it gets the result.
    ctx.propagateAs('SET', key, text, 'KEEPTTL')
    ctx.reply.latin1(text)
  }
})
