import { formatDouble } from '../bytes.ts'
import { crc16, SLOTS } from '../cluster/slot.ts'
import { WALK_END } from '../keyspace/byte-table.ts'
import type { Database } from '../keyspace/database.ts'
import type { Entry, ValueType } from '../keyspace/entry.ts'
import { Glob } from '../keyspace/glob.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'

/**
 * SCAN and its kind. A cursor is a point in the fixed order of all hashes (`ByteTable.walk`); SCAN's also names the slot. It
 * stays valid whatever happens to the table in between.
 */

type ScanOptions = {
  count: number
  pattern: Uint8Array | undefined
  glob: Glob | undefined
  type: ValueType | undefined
  namesOnly: boolean
  /** CLUSTERSCAN: the only slot that is walked. */
  slot: number | undefined
}

/** Buckets that one call may visit for each element it is asked for, so that a sparse table does not hold up the node. */
export const BUCKETS_PER_ELEMENT = 10

/**
 * A cursor as `strtoull` reads it, which forgives spaces, signs and leading zeros. What is not exact here is beyond every
 * table's end. Writes the error and returns undefined for no number.
 */
function readCursor(ctx: CommandContext, args: Args, index: number): number | undefined {
  const text = args.text(index)
  const integer = args.integer(index)
  if (integer !== undefined && integer >= 0) return Number(integer)
  const found = integer === undefined && text.length <= 64 ? /^[ \t-\r]*([+-]?)(\d+)$/.exec(text) : null
  const magnitude = BigInt(found?.[2] ?? 0)
  if (found && magnitude < 2n ** 64n) return found[1] === '-' && magnitude > 0n ? Number(2n ** 64n - magnitude) : Number(magnitude)
  ctx.reply.error('ERR invalid cursor')
  return undefined
}

/** Options from `from` on. Writes the error and returns undefined when they make no sense. */
export function readOptions(
  ctx: CommandContext,
  args: Args,
  from: number,
  kind: 'keys' | 'cluster' | 'hash' | 'set' | 'zset'
): ScanOptions | undefined {
  const { reply } = ctx
  const options: ScanOptions = { count: 10, pattern: undefined, glob: undefined, type: undefined, namesOnly: false, slot: undefined }
  for (let at = from; at < args.length; at++) {
    const hasNext = at + 1 < args.length
    if (args.is(at, 'COUNT') && hasNext) {
      const count = args.integer(++at)
      if (count === undefined) return fail(ctx, errors.notAnInteger)
      if (count < 1) return fail(ctx, errors.syntax)
      options.count = Number(count)
    } else if (args.is(at, 'MATCH') && hasNext) {
      options.pattern = args.bytes(++at)
      options.glob = new Glob(options.pattern)
    } else if (kind === 'cluster' && args.is(at, 'SLOT') && hasNext) {
      options.slot = args.integerBetween(++at, 0, SLOTS - 1)
      if (options.slot === undefined) return fail(ctx, 'ERR Invalid or out of range slot')
    } else if ((kind === 'keys' || kind === 'cluster') && args.is(at, 'TYPE') && hasNext) {
      const name = args.text(++at)
      const type = TYPE_NAMES.find((known) => known === name.toLowerCase())
      if (type === undefined) return fail(ctx, `ERR unknown type name '${name.split('\0', 1)[0]}'`)
      options.type = type
    } else if (args.is(at, 'NOVALUES')) {
      if (kind !== 'hash') return fail(ctx, 'ERR NOVALUES option can only be used in HSCAN')
      options.namesOnly = true
    } else if (args.is(at, 'NOSCORES')) {
      if (kind !== 'zset') return fail(ctx, 'ERR NOSCORES option can only be used in ZSCAN')
      options.namesOnly = true
    } else {
      reply.error(errors.syntax)
      return undefined
    }
  }
  return options
}

const TYPE_NAMES = ['string', 'list', 'set', 'zset', 'hash', 'stream'] as const

function fail(ctx: CommandContext, text: string): undefined {
  ctx.reply.error(text)
  return undefined
}

function writePage(ctx: CommandContext, cursor: number, elements: readonly (Uint8Array | string)[]): void {
  const { reply } = ctx
  reply.array(2)
  reply.latin1(String(cursor))
  reply.array(elements.length)
  for (const element of elements) {
    if (typeof element === 'string') reply.latin1(element)
    else reply.bulk(element)
  }
}

/**
 * The only slot that the keys of a pattern can be in: that of its hash tag, or of itself when it names one key. Undefined
 * when a wildcard stands before the tag's end.
 */
export function slotOfPattern(pattern: Uint8Array): number | undefined {
  let open: number | undefined
  let isTagless = false
  for (let at = 0; at < pattern.length; at++) {
    const byte = pattern[at] as number
    if (byte === 42 || byte === 63 || byte === 91 || byte === 92) return undefined
    if (isTagless) continue
    if (byte === 123) open ??= at
    else if (byte === 125 && open === at - 1) isTagless = true
    else if (byte === 125 && open !== undefined) return crc16(pattern, open + 1, at) % SLOTS
  }
  return crc16(pattern) % SLOTS
}

/** One step in one slot; 0 at its end. */
function walkSlot(database: Database, slot: number, cursor: number, visit: (key: Uint8Array, entry: Entry) => void): number {
  const at = Math.floor(cursor / WALK_END)
  if (at > slot) return 0
  const next = database.walkSlot(slot, at === slot ? cursor % WALK_END : 0, visit)
  return next === WALK_END ? 0 : slot * WALK_END + next
}

/** The keys of one page of a walk that are wanted. */
export class KeyPage {
  readonly #wanted: Pick<ScanOptions, 'type' | 'glob'>
  readonly #found: Uint8Array[] = []
  visited = 0

  constructor(wanted: Pick<ScanOptions, 'type' | 'glob'>) {
    this.#wanted = wanted
  }

  readonly visit = (key: Uint8Array, entry: Entry): void => {
    this.visited++
    const { type, glob } = this.#wanted
    if (type !== undefined && entry.value.type !== type) return
    if (!glob || glob.matches(key)) this.#found.push(key)
  }

  /** Those that have not expired. Only after the walk may the others be removed: it must not change under itself. */
  living(ctx: CommandContext): readonly Uint8Array[] {
    return this.#found.filter((key) => ctx.lookup(ctx.database, key))
  }
}

const scan = defineCommand({
  name: 'SCAN',
  group: 'generic',
  since: '2.8.0',
  summary: 'Walks over the keys of the selected database, a few at a time.',
  arity: -2,
  flags: ['readonly'],
  run: (ctx, args) => {
    let cursor = readCursor(ctx, args, 1)
    if (cursor === undefined) return
    const options = readOptions(ctx, args, 2, 'keys')
    if (!options) return
    const { database } = ctx
    const slot = options.pattern && slotOfPattern(options.pattern)
    const page = new KeyPage(options)
    let bucketsLeft = options.count * BUCKETS_PER_ELEMENT
    do {
      cursor = slot === undefined ? database.walk(cursor, page.visit) : walkSlot(database, slot, cursor, page.visit)
    } while (cursor !== 0 && --bucketsLeft > 0 && page.visited < options.count)
    writePage(ctx, cursor, page.living(ctx))
  }
})

/** A value that is walked bucket by bucket, or, while it is small, given whole. */
type Walkable = {
  readonly isSmall: boolean
  readonly walk: (position: number, collect: (name: Uint8Array, rest?: Uint8Array | string) => void) => number
}

function scanValue(ctx: CommandContext, args: Args, kind: 'hash' | 'set' | 'zset', walkable: () => Walkable | undefined | 'wrong') {
  const cursor = readCursor(ctx, args, 2)
  if (cursor === undefined) return
  const value = walkable()
  if (value === 'wrong') return
  if (!value) return writePage(ctx, 0, [])
  const options = readOptions(ctx, args, 3, kind)
  if (!options) return
  const elements: (Uint8Array | string)[] = []
  let visited = 0
  const collect = (name: Uint8Array, rest?: Uint8Array | string) => {
    visited++
    if (options.glob && !options.glob.matches(name)) return
    elements.push(name)
    if (rest !== undefined && !options.namesOnly) elements.push(rest)
  }
  let position = value.isSmall ? 0 : Math.min(cursor, WALK_END)
  let bucketsLeft = value.isSmall ? Number.POSITIVE_INFINITY : options.count * BUCKETS_PER_ELEMENT
  while (position < WALK_END && bucketsLeft-- > 0 && (value.isSmall || visited < options.count)) {
    position = value.walk(position, collect)
  }
  writePage(ctx, position >= WALK_END ? 0 : position, elements)
}

export const hscan = defineCommand({
  name: 'HSCAN',
  group: 'hash',
  since: '2.8.0',
  summary: 'Walks over the fields of a hash, a few at a time.',
  arity: -3,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) =>
    scanValue(ctx, args, 'hash', () => {
      const hash = ctx.read('hash', args.bytes(1))
      if (hash === undefined || hash === 'wrong') return hash
      const nowMs = ctx.visibleNowMs
      return {
        isSmall: hash.encoding === 'listpack',
        walk: (position, collect) =>
          hash.walk(position, (field, value, deadlineMs) => {
            if (nowMs <= deadlineMs) collect(field, value)
          })
      }
    })
})

export const sscan = defineCommand({
  name: 'SSCAN',
  group: 'set',
  since: '2.8.0',
  summary: 'Walks over the members of a set, a few at a time.',
  arity: -3,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) =>
    scanValue(ctx, args, 'set', () => {
      const set = ctx.read('set', args.bytes(1))
      if (set === undefined || set === 'wrong') return set
      return { isSmall: set.encoding !== 'hashtable', walk: (position, collect) => set.walk(position, (member) => collect(member)) }
    })
})

export const zscan = defineCommand({
  name: 'ZSCAN',
  group: 'sorted-set',
  since: '2.8.0',
  summary: 'Walks over the members and scores of a sorted set, a few at a time.',
  arity: -3,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) =>
    scanValue(ctx, args, 'zset', () => {
      const set = ctx.read('zset', args.bytes(1))
      if (set === undefined || set === 'wrong') return set
      return {
        isSmall: set.encoding === 'listpack',
        walk: (position, collect) => set.walk(position, (member, score) => collect(member, formatDouble(score)))
      }
    })
})

export const scanCommands: readonly CommandDefinition[] = [scan]
