import { latin1Bytes } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import type { HashValue } from '../keyspace/values/hash.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { FIELD_COUNT_ERROR, findFieldsWord, finishRemoval, readFieldCount } from './hash-expiry-fields.ts'
import { openHash, setFieldAt, storeIfNew } from './hash-write.ts'
import { deadlineBytes, deadlineText, isAlreadyPast, readFieldDeadlineMs, type TimeForm, timeFormAt } from './keys-deadline.ts'

const HSETEX = latin1Bytes('HSETEX')
const KEEPTTL = latin1Bytes('KEEPTTL')
const PXAT = latin1Bytes('PXAT')

type TimeOption = { readonly index: number; readonly form: TimeForm }

type HsetexOptions = {
  keyCondition: 'none' | 'NX' | 'XX'
  fieldCondition: 'none' | 'FNX' | 'FXX'
  keepDeadlines: boolean
  /** How a time is given and where it stands; undefined and 0 for none. */
  form: TimeForm | undefined
  timeAt: number
}

function parseHsetexOptions(args: Args, end: number): HsetexOptions | undefined {
  const options: HsetexOptions = { keyCondition: 'none', fieldCondition: 'none', keepDeadlines: false, form: undefined, timeAt: 0 }
  for (let at = 2; at < end; at++) {
    const form = at + 1 < end ? timeFormAt(args, at) : undefined
    if (args.is(at, 'NX') && options.keyCondition !== 'XX') options.keyCondition = 'NX'
    else if (args.is(at, 'XX') && options.keyCondition !== 'NX') options.keyCondition = 'XX'
    else if (args.is(at, 'FNX') && options.fieldCondition !== 'FXX') options.fieldCondition = 'FNX'
    else if (args.is(at, 'FXX') && options.fieldCondition !== 'FNX') options.fieldCondition = 'FXX'
    else if (args.is(at, 'KEEPTTL') && !options.form) options.keepDeadlines = true
    else if (form && !options.keepDeadlines && (!options.form || options.form === form)) {
      options.form = form
      options.timeAt = ++at
    } else return undefined
  }
  return options
}

/** Does every field from `from` on meet FNX or FXX? An expired field counts as missing. */
function fieldsMeet(ctx: CommandContext, args: Args, from: number, hash: HashValue, condition: 'none' | 'FNX' | 'FXX'): boolean {
  if (condition === 'none') return true
  for (let i = from; i < args.length; i += 2) {
    if (hash.has(args.bytes(i), ctx.visibleNowMs) !== (condition === 'FXX')) return false
  }
  return true
}

export const hsetex = defineCommand({
  name: 'HSETEX',
  group: 'hash',
  since: '9.0.0',
  summary: 'Sets fields to values with a common deadline, on conditions if wanted: all or none.',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  fieldAt: -2,
  run: (ctx, args) => {
    const { reply } = ctx
    const fieldsAt = findFieldsWord(args, 2)
    if (fieldsAt < 0) return reply.error(FIELD_COUNT_ERROR)
    const options = parseHsetexOptions(args, fieldsAt)
    if (!options) return reply.error(errors.syntax)
    if (readFieldCount(ctx, args, fieldsAt + 1, 2) === undefined) return
    const hash = openHash(ctx, args)
    if (!hash) return
    const isNew = hash.size === 0
    if (options.keyCondition !== 'none' && isNew !== (options.keyCondition === 'NX')) return reply.integer(0)
    let deadlineMs = NEVER
    if (options.form) {
      const deadline = readFieldDeadlineMs(ctx, args, options.timeAt, options.form)
      if (deadline === undefined) return
      deadlineMs = deadline
    }
    const first = fieldsAt + 2
    if (!fieldsMeet(ctx, args, first, hash, options.fieldCondition)) return reply.integer(0)
    reply.integer(1)
    if (deadlineMs !== NEVER && isAlreadyPast(ctx, deadlineMs)) return setInPast(ctx, args, first, hash)
    const revived: Uint8Array[] = []
    for (let i = first; i < args.length; i += 2) {
      const kept = options.keepDeadlines ? keptDeadline(ctx, hash, args.bytes(i)) : undefined
      if (setFieldAt(ctx, hash, args, i, kept ?? deadlineMs) === 'expired') revived.push(args.bytes(i))
    }
    storeIfNew(ctx, args, hash, isNew)
    if (revived.length > 0) ctx.notify('h', 'hexpired', args.bytes(1))
    ctx.changedAt(args, 1, (args.length - first) / 2, 'h', 'hset')
    if (options.form && ctx.node.hearsOfKeys) ctx.notify('h', 'hexpire', args.bytes(1))
    if (!ctx.isFollowed) return
    const key = args.bytes(1)
    const head = options.form
      ? [HSETEX, key, PXAT, deadlineBytes(deadlineMs)]
      : options.keepDeadlines
        ? [HSETEX, key, KEEPTTL]
        : [HSETEX, key]
    // With KEEPTTL a replica would keep the passed deadline of a field that it still has.
    if (options.keepDeadlines && revived.length > 0) ctx.propagateAs('HDEL', key, ...revived)
    ctx.propagateWithHead(head, fieldsAt)
  }
})

/** The deadline of a field that has not expired. */
function keptDeadline(ctx: CommandContext, hash: HashValue, field: Uint8Array): number | undefined {
  return hash.hides(field, ctx.visibleNowMs) ? undefined : hash.peek(field)?.deadlineMs
}

/** The given fields would expire at once: those that are there go, and none is set. */
function setInPast(ctx: CommandContext, args: Args, first: number, hash: HashValue): void {
  const key = args.bytes(1)
  const removed: Uint8Array[] = []
  for (let i = first; i < args.length; i += 2) if (hash.delete(args.bytes(i))) removed.push(args.bytes(i))
  ctx.notify('h', 'hset', key)
  ctx.notify('h', 'hexpire', key)
  if (removed.length > 0) return finishRemoval(ctx, key, hash, removed)
  ctx.notify('h', 'hexpired', key)
  if (hash.size === 0) ctx.notify('g', 'del', key)
}

/** EX, PX, EXAT, PXAT with a time, or PERSIST, at 2..end-1. */
function parseHgetexOptions(args: Args, end: number): TimeOption | 'persist' | 'none' | undefined {
  let option: TimeOption | 'persist' | 'none' = 'none'
  for (let at = 2; at < end; at++) {
    const form = at + 1 < end ? timeFormAt(args, at) : undefined
    if (form && (option === 'none' || (typeof option === 'object' && option.form === form))) option = { index: ++at, form }
    else if (args.is(at, 'PERSIST') && (option === 'none' || option === 'persist')) option = 'persist'
    else return undefined
  }
  return option
}

export const hgetex = defineCommand({
  name: 'HGETEX',
  group: 'hash',
  since: '9.0.0',
  summary: 'Returns the values of fields and sets or clears their deadlines.',
  arity: -5,
  flags: ['write', 'fast'],
  keys: firstKey,
  fieldAt: -1,
  run: (ctx, args) => {
    const { reply } = ctx
    const fieldsAt = findFieldsWord(args, 2)
    if (fieldsAt < 0) return reply.error(FIELD_COUNT_ERROR)
    const option = parseHgetexOptions(args, fieldsAt)
    if (!option) return reply.error(errors.syntax)
    const count = readFieldCount(ctx, args, fieldsAt + 1, 1)
    if (count === undefined) return
    const key = args.bytes(1)
    const hash = option === 'none' ? ctx.read('hash', key) : ctx.write('hash', key)
    if (hash === 'wrong') return
    let deadlineMs = NEVER
    if (typeof option === 'object') {
      const deadline = readFieldDeadlineMs(ctx, args, option.index, option.form)
      if (deadline === undefined) return
      deadlineMs = deadline
    }
    const isPast = deadlineMs !== NEVER && isAlreadyPast(ctx, deadlineMs)
    const changed: Uint8Array[] = []
    reply.array(count)
    for (let i = fieldsAt + 2; i < args.length; i++) {
      const field = args.bytes(i)
      const value = hash?.get(field, ctx.visibleNowMs)
      reply.bulkOrNull(value)
      if (!hash || value === undefined || option === 'none') continue
      if (option === 'persist' && hash.peek(field)?.deadlineMs === NEVER) continue
      if (isPast) hash.delete(field)
      else hash.setDeadline(field, deadlineMs)
      changed.push(field)
    }
    if (!hash || changed.length === 0) return
    if (isPast) return finishRemoval(ctx, key, hash, changed)
    ctx.changed(key, changed.length)
    ctx.notify('h', option === 'persist' ? 'hpersist' : 'hexpire', key)
    const head = option === 'persist' ? ['HPERSIST', key] : ['HPEXPIREAT', key, deadlineText(deadlineMs)]
    ctx.propagateAs(...head, 'FIELDS', String(changed.length), ...changed)
  }
})

export const hgetdel = defineCommand({
  name: 'HGETDEL',
  group: 'hash',
  since: '9.1.0',
  summary: 'Returns the values of fields and removes them.',
  arity: -5,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    if (!args.is(2, 'FIELDS')) return reply.error(errors.syntax)
    const count = readFieldCount(ctx, args, 3, 1)
    if (count === undefined) return
    const key = args.bytes(1)
    const hash = ctx.write('hash', key)
    if (hash === 'wrong') return
    reply.array(count)
    const removed: Uint8Array[] = []
    let hidden = 0
    for (let i = 4; i < args.length; i++) {
      const field = args.bytes(i)
      const value = hash?.get(field, ctx.visibleNowMs)
      reply.bulkOrNull(value)
      if (hash && value !== undefined && hash.delete(field)) removed.push(field)
      else if (hash?.holds(field)) hidden++
    }
    if (!hash || removed.length === 0) return
    if (hash.size === 0) ctx.database.remove(key)
    ctx.changed(key, removed.length)
    ctx.notify('h', 'hdel', key)
    if (hash.size === 0) ctx.notify('g', 'del', key)
    // As with HDEL: a replica keeps its expired fields until it is told.
    if (hidden > 0) ctx.propagateAs('HDEL', key, ...removed)
  }
})
