import { sameBytes } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { ListValue } from '../keyspace/values/list.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { countedKeys } from './counted-keys.ts'
import { defineCommand, firstKey, firstTwoKeys } from './define-command.ts'
import { type MultiPop, readMultiPop } from './multi-pop.ts'

export type ListEnd = 'head' | 'tail'

/** After elements were removed: the key goes with its last element. */
export function finishPop(ctx: CommandContext, key: Uint8Array, list: ListValue, removed: number): void {
  if (list.length === 0) ctx.database.remove(key)
  else list.noteShrunk()
  ctx.changed(key, removed)
  if (list.length === 0) ctx.notify('g', 'del', key)
}

/** A view, valid until the list changes. */
function takeFrom(list: ListValue, end: ListEnd): Uint8Array {
  return (end === 'head' ? list.popHead() : list.popTail()) as Uint8Array
}

/** Writes an array of up to `count` elements taken from one end. */
function popMany(ctx: CommandContext, key: Uint8Array, list: ListValue, end: ListEnd, count: number): number {
  const taken = Math.min(count, list.length)
  ctx.reply.array(taken)
  for (let left = taken; left > 0; left--) ctx.reply.bulk(takeFrom(list, end))
  if (taken === 0) return 0
  ctx.notify('l', end === 'head' ? 'lpop' : 'rpop', key)
  finishPop(ctx, key, list, taken)
  return taken
}

function pop(ctx: CommandContext, args: Args, end: ListEnd) {
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
  popOne(ctx, key, list, end)
}

/** Writes one element, taken from an end of a list that is not empty. */
export function popOne(ctx: CommandContext, key: Uint8Array, list: ListValue, end: ListEnd): void {
  ctx.reply.bulk(takeFrom(list, end))
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

/** Moves an element between the lists that arguments 1 and 2 name, and writes it; null when there is none. */
export function moveElement(ctx: CommandContext, args: Args, from: ListEnd, to: ListEnd) {
  const [sourceKey, targetKey] = [args.bytes(1), args.bytes(2)]
  const source = ctx.write('list', sourceKey)
  if (source === 'wrong') return
  if (!source) return ctx.reply.null()
  const found = ctx.write('list', targetKey)
  if (found === 'wrong') return
  // The two may be one list.
  const element = takeFrom(source, from).slice()
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
export function endAt(args: Args, index: number): ListEnd | undefined {
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

/** Writes what is taken from the first list that is there; others hear of the plain pop. False: there is none. */
export function popFirstList(ctx: CommandContext, args: Args, { keyIndexes, end, count }: MultiPop<ListEnd>): boolean {
  for (const index of keyIndexes) {
    const key = args.bytes(index)
    const list = ctx.write('list', key)
    if (list === 'wrong') return true
    if (!list) continue
    ctx.reply.array(2)
    ctx.reply.bulk(key)
    const taken = popMany(ctx, key, list, end, count)
    ctx.propagateAs(end === 'head' ? 'LPOP' : 'RPOP', key, String(taken))
    return true
  }
  return false
}

export const lmpop = defineCommand({
  name: 'LMPOP',
  group: 'list',
  since: '7.0.0',
  summary: 'Removes and returns elements from the first list, of several, that is there.',
  arity: -4,
  flags: ['write', 'movablekeys'],
  keys: countedKeys(1),
  run: (ctx, args) => {
    const wanted = readMultiPop(ctx, args, 1, endAt)
    if (wanted && !popFirstList(ctx, args, wanted)) ctx.reply.nullArray()
  }
})
