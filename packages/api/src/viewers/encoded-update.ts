import type { FeedUpdate } from '@slotscope/observer'
import type { Frame, SlotsHeader, Topic } from '@slotscope/observer/stream'

/** A frame as it goes on the wire, encoded once for all viewers, who share its bytes. `base` is null for a snapshot. */
export type EncodedUpdate = {
  readonly topic: Topic
  readonly base: number | null
  readonly version: number
  readonly data: Uint8Array
  /** False: the data is JSON, sent as text. */
  readonly binary: boolean
}

/** For so long a snapshot of an unchanged state is sent again as it was encoded: 500 viewers may come at once. */
const SNAPSHOT_LASTS_MS = 1_000
const snapshots = new WeakMap<object, { readonly atMs: number; readonly encoded: EncodedUpdate }>()

export function encodeUpdate(update: FeedUpdate): EncodedUpdate | undefined {
  return 'binary' in update ? encodeFrame(update.binary) : encodeFrame(update.frame)
}

/** Undefined for frames that belong to no topic (`hello`, `bye`). */
export function encodeFrame(frame: Frame | Uint8Array): EncodedUpdate | undefined {
  if (frame instanceof Uint8Array) {
    const header = slotsHeader(frame)
    const base = header.type === 'slots-patch' ? header.base : null
    return { topic: header.topic, base, version: header.version, data: frame, binary: true }
  }
  switch (frame.type) {
    case 'patch':
      return { topic: frame.topic, base: frame.base, version: frame.version, data: jsonOf(frame), binary: false }
    case 'snapshot':
      return encodeSnapshot(frame)
    default:
      return undefined
  }
}

function encodeSnapshot(frame: Extract<Frame, { type: 'snapshot' }>): EncodedUpdate {
  const held = snapshots.get(frame.state)
  if (held && held.encoded.version === frame.version && Math.abs(frame.atMs - held.atMs) < SNAPSHOT_LASTS_MS) return held.encoded
  const encoded = { topic: frame.topic, base: null, version: frame.version, data: jsonOf(frame), binary: false }
  snapshots.set(frame.state, { atMs: frame.atMs, encoded })
  return encoded
}

function jsonOf(frame: Frame): Uint8Array {
  return Buffer.from(JSON.stringify(frame))
}

/** The header alone: the figures behind it are not decoded only to be passed on. */
function slotsHeader(frame: Uint8Array): SlotsHeader {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
  return JSON.parse(bytes.toString('utf8', 4, 4 + bytes.readUInt32LE(0))) as SlotsHeader
}
