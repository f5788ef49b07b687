import { SLOTS, type SlotRange } from '../cluster/slot.ts'
import type { ClusterNode } from '../cluster/view.ts'
import { parseEstablish } from '../migration/migrations.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { type CommandDefinition, defineCommand } from './define-command.ts'

const OPERATOR = ['admin', 'stale', 'no_async_loading'] as const

/**
 * Atomic slot migration: what an operator asks, and what two nodes say to each other. Subcommands of CLUSTER.
 * Order of checks and texts: atomic slot migration specification, sections 1 and 4.
 */
export const migrationCommands: readonly CommandDefinition[] = [
  defineCommand({
    name: 'CLUSTER|MIGRATESLOTS',
    group: 'cluster',
    since: '9.0.0',
    summary: 'Starts moving slots of this primary to other primaries, each group of ranges as one atomic job.',
    arity: -4,
    flags: OPERATOR,
    run: (ctx, args) => {
      const parsed = parseMoves(ctx.node, args)
      if (typeof parsed === 'string') return ctx.reply.error(parsed)
      for (const { ranges, target } of parsed) ctx.node.migrations.startExport(ranges, target)
      ctx.reply.ok()
    }
  }),
  defineCommand({
    name: 'CLUSTER|GETSLOTMIGRATIONS',
    group: 'cluster',
    since: '9.0.0',
    summary: 'Lists the slot migrations of this node, running and ended, the newest first.',
    arity: 2,
    flags: OPERATOR,
    run: (ctx) => ctx.node.migrations.writeList(ctx.reply)
  }),
  defineCommand({
    name: 'CLUSTER|CANCELSLOTMIGRATIONS',
    group: 'cluster',
    since: '9.0.0',
    summary: 'Cancels every migration that this node is the source of.',
    arity: 2,
    flags: OPERATOR,
    run: (ctx) => {
      if (ctx.node.migrations.cancelExports() === 0) ctx.reply.error('ERR No migrations ongoing')
      else ctx.reply.ok()
    }
  }),
  defineCommand({
    name: 'CLUSTER|SYNCSLOTS',
    group: 'cluster',
    since: '9.0.0',
    summary: 'The dialogue between source and target of a slot migration; not for people.',
    arity: -3,
    flags: OPERATOR,
    mayReplicate: true,
    run: (ctx, args) => {
      const sub = args.text(2).toUpperCase()
      if (sub === 'ESTABLISH') {
        const parsed = checkEstablish(ctx.node, args)
        if (typeof parsed === 'string') return ctx.reply.error(parsed)
        // Before the link changes its nature, so that this reply is its last ordinary one.
        ctx.reply.ok()
        ctx.node.migrations.establishImport(ctx.client, parsed.name, parsed.ranges, parsed.source)
        ctx.node.propagate(0, -1, [args.copies()])
        ctx.propagateNothing()
        return
      }
      if (sub === 'FINISH') return ctx.reply.error('ERR No such slot migration job')
      if (sub === 'CAPA') return
      if (LINK_MESSAGES.has(sub)) return ctx.reply.error(`ERR CLUSTER SYNCSLOTS ${sub} should only be used by slot migration clients`)
      ctx.reply.error(errors.syntax)
    }
  })
]

const LINK_MESSAGES = new Set(['ACK', 'PAUSED', 'SNAPSHOT-EOF', 'REQUEST-PAUSE', 'REQUEST-FAILOVER', 'FAILOVER-GRANTED'])

type Move = { readonly ranges: readonly SlotRange[]; readonly target: ClusterNode }

/** May a migration start on this node at all? Undefined, or the error. */
function cannotStart(node: Node): string | undefined {
  if (node.role !== 'primary') return 'ERR Slot migration can only be used on primary nodes.'
  if (node.cluster.view.importingFrom.size > 0) return 'ERR Slots are being manually imported'
  if (node.cluster.view.migratingTo.size > 0) return 'ERR Slots are being manually migrated'
  return undefined
}

function parseMoves(node: Node, args: Args): readonly Move[] | string {
  const problem = cannotStart(node)
  if (problem !== undefined) return problem
  const { view, myself } = node.cluster
  const moves: Move[] = []
  const taken = new Set<number>()
  let at = 2
  while (at < args.length) {
    if (!args.is(at, 'SLOTSRANGE')) return errors.syntax
    const parsed = parseRanges(node, args, at + 1)
    if (typeof parsed === 'string') return parsed
    const { ranges, owner } = parsed
    at = parsed.next
    if (owner !== myself) return 'ERR Slots are not served by this node.'
    for (const [first, last] of ranges) {
      for (let slot = first; slot <= last; slot++) {
        if (node.migrations.isExporting(slot)) return `ERR I am already migrating slot ${slot}.`
        if (taken.has(slot)) return 'ERR Slot ranges in migrations overlap'
      }
    }
    for (const [first, last] of ranges) for (let slot = first; slot <= last; slot++) taken.add(slot)
    if (!args.is(at, 'NODE') || at + 1 >= args.length) return errors.syntax
    const id = args.text(at + 1)
    at += 2
    if (id.length !== 40) return `ERR Invalid node name: ${id}`
    const target = view.nodes.get(id)
    if (!target) return `ERR Unknown node name: ${id}`
    if (target === myself) return 'ERR Target node can not be this node.'
    moves.push({ ranges, target })
  }
  return moves
}

/** Pairs of slots up to the first word that is no integer; all of one owner. */
function parseRanges(node: Node, args: Args, from: number): { ranges: SlotRange[]; owner: ClusterNode | undefined; next: number } | string {
  const { view } = node.cluster
  const ranges: SlotRange[] = []
  let owner: ClusterNode | undefined
  let at = from
  while (at < args.length && args.integer(at) !== undefined) {
    const first = args.integerBetween(at, 0, SLOTS - 1)
    if (first === undefined) return 'ERR Invalid or out of range slot'
    if (at + 1 >= args.length) return 'ERR No end slot for final slot range'
    const last = args.integerBetween(at + 1, 0, SLOTS - 1)
    if (last === undefined) return 'ERR Invalid or out of range slot'
    if (first > last) return `ERR Start slot number ${first} is greater than end slot number ${last}.`
    for (let slot = first; slot <= last; slot++) {
      const served = view.ownerOf(slot)
      if (!served) return `ERR Slot ${slot} has no node served.`
      if (owner && served !== owner) return 'ERR Requested slots span multiple shards'
      owner = served
    }
    for (const [a, b] of ranges)
      if (first <= b && a <= last) return `ERR Slot range ${first}-${last} overlaps with previous range ${a}-${b}.`
    ranges.push([first, last])
    at += 2
  }
  if (ranges.length === 0) return 'ERR No slot ranges specified'
  return { ranges, owner, next: at }
}

function checkEstablish(node: Node, args: Args): { source: string; name: string; ranges: SlotRange[] } | string {
  const problem = cannotStart(node)
  if (problem !== undefined) return problem
  const parsed = parseEstablish(args)
  if (!parsed) return errors.syntax
  const { view, myself } = node.cluster
  const source = view.nodes.get(parsed.source)
  if (!source) return 'ERR Target node does not know the source node'
  if (source === myself) return 'ERR Source node is target node itself'
  for (const [first, last] of parsed.ranges) {
    for (let slot = first; slot <= last; slot++) {
      if (node.migrations.isImporting(slot)) return 'ERR Slot is already being imported on the target by a different migration'
      if (view.ownerOf(slot) !== source) return 'ERR Target node does not agree about current slot ownership'
    }
  }
  return parsed
}
