import type { Consumer, ConsumerGroup } from '../keyspace/values/consumer-group.ts'
import type { StreamEntry } from '../keyspace/values/stream.ts'
import type { StreamId } from '../keyspace/values/stream-id.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { propagateClaim } from './stream-propagation.ts'
import { writeEntries, writeId } from './stream-reply.ts'

/** The consumer that claims, made if it is new. Replicas hear of it with the first entry that it gets. */
export function claimant(ctx: CommandContext, args: Args, group: ConsumerGroup): Consumer {
  const name = args.bytes(3)
  let consumer = group.consumer(name)
  if (!consumer) {
    consumer = group.createConsumer(name, ctx.nowMs) as Consumer
    ctx.changedUnwatched()
    ctx.notify('t', 'xgroup-createconsumer', args.bytes(1))
  }
  consumer.seenAtMs = ctx.nowMs
  return consumer
}

/** An entry that is pending and was deleted is forgotten; whoever follows finds the same when told to claim it. */
export function forget(ctx: CommandContext, key: Uint8Array, group: ConsumerGroup, id: StreamId, idText: string): boolean {
  const pending = group.pending.get(id)
  if (!pending) return false
  propagateClaim(ctx, key, group, idText, pending)
  ctx.changedUnwatched()
  return group.release(id)
}

export function writeClaimed({ reply }: CommandContext, claimed: readonly StreamEntry[], justIds: boolean): void {
  if (!justIds) return writeEntries(reply, claimed)
  reply.array(claimed.length)
  for (const { id } of claimed) writeId(reply, id)
}
