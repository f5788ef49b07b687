import { type Consumer, type ConsumerGroup, UNKNOWN_READ } from '../keyspace/values/consumer-group.ts'
import type { StreamValue } from '../keyspace/values/stream.ts'
import { MAX_ID, MIN_ID } from '../keyspace/values/stream-id.ts'
import { lagOf } from '../keyspace/values/stream-lag.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import { takeUpTo, writeEntries, writeId } from './stream-reply.ts'

/** The two pairs that XINFO STREAM FULL ends with: entries and groups, `count` of everything (0: all). */
export function writeStreamInFull(reply: ReplyWriter, stream: StreamValue, count: number): void {
  reply.latin1('entries')
  writeEntries(reply, takeUpTo(stream.ascending(MIN_ID, MAX_ID), count))
  reply.latin1('groups')
  const { groups } = stream
  reply.array(groups.length)
  for (const group of groups) writeGroup(reply, stream, group, count)
}

function writeGroup(reply: ReplyWriter, stream: StreamValue, group: ConsumerGroup, count: number): void {
  reply.map(7)
  reply.latin1('name')
  reply.bulk(group.name)
  reply.latin1('last-delivered-id')
  writeId(reply, group.lastId)
  const counters: [string, bigint | undefined][] = [
    ['entries-read', group.entriesRead === UNKNOWN_READ ? undefined : group.entriesRead],
    ['lag', lagOf(stream, group)],
    ['pel-count', BigInt(group.pending.size)]
  ]
  for (const [name, value] of counters) {
    reply.latin1(name)
    if (value === undefined) reply.null()
    else reply.integer(value)
  }
  reply.latin1('pending')
  const pending = takeUpTo(group.pending.ascending(), count)
  reply.array(pending.length)
  for (const [id, { consumer, deliveredAtMs, deliveries }] of pending) {
    reply.array(4)
    writeId(reply, id)
    reply.bulk(consumer.name)
    reply.integer(deliveredAtMs)
    reply.integer(deliveries)
  }
  reply.latin1('consumers')
  const { consumers } = group
  reply.array(consumers.length)
  for (const consumer of consumers) writeConsumer(reply, consumer, count)
}

function writeConsumer(reply: ReplyWriter, consumer: Consumer, count: number): void {
  reply.map(5)
  reply.latin1('name')
  reply.bulk(consumer.name)
  const counters: [string, number][] = [
    ['seen-time', consumer.seenAtMs],
    ['active-time', consumer.activeAtMs],
    ['pel-count', consumer.pending.size]
  ]
  for (const [name, value] of counters) {
    reply.latin1(name)
    reply.integer(value)
  }
  reply.latin1('pending')
  const pending = takeUpTo(consumer.pending.ascending(), count)
  reply.array(pending.length)
  for (const [id, { deliveredAtMs, deliveries }] of pending) {
    reply.array(3)
    writeId(reply, id)
    reply.integer(deliveredAtMs)
    reply.integer(deliveries)
  }
}
