import { NEVER } from '../keyspace/entry.ts'
import { ListValue } from '../keyspace/values/list.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { listBlockingCommands } from './list-blocking.ts'
import { finishPop, lmove, lmpop, lpop, rpop, rpoplpush } from './list-pop.ts'
import { lpos } from './list-position.ts'

type End = 'head' | 'tail'

function push(ctx: CommandContext, args: Args, end: End, onlyIfThere: boolean) {
  const found = ctx.writeAt('list', args, 1)
  if (found === 'wrong') return
  if (!found && onlyIfThere) return ctx.reply.integer(0)
  const list = found ?? new ListValue()
  let addedBytes = 0
  for (let i = 2; i < args.length; i++) addedBytes += args.size(i)
  list.expect(addedBytes)
  for (let i = 2; i < args.length; i++) {
    if (end === 'head') list.pushHead(args.source, args.offset(i), args.size(i))
    else list.pushTail(args.source, args.offset(i), args.size(i))
  }
  if (!found) ctx.database.put(args.bytes(1), list, NEVER)
  ctx.changedAt(args, 1, args.length - 2, 'l', end === 'head' ? 'lpush' : 'rpush')
  ctx.reply.integer(list.length)
}

const pushDefinition = { group: 'list', arity: -3, flags: ['write', 'denyoom', 'fast'], keys: firstKey } as const

const lpush = defineCommand({
  name: 'LPUSH',
  since: '1.0.0',
  summary: 'Adds elements to the head of a list.',
  ...pushDefinition,
  run: (ctx, args) => push(ctx, args, 'head', false)
})

const rpush = defineCommand({
  name: 'RPUSH',
  since: '1.0.0',
  summary: 'Adds elements to the tail of a list.',
  ...pushDefinition,
  run: (ctx, args) => push(ctx, args, 'tail', false)
})

const lpushx = defineCommand({
  name: 'LPUSHX',
  since: '2.2.0',
  summary: 'Adds elements to the head of a list that is there.',
  ...pushDefinition,
  run: (ctx, args) => push(ctx, args, 'head', true)
})

const rpushx = defineCommand({
  name: 'RPUSHX',
  since: '2.2.0',
  summary: 'Adds elements to the tail of a list that is there.',
  ...pushDefinition,
  run: (ctx, args) => push(ctx, args, 'tail', true)
})

const llen = defineCommand({
  name: 'LLEN',
  group: 'list',
  since: '1.0.0',
  summary: 'Returns the number of elements.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const list = ctx.readAt('list', args, 1)
    if (list !== 'wrong') ctx.reply.integer(list?.length ?? 0)
  }
})

const lindex = defineCommand({
  name: 'LINDEX',
  group: 'list',
  since: '1.0.0',
  summary: 'Returns the element at a position; negative positions count from the tail.',
  arity: 3,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const list = ctx.readAt('list', args, 1)
    if (list === 'wrong') return
    if (!list) return ctx.reply.null()
    const index = args.integer(2)
    if (index === undefined) return ctx.reply.error(errors.notAnInteger)
    ctx.reply.bulkOrNull(list.at(index < 0 ? list.length + Number(index) : Number(index)))
  }
})

/** Start and stop at 2 and 3 as positions in a list of this length; empty when start > stop. */
function readRange(ctx: CommandContext, args: Args): ((length: number) => { start: number; stop: number }) | undefined {
  const first = args.integer(2)
  const last = first === undefined ? undefined : args.integer(3)
  if (first === undefined || last === undefined) {
    ctx.reply.error(errors.notAnInteger)
    return undefined
  }
  return (length) => ({
    start: Math.max(0, first < 0 ? length + Number(first) : Number(first)),
    stop: Math.min(length - 1, last < 0 ? length + Number(last) : Number(last))
  })
}

const lrange = defineCommand({
  name: 'LRANGE',
  group: 'list',
  since: '1.0.0',
  summary: 'Returns the elements between two positions, both included.',
  arity: 4,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const range = readRange(ctx, args)
    if (!range) return
    const list = ctx.readAt('list', args, 1)
    if (list === 'wrong') return
    const { start, stop } = range(list?.length ?? 0)
    if (!list || start > stop) return ctx.reply.array(0)
    ctx.reply.array(stop - start + 1)
    list.visit(start, stop, (bytes, at, length) => ctx.reply.bulkOf(bytes, at, length))
  }
})

const ltrim = defineCommand({
  name: 'LTRIM',
  group: 'list',
  since: '1.0.0',
  summary: 'Removes the elements outside of two positions.',
  arity: 4,
  flags: ['write'],
  keys: firstKey,
  run: (ctx, args) => {
    const range = readRange(ctx, args)
    if (!range) return
    const key = args.bytes(1)
    const list = ctx.write('list', key)
    if (list === 'wrong') return
    if (!list) return ctx.reply.ok()
    const before = list.length
    const { start, stop } = range(before)
    if (start > stop) list.trim(before, before)
    else list.trim(start, stop)
    ctx.notify('l', 'ltrim', key)
    if (list.length < before) finishPop(ctx, key, list, before - list.length)
    ctx.reply.ok()
  }
})

const lset = defineCommand({
  name: 'LSET',
  group: 'list',
  since: '1.0.0',
  summary: 'Replaces the element at a position.',
  arity: 4,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const list = ctx.write('list', key)
    if (list === 'wrong') return
    if (!list) return ctx.reply.error(errors.noSuchKey)
    const given = args.integer(2)
    if (given === undefined) return ctx.reply.error(errors.notAnInteger)
    const index = given < 0 ? list.length + Number(given) : Number(given)
    if (list.at(index) === undefined) return ctx.reply.error(errors.indexRange)
    list.expect(args.size(3))
    list.set(index, args.bytes(3))
    list.noteShrunk()
    ctx.changed(key)
    ctx.notify('l', 'lset', key)
    ctx.reply.ok()
  }
})

const linsert = defineCommand({
  name: 'LINSERT',
  group: 'list',
  since: '2.2.0',
  summary: 'Adds an element before or after the first one that equals a pivot.',
  arity: 5,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => {
    const isBefore = args.is(2, 'BEFORE')
    if (!isBefore && !args.is(2, 'AFTER')) return ctx.reply.error(errors.syntax)
    const key = args.bytes(1)
    const list = ctx.write('list', key)
    if (list === 'wrong') return
    if (!list) return ctx.reply.integer(0)
    list.expect(args.size(4))
    const inserted = isBefore ? list.insertBefore(args.bytes(3), args.bytes(4)) : list.insertAfter(args.bytes(3), args.bytes(4))
    if (!inserted) {
      list.noteShrunk()
      return ctx.reply.integer(-1)
    }
    ctx.changed(key)
    ctx.notify('l', 'linsert', key)
    ctx.reply.integer(list.length)
  }
})

const lrem = defineCommand({
  name: 'LREM',
  group: 'list',
  since: '1.0.0',
  summary: 'Removes elements that equal one: so many from the head, or from the tail when the count is negative, or all.',
  arity: 4,
  flags: ['write'],
  keys: firstKey,
  run: (ctx, args) => {
    const count = args.integer(2)
    if (count === undefined) return ctx.reply.error(errors.notAnInteger)
    const key = args.bytes(1)
    const list = ctx.write('list', key)
    if (list === 'wrong') return
    const removed = list?.remove(Number(count), args.bytes(3)) ?? 0
    if (list && removed > 0) {
      ctx.notify('l', 'lrem', key)
      finishPop(ctx, key, list, removed)
    }
    ctx.reply.integer(removed)
  }
})

export const listCommands: readonly CommandDefinition[] = [
  ...listBlockingCommands,
  lindex,
  linsert,
  llen,
  lmove,
  lmpop,
  lpop,
  lpos,
  lpush,
  lpushx,
  lrange,
  lrem,
  lset,
  ltrim,
  rpop,
  rpoplpush,
  rpush,
  rpushx
]
