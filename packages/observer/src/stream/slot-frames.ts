import type { SlotsHeader } from './frames.ts'
import { SLOTS } from './moves.ts'

/** A binary frame of slot figures, read. */
export type SlotsFrame =
  | { readonly header: Extract<SlotsHeader, { type: 'slots-snapshot' }>; readonly values: Float64Array }
  | { readonly header: Extract<SlotsHeader, { type: 'slots-patch' }>; readonly values: Float64Array; readonly slots: Uint16Array }

/** Writes a frame with all 16,384 values. */
export function encodeSlotsSnapshot(
  header: Omit<Extract<SlotsHeader, { type: 'slots-snapshot' }>, 'type'>,
  values: Float64Array
): Uint8Array {
  return encode({ type: 'slots-snapshot', ...header }, values, undefined)
}

/** Writes a frame with the values of some slots, in the order of `slots`. */
export function encodeSlotsPatch(
  header: Omit<Extract<SlotsHeader, { type: 'slots-patch' }>, 'type' | 'count'>,
  slots: readonly number[],
  values: readonly number[]
): Uint8Array {
  return encode({ type: 'slots-patch', ...header, count: slots.length }, values, slots)
}

function encode(header: SlotsHeader, values: ArrayLike<number>, slots: readonly number[] | undefined): Uint8Array {
  const json = JSON.stringify(header)
  const body = bodyOffset(json.length)
  const frame = new Uint8Array(body + values.length * 8 + (slots ? slots.length * 2 : 0))
  const view = new DataView(frame.buffer)
  view.setUint32(0, json.length, true)
  // Every name and number in a header is ASCII, so characters are bytes.
  for (let i = 0; i < json.length; i++) frame[4 + i] = json.charCodeAt(i)
  for (let i = 0; i < values.length; i++) view.setFloat64(body + i * 8, values[i] as number, true)
  if (slots) for (let i = 0; i < slots.length; i++) view.setUint16(body + values.length * 8 + i * 2, slots[i] as number, true)
  return frame
}

function bodyOffset(headerLength: number): number {
  return Math.ceil((4 + headerLength) / 8) * 8
}

/** Reads a binary frame of slot figures. Throws a RangeError when it is not one or its length does not fit its header. */
export function decodeSlotsFrame(frame: Uint8Array): SlotsFrame {
  if (frame.length < 4) throw new RangeError('slots frame: shorter than its length field')
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const length = view.getUint32(0, true)
  if (4 + length > frame.length) throw new RangeError('slots frame: the header runs past the end')
  const header = readHeader(frame.subarray(4, 4 + length))
  const body = bodyOffset(length)
  const count = header.type === 'slots-snapshot' ? SLOTS : header.count
  const slotBytes = header.type === 'slots-snapshot' ? 0 : count * 2
  if (frame.length !== body + count * 8 + slotBytes) throw new RangeError('slots frame: the body does not fit its header')
  const values = new Float64Array(count)
  for (let i = 0; i < count; i++) values[i] = view.getFloat64(body + i * 8, true)
  if (header.type === 'slots-snapshot') return { header, values }
  const slots = new Uint16Array(count)
  for (let i = 0; i < count; i++) {
    const slot = view.getUint16(body + count * 8 + i * 2, true)
    if (slot >= SLOTS) throw new RangeError(`slots frame: slot ${slot} does not exist`)
    slots[i] = slot
  }
  return { header, values, slots }
}

function readHeader(bytes: Uint8Array): SlotsHeader {
  let header: unknown
  try {
    header = JSON.parse(String.fromCharCode(...bytes))
  } catch {
    throw new RangeError('slots frame: the header is not JSON')
  }
  if (!isHeader(header)) throw new RangeError('slots frame: not a header of slot figures')
  return header
}

function isHeader(value: unknown): value is SlotsHeader {
  if (typeof value !== 'object' || value === null) return false
  const { type, topic, version, base, count } = value as Partial<Record<keyof Extract<SlotsHeader, { type: 'slots-patch' }>, unknown>>
  if (typeof topic !== 'string' || !topic.startsWith('slots:') || !isCount(version)) return false
  return type === 'slots-snapshot' || (type === 'slots-patch' && isCount(count) && isCount(base))
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
