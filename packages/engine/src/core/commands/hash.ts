import { NEVER } from '../keyspace/entry.ts'
import type { HashValue } from '../keyspace/values/hash.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { hincrby, hincrbyfloat } from './hash-number.ts'
import { hrandfield } from './hash-random.ts'
import { openHash, setFieldAt, storeIfNew } from './hash-write.ts'
import { hscan } from './scan.ts'

const hget = defineCommand({
  name: 'HGET',
  group: 'hash',
  since: '2.0.0',
  summary: 'Returns the value of a field.',
  arity: 3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const hash = ctx.readAt('hash', args, 1)
    if (hash !== 'wrong') writeValue(ctx, hash, args, 2)
  }
})

const hmget = defineCommand({
  name: 'HMGET',
  group: 'hash',
  since: '2.0.0',
  summary: 'Returns the values of several fields.',
  arity: -3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const hash = ctx.readAt('hash', args, 1)
    if (hash === 'wrong') return
    ctx.reply.array(args.length - 2)
    for (let i = 2; i < args.length; i++) writeValue(ctx, hash, args, i)
  }
})

/** Answers with the value of a field that is one of the arguments, null if there is none. */
function writeValue(ctx: CommandContext, hash: HashValue | undefined, args: Args, index: number): void {
  const number = hash ? hash.locate(args.source, args.offset(index), args.size(index), ctx.visibleNowMs) : -1
  if (hash && number >= 0) ctx.reply.bulkOf(hash.pageOf(number), hash.valueStart(number), hash.valueLength(number))
  else ctx.reply.null()
}

const hexists = defineCommand({
  name: 'HEXISTS',
  group: 'hash',
  since: '2.0.0',
  summary: 'Tells whether a hash has a field.',
  arity: 3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const hash = ctx.read('hash', args.bytes(1))
    if (hash !== 'wrong') ctx.reply.integer(hash?.has(args.bytes(2), ctx.visibleNowMs) ? 1 : 0)
  }
})

const hstrlen = defineCommand({
  name: 'HSTRLEN',
  group: 'hash',
  since: '3.2.0',
  summary: 'Returns the length of the value of a field, in bytes.',
  arity: 3,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const hash = ctx.read('hash', args.bytes(1))
    if (hash !== 'wrong') ctx.reply.integer(hash?.get(args.bytes(2), ctx.visibleNowMs)?.length ?? 0)
  }
})

const hlen = defineCommand({
  name: 'HLEN',
  group: 'hash',
  since: '2.0.0',
  summary: 'Returns the number of fields, those included that have expired but are not removed yet.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const hash = ctx.read('hash', args.bytes(1))
    if (hash !== 'wrong') ctx.reply.integer(hash?.size ?? 0)
  }
})

/** Writes what a reader sees of every field. */
function writeAll(ctx: CommandContext, hash: HashValue | undefined, parts: 'fields' | 'values' | 'both'): void {
  const { reply, visibleNowMs } = ctx
  const count = hash?.liveSize(visibleNowMs) ?? 0
  if (parts === 'both') reply.map(count)
  else reply.array(count)
  if (!hash) return
  for (const [field, value, deadlineMs] of hash.entries()) {
    if (visibleNowMs > deadlineMs) continue
    if (parts !== 'values') reply.bulk(field)
    if (parts !== 'fields') reply.bulk(value)
  }
}

const hgetall = defineCommand({
  name: 'HGETALL',
  group: 'hash',
  since: '2.0.0',
  summary: 'Returns all fields with their values.',
  arity: 2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const hash = ctx.read('hash', args.bytes(1))
    if (hash !== 'wrong') writeAll(ctx, hash, 'both')
  }
})

const hkeys = defineCommand({
  name: 'HKEYS',
  group: 'hash',
  since: '2.0.0',
  summary: 'Returns the names of all fields.',
  arity: 2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const hash = ctx.read('hash', args.bytes(1))
    if (hash !== 'wrong') writeAll(ctx, hash, 'fields')
  }
})

const hvals = defineCommand({
  name: 'HVALS',
  group: 'hash',
  since: '2.0.0',
  summary: 'Returns the values of all fields.',
  arity: 2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const hash = ctx.read('hash', args.bytes(1))
    if (hash !== 'wrong') writeAll(ctx, hash, 'values')
  }
})

/** Sets pairs of arguments from index 2 on; returns how many fields are new, undefined when an error is written. */
function setPairs(ctx: CommandContext, args: Args): number | undefined {
  if (args.length % 2 === 1) {
    ctx.reply.error(errors.wrongArity(ctx.commandName))
    return undefined
  }
  const hash = openHash(ctx, args)
  if (!hash) return undefined
  const wasEmpty = hash.size === 0
  let created = 0
  let replacedExpired = 0
  for (let i = 2; i < args.length; i += 2) {
    const outcome = setFieldAt(ctx, hash, args, i, NEVER)
    if (outcome !== 'replaced') created++
    if (outcome === 'expired') replacedExpired++
  }
  storeIfNew(ctx, args, hash, wasEmpty)
  if (replacedExpired === 0) ctx.changedAt(args, 1, args.length / 2 - 1, 'h', 'hset')
  else {
    const key = args.bytes(1)
    ctx.changed(key, args.length / 2 - 1)
    ctx.notify('h', 'hexpired', key)
    ctx.notify('h', 'hset', key)
  }
  return created
}

const hset = defineCommand({
  name: 'HSET',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets fields to values and clears their deadlines.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const created = setPairs(ctx, args)
    if (created !== undefined) ctx.reply.integer(created)
  }
})

const hmset = defineCommand({
  name: 'HMSET',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets fields to values, as HSET, and answers OK.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    if (setPairs(ctx, args) !== undefined) ctx.reply.ok()
  }
})

const hsetnx = defineCommand({
  name: 'HSETNX',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets a field unless it is there.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: 2,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const hash = openHash(ctx, args)
    if (!hash) return
    const wasEmpty = hash.size === 0
    if (hash.has(args.bytes(2), ctx.visibleNowMs)) return ctx.reply.integer(0)
    // A replica may still have the field, if it has expired, and would refuse.
    if (hash.volatileCount > 0) ctx.propagateAs('HSET', key, args.bytes(2), args.bytes(3))
    const outcome = setFieldAt(ctx, hash, args, 2, NEVER)
    storeIfNew(ctx, args, hash, wasEmpty)
    ctx.changed(key)
    if (outcome === 'expired') ctx.notify('h', 'hexpired', key)
    ctx.notify('h', 'hset', key)
    ctx.reply.integer(1)
  }
})

const hdel = defineCommand({
  name: 'HDEL',
  group: 'hash',
  since: '2.0.0',
  summary: 'Removes fields.',
  arity: -3,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const hash = ctx.write('hash', key)
    if (hash === 'wrong') return
    if (!hash) return ctx.reply.integer(0)
    const removed: Uint8Array[] = []
    let hidden = 0
    for (let i = 2; i < args.length; i++) {
      const field = args.bytes(i)
      if (hash.hides(field, ctx.visibleNowMs)) hidden++
      else if (hash.delete(field)) removed.push(field)
    }
    ctx.reply.integer(removed.length)
    if (removed.length === 0) return
    if (hash.size === 0) ctx.database.remove(key)
    ctx.changed(key, removed.length)
    ctx.notify('h', 'hdel', key)
    if (hash.size === 0) ctx.notify('g', 'del', key)
    // Replicas must keep an expired field until they hear of it by itself, else they would differ from us meanwhile.
    if (hidden > 0) ctx.propagateAs('HDEL', key, ...removed)
  }
})

export const hashCommands: readonly CommandDefinition[] = [
  hdel,
  hexists,
  hget,
  hgetall,
  hincrby,
  hincrbyfloat,
  hkeys,
  hlen,
  hmget,
  hmset,
  hrandfield,
  hscan,
  hset,
  hsetnx,
  hstrlen,
  hvals
]
