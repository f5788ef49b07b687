import { latin1Bytes } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import { addLongDouble, formatLongDouble, parseLongDouble, ZERO } from '../long-double.ts'
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

function add(ctx: CommandContext, key: Uint8Array, increment: number | bigint) {
  const value = ctx.write('string', key)
  if (value === 'wrong') return
  const old = value ? value.integer() : 0
  if (old === undefined) return ctx.reply.error(errors.notAnInteger)
  const sum = addIntegers(old, increment)
  if (sum === undefined) return ctx.reply.error(errors.overflow)
  if (value) value.replaceWithInteger(sum)
  else ctx.database.put(key, new StringValue(latin1Bytes(sum.toString())), NEVER)
  ctx.changed(key)
  ctx.notify('$', 'incrby', key)
  ctx.reply.integer(sum)
}

export const incr = defineCommand({
  name: 'INCR',
  group: 'string',
  since: '1.0.0',
  summary: 'Adds one to the integer at a key.',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => add(ctx, args.bytes(1), 1)
})

export const decr = defineCommand({
  name: 'DECR',
  group: 'string',
  since: '1.0.0',
  summary: 'Takes one from the integer at a key.',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => add(ctx, args.bytes(1), -1)
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
    add(ctx, args.bytes(1), increment)
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
    add(ctx, args.bytes(1), -decrement)
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
