import { keySlot, SLOTS } from '../cluster/slot.ts'
import { tagOfSlot } from '../cluster/slot-tags.ts'
import { WALK_END } from '../keyspace/byte-table.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, defineCommand, firstKey } from './define-command.ts'
import { BUCKETS_PER_ELEMENT, KeyPage, readOptions, slotOfPattern } from './scan.ts'

/**
 * A cursor of CLUSTERSCAN is `<order>-{<tag>}-<place>`: the tag leads to the node that has the slot, the place is where the walk
 * over the slot stands, and the order says whose: with another one the slot is walked from its beginning. All nodes of this
 * engine walk in the same order, so a walk goes on where it was also after a failover or a migration.
 */
const OWN_ORDER = 'slotscope'
/** In cursors for a slot that has not been begun. */
const NO_ORDER = '0'

type Place = { readonly slot: number; readonly position: number }

/** Undefined for no cursor. What has no tag is routed by its whole text, and so is its slot. */
function readCursor(args: Args): Place | 'begin' | undefined {
  const text = args.text(1)
  if (text === '0') return 'begin'
  const [order, , place, ...rest] = text.split('-')
  if (place === undefined || rest.length > 0 || !/^\d{1,20}$/.test(place) || BigInt(place) >= 2n ** 64n) return undefined
  const position = order === OWN_ORDER ? Number(place) : 0
  return { slot: keySlot(args.bytes(1)), position: Math.min(position, WALK_END) }
}

function writePage({ reply }: CommandContext, cursor: string, keys: readonly Uint8Array[]): void {
  reply.array(2)
  reply.latin1(cursor)
  reply.array(keys.length)
  for (const key of keys) reply.bulk(key)
}

function beginningOf(slot: number): string {
  return `${NO_ORDER}-{${tagOfSlot(slot)}}-0`
}

const clusterScan = defineCommand({
  name: 'CLUSTERSCAN',
  group: 'cluster',
  since: '9.1.0',
  summary: 'Walks over the keys of the whole cluster, a few at a time; each cursor leads to the node that has the next.',
  arity: -2,
  flags: ['readonly'],
  keys: firstKey,
  run: (ctx, args) => {
    const options = readOptions(ctx, args, 2, 'cluster')
    if (!options) return
    const cursor = readCursor(args)
    if (cursor === undefined) return ctx.reply.error('ERR Invalid cursor')
    const { slot: onlySlot, pattern } = options
    const patternSlot = pattern && slotOfPattern(pattern)
    if (cursor !== 'begin' && onlySlot !== undefined && cursor.slot !== onlySlot) {
      return ctx.reply.error('ERR Cursor slot mismatch with SLOT argument')
    }
    // A pattern that can only match in one slot makes that slot the only one.
    const wantedSlot = onlySlot ?? patternSlot
    const isOver = patternSlot !== undefined && (wantedSlot !== patternSlot || (cursor !== 'begin' && cursor.slot > patternSlot))
    if (isOver) return writePage(ctx, '0', [])
    if (cursor === 'begin') return writePage(ctx, beginningOf(wantedSlot ?? 0), [])
    if (wantedSlot !== undefined && cursor.slot < wantedSlot) return writePage(ctx, beginningOf(wantedSlot), [])
    walk(ctx, cursor, options, wantedSlot === undefined ? SLOTS - 1 : wantedSlot)
  }
})

/** Walks from a place on, to the end of the last slot or of those that this node has. */
function walk(ctx: CommandContext, from: Place, options: NonNullable<ReturnType<typeof readOptions>>, lastSlot: number): void {
  const { database, node } = ctx
  const { view } = node.cluster
  const owner = view.ownerOf(from.slot)
  const page = new KeyPage(options)
  let { slot, position } = from
  let bucketsLeft = options.count * BUCKETS_PER_ELEMENT
  while (slot <= lastSlot && view.ownerOf(slot) === owner && bucketsLeft > 0 && page.visited < options.count) {
    if (database.sizeOfSlot(slot) > 0) {
      position = database.walkSlot(slot, position, page.visit)
      bucketsLeft--
      if (position < WALK_END) continue
    }
    slot++
    position = 0
  }
  const keys = page.living(ctx)
  if (slot > lastSlot) return writePage(ctx, '0', keys)
  const isOurs = view.ownerOf(slot) === owner
  writePage(ctx, isOurs ? `${OWN_ORDER}-{${tagOfSlot(slot)}}-${position}` : beginningOf(slot), keys)
}

export const clusterScanCommands: readonly CommandDefinition[] = [clusterScan]
