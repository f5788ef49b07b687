import { SLOTS } from '../cluster/slot.ts'
import type { ClusterNode } from '../cluster/view.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, type CommandFlag, defineCommand } from './define-command.ts'

/** Who has which slot, by an operator's word. */

const OPERATOR: readonly CommandFlag[] = ['admin', 'stale', 'no_async_loading']
const INVALID_SLOT = 'ERR Invalid or out of range slot'

/** Slots as single arguments, or as pairs of start and end; the error is written when they make no sense. */
function readSlots(ctx: CommandContext, args: Args, form: 'single' | 'ranges'): number[] | undefined {
  const { reply } = ctx
  const slots: number[] = []
  if (form === 'ranges' && args.length % 2 === 1) {
    reply.error(errors.wrongArity(ctx.commandName))
    return undefined
  }
  for (let at = 2; at < args.length; at += form === 'ranges' ? 2 : 1) {
    const first = args.integerBetween(at, 0, SLOTS - 1)
    const last = form === 'ranges' ? args.integerBetween(at + 1, 0, SLOTS - 1) : first
    if (first === undefined || last === undefined) {
      reply.error(INVALID_SLOT)
      return undefined
    }
    if (first > last) {
      reply.error(`ERR start slot number ${first} is greater than end slot number ${last}`)
      return undefined
    }
    // Overlapping ranges are refused below; a hostile list of them must not be spelt out before that.
    for (let slot = first; slot <= last && slots.length <= SLOTS; slot++) slots.push(slot)
  }
  return slots
}

function assign(name: string, since: string, summary: string, form: 'single' | 'ranges', action: 'add' | 'delete'): CommandDefinition {
  return defineCommand({
    name,
    group: 'cluster',
    since,
    summary,
    arity: form === 'ranges' ? -4 : -3,
    flags: OPERATOR,
    run: (ctx, args) => {
      const { cluster } = ctx.node
      const { view } = cluster
      const slots = readSlots(ctx, args, form)
      if (!slots) return
      const seen = new Set<number>()
      for (const slot of slots) {
        const owned = view.ownerOf(slot) !== undefined
        if (action === 'add' && owned) return ctx.reply.error(`ERR Slot ${slot} is already busy`)
        if (action === 'delete' && !owned) return ctx.reply.error(`ERR Slot ${slot} is already unassigned`)
        if (seen.has(slot)) return ctx.reply.error(`ERR Slot ${slot} specified multiple times`)
        seen.add(slot)
      }
      // The reference lets a replica take slots, which no other node then understands.
      if (action === 'add' && view.myself.isReplica) return ctx.reply.error('ERR Please use ADDSLOTS only with masters.')
      for (const slot of slots) {
        view.importingFrom.delete(slot)
        view.assignSlot(slot, action === 'add' ? view.myself : undefined)
      }
      changed(ctx)
      ctx.reply.ok()
    }
  })
}

/** After slots changed hands by a command. */
function changed({ node }: CommandContext): void {
  node.cluster.markDirty()
  node.cluster.reviewState()
  node.cluster.settle()
}

const flushSlots = defineCommand({
  name: 'CLUSTER|FLUSHSLOTS',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Gives up all slots of this node, which must be empty.',
  arity: 2,
  flags: OPERATOR,
  run: (ctx) => {
    const { view } = ctx.node.cluster
    if (ctx.node.keyspace.size > 0) return ctx.reply.error('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.')
    view.dropSlots(view.myself)
    changed(ctx)
    ctx.reply.ok()
  }
})

const INVALID_ACTION = 'ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP'

/**
 * The key by key way of moving a slot. Replicas follow: the command goes into the stream, so that a promoted replica knows
 * of open slots.
 */
const setSlot = defineCommand({
  name: 'CLUSTER|SETSLOT',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Opens a slot for migration key by key, closes it, or gives it to a node.',
  arity: -4,
  flags: OPERATOR,
  mayReplicate: true,
  run: (ctx, args) => {
    const problem = checkSetSlot(ctx, args) ?? applySetSlot(ctx, args)
    if (problem !== undefined) return ctx.reply.error(problem)
    ctx.node.cluster.markDirty()
    ctx.node.cluster.reviewState()
    ctx.node.cluster.settle()
    if (ctx.client.origin === 'client') ctx.propagateAs('CLUSTER', 'SETSLOT', ...args.copies().slice(2))
    ctx.reply.ok()
  }
})

function checkSetSlot({ node, client }: CommandContext, args: Args): string | undefined {
  if (node.role === 'replica' && client.origin === 'client') return 'ERR Please use SETSLOT only with masters.'
  if (node.migrations.exportInProgress) return 'ERR Slot export in progress.'
  if (node.migrations.importInProgress) return 'ERR Slot import in progress.'
  if (args.integerBetween(2, 0, SLOTS - 1) === undefined) return INVALID_SLOT
  const isStable = args.is(3, 'STABLE')
  if (!isStable && !((args.is(3, 'MIGRATING') || args.is(3, 'IMPORTING') || args.is(3, 'NODE')) && args.length >= 5)) return INVALID_ACTION
  const timeoutAt = isStable ? 4 : 5
  if (args.length > timeoutAt && args.is(timeoutAt, 'TIMEOUT')) {
    if (args.length === timeoutAt + 1) return 'ERR Missing timeout value'
    if (args.integer(timeoutAt + 1) === undefined) return 'ERR timeout is not an integer or out of range'
  }
  return undefined
}

function applySetSlot(ctx: CommandContext, args: Args): string | undefined {
  const { view } = ctx.node.cluster
  const { myself } = view
  const slot = args.integer(2) as number
  if (args.is(3, 'STABLE')) {
    view.migratingTo.delete(slot)
    view.importingFrom.delete(slot)
    return undefined
  }
  const id = args.text(4)
  const peer = view.nodes.get(id)
  const serving = myself.primary ?? myself
  if (args.is(3, 'NODE')) {
    if (!peer) return errors.unknownNode(id)
    if (!peer.isPrimary) return 'ERR Target node is not a master'
    return giveSlot(ctx, slot, peer)
  }
  const migrating = args.is(3, 'MIGRATING')
  const owner = view.ownerOf(slot)
  if (migrating && owner !== serving) return `ERR I'm not the owner of hash slot ${slot}`
  if (!migrating && owner === serving) return `ERR I'm already the owner of hash slot ${slot}`
  if (!peer) return `ERR I don't know about node ${id}`
  if (peer === serving) return 'ERR Target node is myself'
  if (!peer.isPrimary) return 'ERR Target node is not a master'
  if (migrating) view.migratingTo.set(slot, peer)
  else view.importingFrom.set(slot, peer)
  return undefined
}

/** SETSLOT NODE: on the importing side it ends the import under a new epoch, so that the others believe it. */
function giveSlot({ node }: CommandContext, slot: number, owner: ClusterNode): string | undefined {
  const { cluster } = node
  const { view } = cluster
  const { myself } = view
  const wasMine = view.ownerOf(slot) === myself
  const keys = node.keyspace.sizeOfSlot(slot)
  if (wasMine && owner !== myself && keys > 0) {
    return `ERR Can't assign hashslot ${slot} to a different node while I still hold keys for this hash slot.`
  }
  if (keys === 0) view.migratingTo.delete(slot)
  view.assignSlot(slot, owner)
  if (owner === myself || owner === myself.primary) {
    const imported = view.importingFrom.delete(slot)
    if (imported && owner === myself) {
      cluster.claims.bumpEpoch()
      cluster.markDirty('durably')
      cluster.broadcastPong()
    }
  } else if (wasMine && myself.slotCount === 0 && node.config.enabled('cluster-allow-replica-migration')) {
    cluster.roles.becomeReplicaOf(owner)
  }
  return undefined
}

const flushSlot = defineCommand({
  name: 'CLUSTER|FLUSHSLOT',
  group: 'cluster',
  since: '9.0.0',
  summary: 'Deletes the keys of a slot in every database.',
  arity: -3,
  flags: ['write', 'admin', 'no_async_loading'],
  run: (ctx, args) => {
    const slot = args.integerBetween(2, 0, SLOTS - 1)
    if (slot === undefined) return ctx.reply.error(INVALID_SLOT)
    if (args.length > 4 || (args.length === 4 && !args.is(3, 'ASYNC') && !args.is(3, 'SYNC'))) return ctx.reply.error(errors.syntax)
    const { node } = ctx
    // What a primary drops because the slot has moved is no event, and no work: nobody here needs to hear of each key.
    if (ctx.client.origin === 'primary' && ctx.keyspace.watchers.size === 0 && node.watches.clients === 0) {
      ctx.keyspace.dropSlot(slot)
      return ctx.reply.ok()
    }
    // Each key's DEL is passed on, and not the command: a slot that is moving away has another listener besides replicas.
    for (const database of ctx.keyspace.used()) {
      for (const key of [...database.keysOf(slot)]) {
        database.remove(key)
        node.noteKeyChanged(database.index, key)
        ctx.notify('g', 'del', key, database)
        if (ctx.client.origin === 'client') node.propagate(database.index, slot, [['DEL', key]])
      }
    }
    ctx.propagateNothing()
    ctx.reply.ok()
  }
})

export const slotCommands: readonly CommandDefinition[] = [
  assign('CLUSTER|ADDSLOTS', '3.0.0', 'Takes slots that nobody owns.', 'single', 'add'),
  assign('CLUSTER|ADDSLOTSRANGE', '7.0.0', 'Takes ranges of slots that nobody owns.', 'ranges', 'add'),
  assign('CLUSTER|DELSLOTS', '3.0.0', 'Holds slots for unowned, whoever has them.', 'single', 'delete'),
  assign('CLUSTER|DELSLOTSRANGE', '7.0.0', 'Holds ranges of slots for unowned, whoever has them.', 'ranges', 'delete'),
  flushSlots,
  setSlot,
  flushSlot
]
