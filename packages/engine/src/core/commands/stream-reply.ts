import type { StreamEntry } from '../keyspace/values/stream.ts'
import { formatId, type StreamId } from '../keyspace/values/stream-id.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'

export function writeId(reply: ReplyWriter, id: StreamId): void {
  reply.latin1(formatId(id))
}

/** An entry: its id, then names and values in turn. */
export function writeEntry(reply: ReplyWriter, { id, fields }: StreamEntry): void {
  reply.array(2)
  writeId(reply, id)
  reply.array(fields.length)
  for (const field of fields) reply.bulk(field)
}

export function writeEntries(reply: ReplyWriter, entries: readonly StreamEntry[]): void {
  reply.array(entries.length)
  for (const entry of entries) writeEntry(reply, entry)
}

/** Up to `count` of what comes; 0: all. */
export function takeUpTo<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = []
  for (const item of items) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}
