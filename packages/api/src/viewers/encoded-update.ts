import type { FeedUpdate } from '@slotscope/observer'
import type { Frame, SlotsHeader, Topic } from '@slotscope/observer/stream'

/** A frame as it goes on the wire, encoded once for all viewers. `base` is null for a snapshot. */
export type EncodedUpdate = {
  readonly topic: Topic
  readonly base: number | null
  readonly version: number
  readonly data: string | Uint8Array
}

export function encodeUpdate(update: FeedUpdate): EncodedUpdate | undefined {
  return 'binary' in update ? encodeFrame(update.binary) : encodeFrame(update.frame)
}

/** Undefined for frames that belong to no topic (`hello`, `bye`). */
export function encodeFrame(frame: Frame | Uint8Array): EncodedUpdate | undefined {
  if (frame instanceof Uint8Array) {
    const header = slotsHeader(frame)
    return { topic: header.topic, base: header.type === 'slots-patch' ? header.base : null, version: header.version, data: frame }
  }
  if (frame.type !== 'snapshot' && frame.type !== 'patch') return undefined
  return {
    topic: frame.topic,
    base: frame.type === 'patch' ? frame.base : null,
    version: frame.version,
    data: JSON.stringify(frame)
  }
}

/** The header alone: the figures behind it are not decoded only to be passed on. */
function slotsHeader(frame: Uint8Array): SlotsHeader {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
  return JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0))) as SlotsHeader
}
