import { compareBytes, EMPTY_BYTES, parseDouble } from '../bytes.ts'
import { NEVER, type Value } from '../keyspace/entry.ts'
import { ListValue } from '../keyspace/values/list.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { readSortOptions, type SortOptions } from './sort-options.ts'
import { SortLookup, upToNul } from './sort-pattern.ts'

/** More than so many values, or bytes of them, that GET brings together are refused: few keys can stand for very many. */
const VALUES_LIMIT = 10_000_000
const BYTES_LIMIT = 67_108_864

/** Elements of one RPUSH to replicas. */
const ELEMENTS_PER_PUSH = 1024

/** Rows `from` up to and without `to` of what was sorted. */
type Range = { readonly from: number; readonly to: number }

/** An element and what it is sorted by; `text` is undefined when there is no such key. */
type Ranked = { readonly element: Uint8Array; readonly score: number; readonly text: Uint8Array | undefined }

function run(ctx: CommandContext, args: Args, mayStore: boolean): void {
  const options = readSortOptions(ctx, args, mayStore)
  if (typeof options === 'string') return ctx.reply.error(options)
  const value = ctx.find(args.bytes(1))?.value
  if (value && value.type !== 'list' && value.type !== 'set' && value.type !== 'zset') return ctx.reply.error(errors.wrongType)
  // SORT leaves a sorted set unpacked, though it only reads it (`sortCommandGeneric`).
  if (value?.type === 'zset' && value.expect(Number.POSITIVE_INFINITY, 0)) ctx.database.noteChanged(args.bytes(1))
  const lookup = new SortLookup(ctx)
  const range = rangeOf(options, lengthOf(value))
  const elements = elementsInOrder(value, options, range, lookup)
  if (!elements) return ctx.reply.error("ERR One or more scores can't be converted into double")
  if (elements.length * options.get.length > VALUES_LIMIT) return ctx.reply.error(errors.outOfRange)
  if (options.store === undefined) answer(ctx, elements, options, lookup)
  else store(ctx, args.bytes(options.store), elements, options, lookup)
}

function lengthOf(value: Value | undefined): number {
  if (value?.type === 'list') return value.length
  return value?.type === 'set' || value?.type === 'zset' ? value.size : 0
}

function rangeOf({ offset, count }: SortOptions, length: number): Range {
  const from = Math.min(Math.max(offset, 0), length)
  return { from, to: count < 0 ? length : Math.min(from + count, length) }
}

/** Undefined: one of them is to be sorted as a number and is none. */
function elementsInOrder(
  value: Value | undefined,
  options: SortOptions,
  { from, to }: Range,
  lookup: SortLookup
): readonly Uint8Array[] | undefined {
  if (options.by !== 'as-it-is') return sorted([...elementsOf(value)], options, lookup)?.slice(from, to)
  if (value?.type === 'list') {
    const last = value.length - 1
    if (from >= to) return []
    return options.descending ? [...value.items(last - to + 1, last - from, true)] : [...value.items(from, to - 1)]
  }
  if (value?.type === 'zset') {
    const members: Uint8Array[] = []
    value.visit(options.descending ? value.size - 1 - from : from, to - from, options.descending, (member) => {
      members.push(member)
      return true
    })
    return members
  }
  // What is stored must not depend on the order in which a set happens to lie.
  const elements = [...elementsOf(value)]
  const ordered = options.store === undefined ? elements : sorted(elements, { ...options, by: undefined, alpha: true }, lookup)
  return ordered?.slice(from, to)
}

function* elementsOf(value: Value | undefined): Generator<Uint8Array> {
  if (value?.type === 'list') yield* value.items()
  else if (value?.type === 'set') yield* value.members()
  else if (value?.type === 'zset') for (const [member] of value.entries()) yield member
}

function sorted(elements: readonly Uint8Array[], options: SortOptions, lookup: SortLookup): Uint8Array[] | undefined {
  const { alpha, descending, store } = options
  const by = options.by === 'as-it-is' ? undefined : options.by
  const ranked: Ranked[] = []
  let areNumbers = true
  for (const element of elements) {
    const text = by ? lookup.valueOf(by, element) : element
    // Like the C string that it is to the reference, a number ends at a NUL.
    const score = alpha || text === undefined ? 0 : parseDouble(upToNul(text))
    if (score === undefined) areNumbers = false
    // Only what is stored is compared beyond a NUL: what is answered is compared as the locale does, which is C here.
    ranked.push({ element, text: alpha && text && store === undefined ? upToNul(text) : text, score: score ?? 0 })
  }
  if (!areNumbers) return undefined
  const compare = alpha ? byText : byScore
  ranked.sort(descending ? (a, b) => compare(b, a) : compare)
  return ranked.map(({ element }) => element)
}

/** Equal ones by their bytes, so that the order is always the same. */
function byScore(a: Ranked, b: Ranked): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  return compareBytes(a.element, b.element)
}

function byText({ text: a }: Ranked, { text: b }: Ranked): number {
  if (a && b) return compareBytes(a, b)
  return a ? 1 : b ? -1 : 0
}

/** What stands in the place of the elements. */
function* values(elements: readonly Uint8Array[], { get }: SortOptions, lookup: SortLookup): Generator<Uint8Array | undefined> {
  if (get.length === 0) yield* elements
  else for (const element of elements) for (const pattern of get) yield lookup.valueOf(pattern, element)
}

function answer({ reply }: CommandContext, elements: readonly Uint8Array[], options: SortOptions, lookup: SortLookup): void {
  const { out } = reply
  const start = out.length
  reply.array(elements.length * Math.max(1, options.get.length))
  for (const value of values(elements, options, lookup)) {
    reply.bulkOrNull(value)
    if (options.get.length === 0 || out.length - start <= BYTES_LIMIT) continue
    out.truncate(start)
    return reply.error(errors.outOfRange)
  }
}

function store(ctx: CommandContext, target: Uint8Array, elements: readonly Uint8Array[], options: SortOptions, lookup: SortLookup): void {
  const list = new ListValue()
  let bytes = 0
  for (const value of values(elements, options, lookup)) {
    bytes += value?.length ?? 0
    if (options.get.length > 0 && bytes > BYTES_LIMIT) return ctx.reply.error(errors.outOfRange)
    list.pushTail(value ?? EMPTY_BYTES)
  }
  if (list.length > 0) {
    ctx.lookup(ctx.database, target)
    ctx.database.put(target, list, NEVER)
    ctx.changed(target, list.length)
    ctx.notify('l', 'sortstore', target)
    if (dependsOnMore(ctx, lookup)) propagateResult(ctx, target, list)
  } else if (ctx.database.remove(target)) {
    // Expired or not: the reference does not look.
    ctx.changed(target)
    ctx.notify('g', 'del', target)
  }
  ctx.reply.integer(list.length)
}

/**
 * Would the command give another result elsewhere? A replica sees fields that are out of sight here, and the target of a slot that
 * moves may not have the keys yet that the patterns name: they are told the result. (A valkey-server always passes SORT on as it is.)
 */
function dependsOnMore(ctx: CommandContext, lookup: SortLookup): boolean {
  return lookup.metHidden || (lookup.metKeys && ctx.node.migrations.exporting)
}

function propagateResult(ctx: CommandContext, target: Uint8Array, list: ListValue): void {
  ctx.propagateAs('DEL', target)
  for (let from = 0; from < list.length; from += ELEMENTS_PER_PUSH) {
    ctx.propagateAs('RPUSH', target, ...list.items(from, Math.min(from + ELEMENTS_PER_PUSH, list.length) - 1))
  }
}

/** The key, and that of the last STORE: what follows LIMIT, GET and BY is no word of its own (`sortGetKeys`). */
function keysOf(args: Args): readonly number[] {
  let store: number | undefined
  for (let at = 2; at < args.length; at++) {
    if (args.is(at, 'LIMIT')) at += 2
    else if (args.is(at, 'GET') || args.is(at, 'BY')) at++
    else if (args.is(at, 'STORE') && at + 1 < args.length) store = at + 1
  }
  return args.length < 2 ? [] : store === undefined ? [1] : [1, store]
}

export const sort = defineCommand({
  name: 'SORT',
  group: 'generic',
  since: '1.0.0',
  summary: 'Returns or stores the elements of a list, a set or a sorted set in order, or what their names lead to.',
  arity: -2,
  flags: ['write', 'denyoom', 'movablekeys'],
  keys: keysOf,
  run: (ctx, args) => run(ctx, args, true)
})

export const sortRo = defineCommand({
  name: 'SORT_RO',
  group: 'generic',
  since: '7.0.0',
  summary: 'Returns the elements of a list, a set or a sorted set in order, or what their names lead to.',
  arity: -2,
  flags: ['readonly', 'movablekeys'],
  keys: firstKey,
  run: (ctx, args) => run(ctx, args, false)
})

export const sortCommands: readonly CommandDefinition[] = [sort, sortRo]
