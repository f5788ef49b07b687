import { EMPTY_BYTES } from '../bytes.ts'
import { NEVER } from '../keyspace/entry.ts'
import { StringValue } from '../keyspace/values/string.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'

export const strlen = defineCommand({
  name: 'STRLEN',
  group: 'string',
  since: '2.2.0',
  summary: 'Returns the length of the string at a key, in bytes.',
  arity: 2,
  flags: ['readonly', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const record = ctx.findRecord(args, 1)
    if (record === 0) return ctx.reply.integer(0)
    const { records } = ctx.database
    if (!records.isObject(record)) return ctx.reply.integer(records.valueLength(record))
    const value = records.objectAt(record)
    if (value.type === 'string') ctx.reply.integer(value.length)
    else ctx.reply.error(errors.wrongType)
  }
})

/** Writes the error and returns true when a string of this length would be longer than a bulk string may be. */
function isTooLong(ctx: CommandContext, length: number): boolean {
  if (length <= ctx.node.config.number('proto-max-bulk-len')) return false
  ctx.reply.error('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
  return true
}

export const append = defineCommand({
  name: 'APPEND',
  group: 'string',
  since: '2.0.0',
  summary: 'Adds bytes to the end of the string at a key.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const key = args.bytes(1)
    const value = ctx.write('string', key)
    if (value === 'wrong') return
    const length = (value?.length ?? 0) + args.size(2)
    if (value) {
      if (isTooLong(ctx, length)) return
      value.write(value.length, args.bytes(2))
    } else ctx.database.putString(key, args.bytes(2))
    ctx.changed(key)
    ctx.notify('$', 'append', key)
    ctx.reply.integer(length)
  }
})

export const setrange = defineCommand({
  name: 'SETRANGE',
  group: 'string',
  since: '2.2.0',
  summary: 'Overwrites a part of the string at a key; a gap before it is filled with zero bytes.',
  arity: 4,
  flags: ['write', 'denyoom'],
  keys: firstKey,
  run: (ctx, args) => {
    const offset = args.integer(2)
    if (offset === undefined) return ctx.reply.error(errors.notAnInteger)
    if (offset < 0) return ctx.reply.error('ERR offset is out of range')
    const key = args.bytes(1)
    const value = ctx.write('string', key)
    if (value === 'wrong') return
    if (args.size(3) === 0) return ctx.reply.integer(value?.length ?? 0)
    if (isTooLong(ctx, Number(offset) + args.size(3))) return
    const target = value ?? new StringValue()
    target.write(Number(offset), args.bytes(3))
    if (!value) ctx.database.put(key, target, NEVER)
    ctx.changed(key)
    ctx.notify('$', 'setrange', key)
    ctx.reply.integer(target.length)
  }
})

function range(ctx: CommandContext, args: Args) {
  const first = args.integer(2)
  const last = first === undefined ? undefined : args.integer(3)
  if (first === undefined || last === undefined) return ctx.reply.error(errors.notAnInteger)
  const value = ctx.read('string', args.bytes(1))
  if (value === 'wrong') return
  const length = value?.length ?? 0
  const start = Math.max(0, first < 0 ? length + Number(first) : Number(first))
  const stop = Math.min(length - 1, Math.max(0, last < 0 ? length + Number(last) : Number(last)))
  const isEmpty = !value || start > stop || (first < 0 && last < 0 && first > last)
  ctx.reply.bulk(isEmpty ? EMPTY_BYTES : value.bytes.subarray(start, stop + 1))
}

const rangeDefinition = {
  group: 'string',
  summary: 'Returns a part of the string at a key; negative positions count from the end.',
  arity: 4,
  flags: ['readonly'],
  keys: firstKey,
  run: range
} as const satisfies Partial<CommandDefinition>

export const getrange = defineCommand({ name: 'GETRANGE', since: '2.4.0', ...rangeDefinition })

export const substr = defineCommand({ name: 'SUBSTR', since: '1.0.0', ...rangeDefinition })
