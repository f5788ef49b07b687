import type { ConsumerGroup, Pending } from '../keyspace/values/consumer-group.ts'
import { formatId } from '../keyspace/values/stream-id.ts'
import type { CommandContext } from './context.ts'

/**
 * What readers in groups change is passed on as its effects: who owns an entry since when, and how far a group has read
 * (`streamPropagateXCLAIM` and its neighbours).
 */
export function propagateClaim(ctx: CommandContext, key: Uint8Array, group: ConsumerGroup, id: string, pending: Pending): void {
  const { consumer, deliveredAtMs, deliveries } = pending
  const when = ['TIME', String(deliveredAtMs), 'RETRYCOUNT', deliveries.toString()]
  ctx.propagateAs('XCLAIM', key, group.name, consumer.name, '0', id, ...when, 'FORCE', 'JUSTID', 'LASTID', formatId(group.lastId))
}

export function propagateGroupId(ctx: CommandContext, key: Uint8Array, group: ConsumerGroup): void {
  ctx.propagateAs('XGROUP', 'SETID', key, group.name, formatId(group.lastId), 'ENTRIESREAD', group.entriesRead.toString())
}

export function propagateConsumer(ctx: CommandContext, key: Uint8Array, group: ConsumerGroup, name: Uint8Array): void {
  ctx.propagateAs('XGROUP', 'CREATECONSUMER', key, group.name, name)
}
