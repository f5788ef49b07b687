import { sameBytes } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { ListValue } from '../keyspace/values/list.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { countedKeys } from './counted-keys.ts'
import { defineCommand, firstKey, firstTwoKeys } from './define-command.ts'

type End = 'head' | 'tail'

/** After elements were removed: the key goes with its last element. */
export function finishPop(ctx: CommandContext, key: Uint8Array, list: ListValue, removed: number): void {
  if (list.length === 0) ctx.database.remove(key)
  else list.noteShrunk()
  ctx.changed(key, removed)
  if (list.length === 0) ctx.notify('g', 'del', key)
}

function takeFrom(list: ListValue, end: End): Uint8Array {
  return (end === 'head' ? list.popHead() : list.popTail()) as Uint8Array
}

/** Writes an array of up to `count` elements taken from one end. */
function popMany(ctx: CommandContext, key: Uint8Array, list: ListValue, end: End, count: number): number {
  const taken = Math.min(count, list.length)
  ctx.reply.array(taken)
  for (let left = taken; left > 0; left--) ctx.reply.bulk(takeFrom(list, end))
  if (taken === 0) return 0
  ctx.notify('l', end === 'head' ? 'lpop' : 'rpop', key)
  finishPop(ctx, key, list, taken)
  return taken
}

function pop(ctx: CommandContext, args: Args, end: End) {
  const { reply } = ctx
  if (args.length > 3) return reply.error(errors.wrongArity(ctx.commandName))
  const hasCount = args.length === 3
  const count = hasCount ? args.integer(2) : 1
  if (count === undefined || count < 0) return reply.error(errors.notPositive)
  const key = args.bytes(1)
  const list = ctx.write('list', key)
  if (list === 'wrong') return
  if (hasCount) {
    if (list) popMany(ctx, key, list, end, Number(count))
    else reply.nullArray()
    return
  }
  if (!list) return reply.null()
  reply.bulk(takeFrom(list, end))
  ctx.notify('l', end === 'head' ? 'lpop' : 'rpop', key)
  finishPop(ctx, key, list, 1)
}

export const lpop = defineCommand({
  name: 'LPOP',
  group: 'list',
  since: '1.0.0',
  summary: 'Removes and returns elements from the head of a list.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => pop(ctx, args, 'head')
})

export const rpop = defineCommand({
  name: 'RPOP',
  group: 'list',
  since: '1.0.0',
  summary: 'Removes and returns elements from the tail of a list.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => pop(ctx, args, 'tail')
})

function moveElement(ctx: CommandContext, args: Args, from: End, to: End) {
  const [sourceKey, targetKey] = [args.bytes(1), args.bytes(2)]
  const source = ctx.write('list', sourceKey)
  if (source === 'wrong') return
  if (!source) return ctx.reply.null()
  const found = ctx.write('list', targetKey)
  if (found === 'wrong') return
  const element = takeFrom(source, from)
  const target = found ?? new ListValue()
  target.expect(element.length)
  if (to === 'head') target.pushHead(element)
  else target.pushTail(element)
  if (!found) ctx.database.put(targetKey, target, NEVER)
  ctx.changed(targetKey)
  ctx.notify('l', to === 'head' ? 'lpush' : 'rpush', targetKey)
  ctx.notify('l', from === 'head' ? 'lpop' : 'rpop', sourceKey)
  if (!sameBytes(sourceKey, targetKey)) finishPop(ctx, sourceKey, source, 1)
  ctx.reply.bulk(element)
}

/** LEFT or RIGHT at `index`. */
function endAt(args: Args, index: number): End | undefined {
  return args.is(index, 'LEFT') ? 'head' : args.is(index, 'RIGHT') ? 'tail' : undefined
}

export const lmove = defineCommand({
  name: 'LMOVE',
  group: 'list',
  since: '6.2.0',
  summary: 'Moves an element from an end of one list to an end of another, and returns it.',
  arity: 5,
  flags: ['write', 'denyoom'],
  keys: firstTwoKeys,
  run: (ctx, args) => {
    const from = endAt(args, 3)
    const to = endAt(args, 4)
    if (!from || !to) return ctx.reply.error(errors.syntax)
    moveElement(ctx, args, from, to)
  }
})

export const rpoplpush = defineCommand({
  name: 'RPOPLPUSH',
  group: 'list',
  since: '1.2.0',
  summary: 'Moves an element from the tail of one list to the head of another, and returns it.',
  arity: 3,
  flags: ['write', 'denyoom'],
  keys: firstTwoKeys,
  run: (ctx, args) => moveElement(ctx, args, 'tail', 'head')
})

export const lmpop = defineCommand({
  name: 'LMPOP',
  group: 'list',
  since: '7.0.0',
  summary: 'Removes and returns elements from the first list, of several, that is there.',
  arity: -4,
  flags: ['write', 'movablekeys'],
  keys: countedKeys(1),
  run: (ctx, args) => {
    const { reply } = ctx
    const keyCount = args.integer(1)
    if (keyCount === undefined || keyCount < 1) return reply.error('ERR numkeys should be greater than 0')
    const endIndex = Number(keyCount) + 2
    const end = endIndex < args.length ? endAt(args, endIndex) : undefined
    if (!end) return reply.error(errors.syntax)
    let count: number | bigint | undefined
    for (let at = endIndex + 1; at < args.length; at += 2) {
      if (count !== undefined || !args.is(at, 'COUNT') || at + 1 >= args.length) return reply.error(errors.syntax)
      count = args.integer(at + 1)
      if (count === undefined || count < 1) return reply.error('ERR count should be greater than 0')
    }
    for (let i = 2; i < endIndex; i++) {
      const key = args.bytes(i)
      const list = ctx.write('list', key)
      if (list === 'wrong') return
      if (!list) continue
      reply.array(2)
      reply.bulk(key)
      const taken = popMany(ctx, key, list, end, Number(count ?? 1))
      ctx.propagateAs(end === 'head' ? 'LPOP' : 'RPOP', key, String(taken))
      return
    }
    reply.nullArray()
  }
})
