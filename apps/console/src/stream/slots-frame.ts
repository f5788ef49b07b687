import { SLOTS, type SlotsHeader } from '@slotscope/observer/stream'

/** One slot figure as it is held: 16,384 values, NaN where not known. The array is replaced, never changed, by a patch. */
export type SlotValues = {
  readonly version: number
  readonly atMs: number
  readonly perSecond: boolean
  readonly values: Float64Array
}

export type SlotsFrame =
  | { readonly header: Extract<SlotsHeader, { type: 'slots-snapshot' }>; readonly values: Float64Array }
  | { readonly header: Extract<SlotsHeader, { type: 'slots-patch' }>; readonly values: Float64Array; readonly slots: Uint16Array }

/** Reads a binary frame of slot figures. Throws a RangeError when its length does not fit its header. */
export function decodeSlotsFrame(buffer: ArrayBuffer): SlotsFrame {
  if (buffer.byteLength < 4) throw new RangeError('slots frame: shorter than its length field')
  const length = new DataView(buffer).getUint32(0, true)
  if (4 + length > buffer.byteLength) throw new RangeError('slots frame: header runs past the end')
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as SlotsHeader
  const body = Math.ceil((4 + length) / 8) * 8
  const count = header.type === 'slots-snapshot' ? SLOTS : header.count
  const slotBytes = header.type === 'slots-snapshot' ? 0 : count * 2
  if (buffer.byteLength !== body + count * 8 + slotBytes) throw new RangeError('slots frame: body does not fit its header')
  const values = new Float64Array(buffer, body, count)
  if (header.type === 'slots-snapshot') return { header, values }
  return { header, values, slots: new Uint16Array(buffer, body + count * 8, count) }
}
