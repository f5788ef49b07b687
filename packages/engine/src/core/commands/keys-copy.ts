import { sameBytes } from '../bytes.ts'
import type { Database } from '../keyspace/database.ts'
import type { Entry, Value } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey, firstTwoKeys } from './define-command.ts'

/** RENAME and RENAMENX. Values move as they are: deadlines and hidden fields with them. */
function renameKey(ctx: CommandContext, args: Args, isExclusive: boolean) {
  const { reply, database } = ctx
  const [from, to] = [args.bytes(1), args.bytes(2)]
  const entry = ctx.lookup(database, from)
  if (!entry) return reply.error(errors.noSuchKey)
  if (sameBytes(from, to)) return isExclusive ? reply.integer(0) : reply.ok()
  const target = ctx.lookup(database, to)
  if (target && isExclusive) return reply.integer(0)
  const { value, deadlineMs } = entry
  database.remove(from)
  database.put(to, value, deadlineMs)
  ctx.changed(from)
  ctx.changed(to)
  ctx.notify('g', 'rename_from', from)
  ctx.notify('g', 'rename_to', to)
  if (isExclusive) reply.integer(1)
  else reply.ok()
}

export const rename = defineCommand({
  name: 'RENAME',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives a key another name and replaces what has that name.',
  arity: 3,
  flags: ['write'],
  keys: firstTwoKeys,
  run: (ctx, args) => renameKey(ctx, args, false)
})

export const renamenx = defineCommand({
  name: 'RENAMENX',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives a key another name unless that is in use.',
  arity: 3,
  flags: ['write', 'fast'],
  keys: firstTwoKeys,
  run: (ctx, args) => renameKey(ctx, args, true)
})

/** The database whose number stands at `index`. Writes the error and returns undefined when there is none. */
function readDatabase(ctx: CommandContext, args: Args, index: number): Database | undefined {
  const number = args.integer(index)
  if (number === undefined || number < -2_147_483_648 || number > 2_147_483_647) ctx.reply.error(errors.notAnInteger)
  else if (number < 0 || number >= ctx.keyspace.count) ctx.reply.error(errors.databaseRange)
  else return ctx.keyspace.database(Number(number))
  return undefined
}

export const move = defineCommand({
  name: 'MOVE',
  group: 'generic',
  since: '1.0.0',
  summary: 'Moves a key to another database, unless it is there already.',
  arity: 3,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply, database } = ctx
    const key = args.bytes(1)
    const target = readDatabase(ctx, args, 2)
    if (!target) return
    if (target === database) return reply.error(errors.sameObject)
    const entry = ctx.lookup(database, key)
    if (!entry || ctx.lookup(target, key)) return reply.integer(0)
    const { value, deadlineMs } = entry
    database.remove(key)
    target.put(key, value, deadlineMs)
    ctx.changed(key)
    ctx.changed(key, 1, target)
    ctx.notify('g', 'move_from', key)
    ctx.notify('g', 'move_to', key, target)
    reply.integer(1)
  }
})

/** A value that shares nothing with its original; undefined when nothing of it is left to copy. */
function copyValue(ctx: CommandContext, { value }: Entry): Value | undefined {
  if (value.type !== 'hash') return value.copy()
  const copied = value.copy(ctx.visibleNowMs)
  return copied.size > 0 ? copied : undefined
}

type CopyOptions = { readonly target: Database; readonly replace: boolean }

function readCopyOptions(ctx: CommandContext, args: Args): CopyOptions | undefined {
  let target = ctx.database
  let replace = false
  for (let at = 3; at < args.length; at++) {
    if (args.is(at, 'REPLACE')) replace = true
    else if (args.is(at, 'DB') && at + 1 < args.length) {
      const named = readDatabase(ctx, args, ++at)
      if (!named) return undefined
      target = named
    } else {
      ctx.reply.error(errors.syntax)
      return undefined
    }
  }
  return { target, replace }
}

export const copy = defineCommand({
  name: 'COPY',
  group: 'generic',
  since: '6.2.0',
  summary: 'Copies the value of a key to another key, in another database if wanted.',
  arity: -3,
  flags: ['write', 'denyoom'],
  keys: firstTwoKeys,
  run: (ctx, args) => {
    const { reply, database } = ctx
    const [from, to] = [args.bytes(1), args.bytes(2)]
    const options = readCopyOptions(ctx, args)
    if (!options) return
    const { target, replace } = options
    if (target === database && sameBytes(from, to)) return reply.error(errors.sameObject)
    const entry = ctx.lookup(database, from)
    if (!entry) return reply.integer(0)
    if (ctx.lookup(target, to) && !replace) return reply.integer(0)
    const value = copyValue(ctx, entry)
    // A hash of which every field has expired has nothing to copy: no key, rather than the reference's empty one.
    if (!value) return reply.integer(0)
    target.put(to, value, entry.deadlineMs)
    ctx.changed(to, 1, target)
    ctx.notify('g', 'copy_to', to, target)
    reply.integer(1)
  }
})
