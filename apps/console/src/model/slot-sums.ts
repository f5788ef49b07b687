import { SLOTS, type SlotRange } from '@slotscope/observer/stream'

/** Running sums of a figure over the slots, so that the sum of a range is one subtraction. */
export type SlotSums = { readonly sums: Float64Array; readonly unknown: Uint16Array }

export function readSums(values: Float64Array): SlotSums {
  const sums = new Float64Array(SLOTS + 1)
  const unknown = new Uint16Array(SLOTS + 1)
  for (let slot = 0; slot < SLOTS; slot++) {
    const value = values[slot] ?? Number.NaN
    const known = !Number.isNaN(value)
    sums[slot + 1] = sums[slot]! + (known ? value : 0)
    unknown[slot + 1] = unknown[slot]! + (known ? 0 : 1)
  }
  return { sums, unknown }
}

/** Sum over ranges that do not overlap; null when the figure of one of the slots is not known. */
export function sumSlots({ sums, unknown }: SlotSums, ranges: readonly SlotRange[]): number | null {
  let total = 0
  for (const [first, last] of ranges) {
    if (unknown[last + 1]! > unknown[first]!) return null
    total += sums[last + 1]! - sums[first]!
  }
  return total
}
