import { type ConsumerGroup, UNKNOWN_READ } from './consumer-group.ts'
import type { StreamValue } from './stream.ts'
import { MIN_ID, type StreamId } from './stream-id.ts'

/** Entries that a group has yet to read; undefined when deleted ones make that unknown (`streamReplyWithCGLag`). */
export function lagOf(stream: StreamValue, group: ConsumerGroup): bigint | undefined {
  if (stream.entriesAdded === 0n) return 0n
  const read =
    group.entriesRead !== UNKNOWN_READ && !hasDeletedFrom(stream, group.lastId) ? group.entriesRead : entriesUpTo(stream, group.lastId)
  return read === UNKNOWN_READ ? undefined : BigInt.asIntN(64, stream.entriesAdded - read)
}

/** A group was given the entry with this id, the next after all before. */
export function noteRead(stream: StreamValue, group: ConsumerGroup, id: StreamId): void {
  const isNext = group.entriesRead !== UNKNOWN_READ && group.lastId >= stream.firstId
  if (isNext && !hasDeletedFrom(stream, group.lastId)) group.entriesRead = BigInt.asIntN(64, group.entriesRead + 1n)
  else if (stream.entriesAdded !== 0n) group.entriesRead = entriesUpTo(stream, id)
  group.lastId = id
}

/**
 * How many entries were ever added up to an id, as far as that follows from what a stream knows of itself: at its ends, while
 * nothing was deleted from within (`streamEstimateDistanceFromFirstEverEntry`). Else UNKNOWN_READ.
 */
export function entriesUpTo(stream: StreamValue, id: StreamId): bigint {
  const { entriesAdded, firstId, lastId, maxDeletedId } = stream
  if (entriesAdded === 0n) return 0n
  const added = BigInt.asIntN(64, entriesAdded)
  if (stream.length === 0 && id <= lastId) return added
  // Some of what was added after it may have been deleted.
  if (id !== MIN_ID && id < maxDeletedId) return UNKNOWN_READ
  if (id === lastId) return added
  if (id > lastId) return UNKNOWN_READ
  if (maxDeletedId === MIN_ID || maxDeletedId < firstId) {
    if (id < firstId) return added - BigInt(stream.length)
    if (id === firstId) return added - BigInt(stream.length) + 1n
  }
  return UNKNOWN_READ
}

function hasDeletedFrom(stream: StreamValue, id: StreamId): boolean {
  const { maxDeletedId } = stream
  return stream.length > 0 && maxDeletedId !== MIN_ID && id <= maxDeletedId
}
