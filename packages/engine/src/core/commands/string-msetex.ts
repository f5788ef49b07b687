import { NEVER } from '../keyspace/entry.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand } from './define-command.ts'
import { deadlineText, readDeadlineMs, type TimeForm, timeFormAt } from './keys-deadline.ts'
import { store } from './string-store.ts'

type Options = {
  condition: 'none' | 'nx' | 'xx'
  keepDeadline: boolean
  time: { readonly index: number; readonly form: TimeForm } | undefined
}

/** As many pairs of key and value as the first argument says; the options follow them. */
const FIRST_KEY = 2

/** Indexes of the keys; none when the arguments cannot hold so many pairs, which the command itself will say. */
function keysOf(args: Args): readonly number[] {
  const pairs = args.length > 1 ? args.integerBetween(1, 1, (args.length - FIRST_KEY) / 2) : undefined
  return Array.from({ length: pairs ?? 0 }, (_, pair) => FIRST_KEY + 2 * pair)
}

/** Undefined: they make no sense. */
function readOptions(args: Args, from: number): Options | undefined {
  const options: Options = { condition: 'none', keepDeadline: false, time: undefined }
  for (let at = from; at < args.length; at++) {
    const form = at + 1 < args.length ? timeFormAt(args, at) : undefined
    if (args.is(at, 'NX') && options.condition !== 'xx') options.condition = 'nx'
    else if (args.is(at, 'XX') && options.condition !== 'nx') options.condition = 'xx'
    else if (args.is(at, 'KEEPTTL') && !options.time) options.keepDeadline = true
    else if (form && !options.keepDeadline && (!options.time || options.time.form === form)) options.time = { index: ++at, form }
    else return undefined
  }
  return options
}

export const msetex = defineCommand({
  name: 'MSETEX',
  group: 'string',
  since: '9.1.0',
  summary: 'Stores several strings at once, on a condition if wanted, all with one deadline if wanted.',
  arity: -4,
  flags: ['write', 'denyoom', 'movablekeys'],
  // The reference forgets to route this command: it stores keys of any slot, owned or not. Here it goes where its keys are.
  keys: keysOf,
  run: (ctx, args) => {
    const { reply } = ctx
    if (args.integerBetween(1, 1, MOST_PAIRS) === undefined) return reply.error('ERR invalid numkeys value or out of range')
    const keys = keysOf(args)
    const options = keys.length === 0 ? undefined : readOptions(args, FIRST_KEY + 2 * keys.length)
    if (!options) return reply.error(errors.syntax)
    const deadlineMs = options.time ? readDeadlineMs(ctx, args, options.time.index, options.time.form) : NEVER
    if (deadlineMs === undefined) return
    const exists = (index: number) => ctx.lookup(ctx.database, args.bytes(index)) !== undefined
    if (options.condition === 'nx' && keys.some(exists)) return reply.integer(0)
    if (options.condition === 'xx' && !keys.every(exists)) return reply.integer(0)
    for (const index of keys) storeOne(ctx, args, index, options, deadlineMs)
    if (options.time) ctx.propagateAs(...withAbsoluteTime(args, options, deadlineMs, keys.length))
    reply.integer(1)
  }
})

/** 2^31 pairs and more are no number to the reference. */
const MOST_PAIRS = 2 ** 31 - 1

/** A time that has passed is stored all the same, and the key expires like any other (`msetexCommand`, unlike SET). */
function storeOne(ctx: CommandContext, args: Args, index: number, options: Options, deadlineMs: number): void {
  const key = args.bytes(index)
  const kept = options.keepDeadline ? ctx.lookup(ctx.database, key)?.deadlineMs : undefined
  store(ctx, args, index, index + 1, kept ?? deadlineMs)
  if (options.time) ctx.notify('g', 'expire', key)
}

/** With a time that is given twice the reference passes on both, which no replica takes; here only the one that holds is. */
function withAbsoluteTime(args: Args, { condition }: Options, deadlineMs: number, pairs: number): (Uint8Array | string)[] {
  const kept = condition === 'none' ? [] : [condition.toUpperCase()]
  return ['MSETEX', ...args.copies().slice(1, FIRST_KEY + 2 * pairs), ...kept, 'PXAT', deadlineText(deadlineMs)]
}
