import { NEVER } from '../keyspace/entry.ts'
import { decodeDump, encodeDump } from '../persistence/dump.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { MILLISECONDS_FROM_NOW, toDeadlineMs, UNIX_MILLISECONDS } from './keys-deadline.ts'

export const dump = defineCommand({
  name: 'DUMP',
  group: 'generic',
  since: '2.6.0',
  summary: "Returns a key's value in the form that RESTORE takes; its deadline is not part of it.",
  arity: 2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const entry = ctx.find(args.bytes(1))
    if (entry) ctx.reply.bulk(encodeDump(entry.value))
    else ctx.reply.null()
  }
})

export const restore = defineCommand({
  name: 'RESTORE',
  group: 'generic',
  since: '2.6.0',
  summary: 'Makes a key of what DUMP returned.',
  arity: -4,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => runRestore(ctx, args)
})

export const restoreAsking = defineCommand({
  name: 'RESTORE-ASKING',
  group: 'server',
  since: '3.0.0',
  summary: 'As RESTORE, also of a key whose slot is being imported: what one node sends to another.',
  arity: -4,
  flags: ['write', 'denyoom', 'asking'],
  keys: firstKey,
  run: (ctx, args) => runRestore(ctx, args)
})

type RestoreOptions = {
  readonly replace: boolean
  readonly absolute: boolean
  readonly idleSeconds: number | undefined
  readonly uses: number | undefined
}

/**
 * `RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]`. Of the last two the one
 * counts that the eviction policy knows. Checks stand in the order of the reference (`restoreCommand`).
 */
function runRestore(ctx: CommandContext, args: Args): void {
  const { reply, database } = ctx
  const options = readOptions(args)
  if (typeof options === 'string') return reply.error(options)
  const key = args.bytes(1)
  // What is replaced goes without a word, expired or not.
  if (!options.replace && ctx.lookup(database, key)) return reply.error('BUSYKEY Target key name already exists.')
  const ttlMs = args.integer(2)
  if (ttlMs === undefined) return reply.error(errors.notAnInteger)
  if (ttlMs < 0) return reply.error('ERR Invalid TTL value, must be >= 0')
  const decoded = decodeDump(args.bytes(3), { maxStringBytes: ctx.node.config.number('proto-max-bulk-len') })
  if ('problem' in decoded) {
    return reply.error(decoded.problem === 'trailer' ? 'ERR DUMP payload version or checksum are wrong' : 'ERR Bad data format')
  }
  const form = options.absolute ? UNIX_MILLISECONDS : MILLISECONDS_FROM_NOW
  // A time beyond 64 bits has passed: the reference does not look whether its sum overflows (`restoreCommand`).
  const deadlineMs = ttlMs === 0 ? NEVER : (toDeadlineMs(ttlMs, form, ctx.nowMs) ?? 0)
  // What has expired already is not made; only a primary may say so.
  if (deadlineMs <= ctx.nowMs && ctx.mayExpire) {
    if (database.remove(key)) {
      ctx.changed(key)
      ctx.propagateAs('UNLINK', args.copy(1))
      ctx.notify('g', 'del', key)
    }
    return reply.ok()
  }
  database.put(key, decoded.value, deadlineMs)
  const usage = ctx.keyspace.usage.restored(options.idleSeconds, options.uses)
  const record = usage === undefined ? 0 : database.locate(key, 0, key.length)
  if (usage !== undefined && record !== 0) database.records.setUsage(record, usage)
  ctx.changed(key)
  if (deadlineMs !== NEVER && !options.absolute) ctx.propagateAs(...withAbsoluteTime(args, deadlineMs))
  ctx.notify('g', 'restore', key)
  reply.ok()
}

function withAbsoluteTime(args: Args, deadlineMs: number): (Uint8Array | string)[] {
  const parts: (Uint8Array | string)[] = args.copies()
  parts[2] = String(deadlineMs)
  return [...parts, 'ABSTTL']
}

/** The text of an error when they make no sense. */
function readOptions(args: Args): RestoreOptions | string {
  let replace = false
  let absolute = false
  let idleSeconds: number | undefined
  let uses: number | undefined
  const isRated = () => idleSeconds !== undefined || uses !== undefined
  for (let i = 4; i < args.length; i++) {
    const more = i + 1 < args.length
    if (args.is(i, 'REPLACE')) replace = true
    else if (args.is(i, 'ABSTTL')) absolute = true
    else if (args.is(i, 'IDLETIME') && more && !isRated()) {
      const seconds = args.integer(++i)
      if (seconds === undefined) return errors.notAnInteger
      if (seconds < 0) return 'ERR Invalid IDLETIME value, must be >= 0'
      idleSeconds = Number(seconds)
    } else if (args.is(i, 'FREQ') && more && !isRated()) {
      const frequency = args.integer(++i)
      if (frequency === undefined) return errors.notAnInteger
      if (frequency < 0 || frequency > 255) return 'ERR Invalid FREQ value, must be >= 0 and <= 255'
      uses = Number(frequency)
    } else return errors.syntax
  }
  return { replace, absolute, idleSeconds, uses }
}

export const dumpCommands: readonly CommandDefinition[] = [dump, restore, restoreAsking]
