import type { StreamEntry } from '../keyspace/values/stream.ts'
import { parseId, type StreamId } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { defineCommand, firstKey } from './define-command.ts'
import { readId, readInteger } from './stream-arguments.ts'
import { claimant, forget, writeClaimed } from './stream-claimant.ts'
import { propagateClaim, propagateGroupId } from './stream-propagation.ts'

type ClaimOptions = {
  readonly deliveredAtMs: number
  /** -1: one more than before. */
  readonly deliveries: bigint
  readonly force: boolean
  readonly justIds: boolean
  readonly lastId: StreamId
}

/** What follows the ids of XCLAIM; writes the error and returns undefined when it makes no sense. */
function readClaimOptions(ctx: CommandContext, args: Args, first: number): ClaimOptions | undefined {
  const { nowMs } = ctx
  let deliveredAt = -1n
  let deliveries = -1n
  let [force, justIds] = [false, false]
  let lastId: StreamId = 0n
  for (let at = first; at < args.length; at++) {
    const more = at + 1 < args.length
    const number = (name: string) => readInteger(ctx, args, ++at, `ERR Invalid ${name} option argument for XCLAIM`)
    let value: number | bigint | undefined = 0
    if (args.is(at, 'FORCE')) force = true
    else if (args.is(at, 'JUSTID')) justIds = true
    else if (args.is(at, 'IDLE') && more) {
      value = number('IDLE')
      if (value !== undefined) deliveredAt = BigInt.asIntN(64, BigInt(nowMs) - BigInt(value))
    } else if (args.is(at, 'TIME') && more) {
      value = number('TIME')
      if (value !== undefined) deliveredAt = BigInt(value)
    } else if (args.is(at, 'RETRYCOUNT') && more) {
      value = number('RETRYCOUNT')
      if (value !== undefined) deliveries = BigInt(value)
    } else if (args.is(at, 'LASTID') && more) {
      const id = readId(ctx, args, ++at)
      if (id === undefined) return undefined
      lastId = id
    } else {
      ctx.reply.error(errors.unknownClaimOption(args.text(at)))
      return undefined
    }
    if (value === undefined) return undefined
  }
  // A time that cannot be is taken for now: the clocks of clients differ.
  const isTime = deliveredAt >= 0n && deliveredAt <= BigInt(nowMs)
  return { deliveredAtMs: isTime ? Number(deliveredAt) : nowMs, deliveries, force, justIds, lastId }
}

export const xclaim = defineCommand({
  name: 'XCLAIM',
  group: 'stream',
  since: '5.0.0',
  summary: 'Gives pending entries to another consumer, as if they had been delivered to it.',
  arity: -6,
  flags: ['write', 'fast'],
  keys: firstKey,
  run: (ctx, args) => {
    const { reply } = ctx
    const key = args.bytes(1)
    const stream = ctx.write('stream', key)
    if (stream === 'wrong') return
    const group = stream?.group(args.bytes(2))
    if (!stream || !group) return reply.error(errors.noKeyOrGroup(args.text(1), args.text(2)))
    const minIdleMs = readInteger(ctx, args, 4, 'ERR Invalid min-idle-time argument for XCLAIM')
    if (minIdleMs === undefined) return
    const ids: StreamId[] = []
    for (let at = 5; at < args.length; at++) {
      const id = parseId(args.text(at), 0n)
      if (id === undefined) break
      ids.push(id)
    }
    const options = readClaimOptions(ctx, args, 5 + ids.length)
    if (!options) return
    // A claim that is passed on says how far the group is; without one it has to be said on its own.
    let hasMoved = options.lastId > group.lastId
    if (hasMoved) group.lastId = options.lastId
    const consumer = claimant(ctx, args, group)
    const claimed: StreamEntry[] = []
    for (const [number, id] of ids.entries()) {
      const entry = stream.entry(id)
      if (!entry) {
        if (forget(ctx, key, group, id, args.text(5 + number))) hasMoved = false
        continue
      }
      const pending = group.pending.get(id)
      if (!pending && !options.force) continue
      if (pending && minIdleMs > 0 && ctx.nowMs - pending.deliveredAtMs < minIdleMs) continue
      const before = pending?.deliveries ?? 1n
      const deliveries = options.deliveries >= 0n ? options.deliveries : options.justIds ? before : before + 1n
      const made = group.assign(id, consumer, options.deliveredAtMs, deliveries)
      consumer.activeAtMs = ctx.nowMs
      propagateClaim(ctx, key, group, args.text(5 + number), made)
      ctx.changedUnwatched()
      hasMoved = false
      claimed.push(entry)
    }
    if (hasMoved) {
      propagateGroupId(ctx, key, group)
      ctx.changedUnwatched()
    }
    if (ctx.dirty > 0) ctx.propagateNothing()
    writeClaimed(ctx, claimed, options.justIds)
  }
})
