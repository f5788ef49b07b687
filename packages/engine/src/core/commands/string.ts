import { sameBytes } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { allKeys, type CommandDefinition, defineCommand, everySecondKey, firstKey } from './define-command.ts'
import {
  deadlineText,
  isAlreadyPast,
  MILLISECONDS_FROM_NOW,
  readDeadlineMs,
  removeAsExpired,
  SECONDS_FROM_NOW,
  type TimeForm,
  timeFormAt
} from './keys-deadline.ts'
import { append, getrange, setrange, strlen, substr } from './string-edit.ts'
import { lcs } from './string-lcs.ts'
import { msetex } from './string-msetex.ts'
import { decr, decrby, incr, incrby, incrbyfloat } from './string-number.ts'
import { store } from './string-store.ts'

const get = defineCommand({
  name: 'GET',
  group: 'string',
  since: '1.0.0',
  summary: 'Returns the string at a key.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const record = ctx.findRecord(args, 1)
    if (record === 0) ctx.reply.null()
    else if (!writeString(ctx, record)) ctx.reply.error(errors.wrongType)
  }
})

/** Answers with a string from where it lies; false, and nothing is written, when the record holds something else. */
function writeString({ database: { records }, reply }: CommandContext, record: number): boolean {
  if (!records.isObject(record)) reply.bulkOf(records.slabOf(record), records.valueAt(record), records.valueLength(record))
  else {
    const value = records.objectAt(record)
    if (value.type !== 'string') return false
    reply.bulk(value.bytes)
  }
  return true
}

const getdel = defineCommand({
  name: 'GETDEL',
  group: 'string',
  since: '6.2.0',
  summary: 'Returns the string at a key and removes the key.',
  arity: 2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const value = ctx.read('string', key)
    if (value === 'wrong') return
    ctx.reply.bulkOrNull(value?.bytes)
    if (!value) return
    ctx.database.remove(key)
    ctx.changed(key)
    ctx.notify('g', 'del', key)
    ctx.propagateAs('DEL', key)
  }
})

const getset = defineCommand({
  name: 'GETSET',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string and returns the one that was there.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const old = ctx.read('string', key)
    if (old === 'wrong') return
    ctx.reply.bulkOrNull(old?.bytes)
    store(ctx, args, 1, 2, NEVER)
    ctx.propagateAs('SET', key, args.bytes(2))
  }
})

const getex = defineCommand({
  name: 'GETEX',
  group: 'string',
  since: '6.2.0',
  summary: 'Returns the string at a key and sets or clears the deadline of the key.',
  arity: -2,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const options = parseGetexOptions(args)
    if (!options) return ctx.reply.error(errors.syntax)
    let deadlineMs = NEVER
    if (typeof options === 'object') {
      const deadline = readDeadlineMs(ctx, args, options.index, options.form)
      if (deadline === undefined) return
      deadlineMs = deadline
    }
    const key = args.bytes(1)
    const value = ctx.read('string', key)
    if (value === 'wrong') return
    if (!value) return ctx.reply.null()
    ctx.reply.bulk(value.bytes)
    if (options === 'persist') return persist(ctx, key)
    if (options === 'none') return
    if (isAlreadyPast(ctx, deadlineMs)) return removeAsExpired(ctx, key)
    ctx.database.setDeadline(key, deadlineMs)
    ctx.changed(key)
    ctx.notify('g', 'expire', key)
    ctx.propagateAs('PEXPIREAT', key, deadlineText(deadlineMs))
  }
})

type TimeOption = { readonly index: number; readonly form: TimeForm }

function parseGetexOptions(args: Args): TimeOption | 'persist' | 'none' | undefined {
  let option: TimeOption | 'persist' | 'none' = 'none'
  for (let at = 2; at < args.length; at++) {
    const form = timeFormAt(args, at)
    if (form && at + 1 < args.length && (option === 'none' || (typeof option === 'object' && option.form === form))) {
      option = { index: ++at, form }
    } else if (args.is(at, 'PERSIST') && (option === 'none' || option === 'persist')) option = 'persist'
    else return undefined
  }
  return option
}

function persist(ctx: CommandContext, key: Uint8Array) {
  if (ctx.database.peek(key)?.deadlineMs === NEVER) return
  ctx.database.setDeadline(key, NEVER)
  ctx.changed(key)
  ctx.notify('g', 'persist', key)
  ctx.propagateAs('PERSIST', key)
}

type SetOptions = {
  condition: 'none' | 'nx' | 'xx' | 'ifeq'
  /** Index of the value that IFEQ compares with. */
  expected: number
  get: boolean
  keepDeadline: boolean
  time: TimeOption | undefined
  /** Indexes of all options but GET: what a replica needs. */
  readonly passedOn: number[]
}

const set = defineCommand({
  name: 'SET',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string, on a condition if wanted, with a deadline if wanted.',
  arity: -3,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => {
    if (args.length === 3) {
      store(ctx, args, 1, 2, NEVER)
      return ctx.reply.ok()
    }
    const options = parseSetOptions(args)
    if (!options) return ctx.reply.error(errors.syntax)
    let deadlineMs = NEVER
    if (options.time) {
      const deadline = readDeadlineMs(ctx, args, options.time.index, options.time.form)
      if (deadline === undefined) return
      deadlineMs = deadline
    }
    setWithOptions(ctx, args, options, deadlineMs)
  }
})

function setWithOptions(ctx: CommandContext, args: Args, options: SetOptions, deadlineMs: number) {
  const { reply } = ctx
  const key = args.bytes(1)
  const isRead = options.get || options.condition === 'ifeq'
  const entry = isRead ? ctx.find(key) : ctx.lookup(ctx.database, key)
  const old = entry?.value
  if (old && isRead && old.type !== 'string') return reply.error(errors.wrongType)
  const oldBytes = old?.type === 'string' ? old.bytes : undefined
  if (options.get) reply.bulkOrNull(oldBytes)
  if (!meets(args, options, old !== undefined, oldBytes)) {
    if (!options.get) reply.null()
    return
  }
  if (deadlineMs !== NEVER && isAlreadyPast(ctx, deadlineMs)) {
    if (entry) removeAsExpired(ctx, key)
  } else {
    store(ctx, args, 1, 2, options.keepDeadline && entry ? entry.deadlineMs : deadlineMs)
    if (options.time) {
      ctx.notify('g', 'expire', key)
      ctx.propagateAs('SET', key, args.bytes(2), 'PXAT', deadlineText(deadlineMs))
    } else if (options.get) ctx.propagateAs('SET', key, args.bytes(2), ...options.passedOn.map((index) => args.bytes(index)))
  }
  if (!options.get) reply.ok()
}

function meets(args: Args, options: SetOptions, exists: boolean, oldBytes: Uint8Array | undefined): boolean {
  switch (options.condition) {
    case 'nx':
      return !exists
    case 'xx':
      return exists
    case 'ifeq':
      return oldBytes !== undefined && sameBytes(oldBytes, args.bytes(options.expected))
    default:
      return true
  }
}

function parseSetOptions(args: Args): SetOptions | undefined {
  const options: SetOptions = { condition: 'none', expected: 0, get: false, keepDeadline: false, time: undefined, passedOn: [] }
  for (let at = 3; at < args.length; at++) {
    const first = at
    const hasNext = at + 1 < args.length
    const form = hasNext ? timeFormAt(args, at) : undefined
    if (args.is(at, 'GET')) {
      options.get = true
      continue
    }
    if (args.is(at, 'NX') && (options.condition === 'none' || options.condition === 'nx')) options.condition = 'nx'
    else if (args.is(at, 'XX') && (options.condition === 'none' || options.condition === 'xx')) options.condition = 'xx'
    else if (args.is(at, 'IFEQ') && hasNext && (options.condition === 'none' || options.condition === 'ifeq')) {
      options.condition = 'ifeq'
      options.expected = ++at
    } else if (args.is(at, 'KEEPTTL') && !options.time) options.keepDeadline = true
    else if (form && !options.keepDeadline && (!options.time || options.time.form === form)) options.time = { index: ++at, form }
    else return undefined
    for (let index = first; index <= at; index++) options.passedOn.push(index)
  }
  return options
}

const setnx = defineCommand({
  name: 'SETNX',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string unless the key is there.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const exists = ctx.lookupRecord(args, 1) !== 0
    if (!exists) store(ctx, args, 1, 2, NEVER)
    ctx.reply.integer(exists ? 0 : 1)
  }
})

function storeFor(ctx: CommandContext, args: Args, form: TimeForm) {
  const deadlineMs = readDeadlineMs(ctx, args, 2, form)
  if (deadlineMs === undefined) return
  const key = args.bytes(1)
  store(ctx, args, 1, 3, deadlineMs)
  ctx.notify('g', 'expire', key)
  ctx.propagateAs('SET', key, args.bytes(3), 'PXAT', deadlineText(deadlineMs))
  ctx.reply.ok()
}

const setex = defineCommand({
  name: 'SETEX',
  group: 'string',
  since: '2.0.0',
  summary: 'Stores a string for a number of seconds.',
  arity: 4,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => storeFor(ctx, args, SECONDS_FROM_NOW)
})

const psetex = defineCommand({
  name: 'PSETEX',
  group: 'string',
  since: '2.6.0',
  summary: 'Stores a string for a number of milliseconds.',
  arity: 4,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => storeFor(ctx, args, MILLISECONDS_FROM_NOW)
})

const mget = defineCommand({
  name: 'MGET',
  group: 'string',
  since: '1.0.0',
  summary: 'Returns the strings at several keys.',
  arity: -2,
  flags: ['readonly', 'fast'],
  keys: allKeys,
  run: (ctx, args) => {
    ctx.reply.array(args.length - 1)
    ctx.warmKeys(args, 1, 1)
    for (let i = 1; i < args.length; i++) {
      const record = ctx.findRecord(args, i)
      if (record === 0 || !writeString(ctx, record)) ctx.reply.null()
    }
  }
})

function hasOddPairs(ctx: CommandContext, args: Args): boolean {
  if (args.length % 2 === 1) return false
  ctx.reply.error(errors.wrongArity(ctx.commandName))
  return true
}

const mset = defineCommand({
  name: 'MSET',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores several strings at once.',
  arity: -3,
  flags: ['write', 'denyoom'],
  keys: everySecondKey,
  run: (ctx, args) => {
    if (hasOddPairs(ctx, args)) return
    ctx.warmKeys(args, 1, 2)
    for (let i = 1; i < args.length; i += 2) store(ctx, args, i, i + 1, NEVER)
    ctx.reply.ok()
  }
})

const msetnx = defineCommand({
  name: 'MSETNX',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores several strings at once, unless any of the keys is there.',
  arity: -3,
  flags: ['write', 'denyoom'],
  keys: everySecondKey,
  run: (ctx, args) => {
    if (hasOddPairs(ctx, args)) return
    for (let i = 1; i < args.length; i += 2) if (ctx.lookupRecord(args, i) !== 0) return ctx.reply.integer(0)
    for (let i = 1; i < args.length; i += 2) store(ctx, args, i, i + 1, NEVER)
    ctx.reply.integer(1)
  }
})

const delifeq = defineCommand({
  name: 'DELIFEQ',
  group: 'string',
  since: '9.0.0',
  summary: 'Removes a key whose string equals a value.',
  arity: 3,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const entry = ctx.lookup(ctx.database, key)
    if (!entry) return ctx.reply.integer(0)
    if (entry.value.type !== 'string') return ctx.reply.error(errors.wrongType)
    if (!sameBytes(entry.value.bytes, args.bytes(2))) return ctx.reply.integer(0)
    ctx.database.remove(key)
    ctx.changed(key)
    ctx.notify('g', 'del', key)
    ctx.propagateAs('DEL', key)
    ctx.reply.integer(1)
  }
})

export const stringCommands: readonly CommandDefinition[] = [
  lcs,
  append,
  decr,
  decrby,
  delifeq,
  get,
  getdel,
  getex,
  getrange,
  getset,
  incr,
  incrby,
  incrbyfloat,
  mget,
  mset,
  msetex,
  msetnx,
  psetex,
  set,
  setex,
  setnx,
  setrange,
  strlen,
  substr
]
