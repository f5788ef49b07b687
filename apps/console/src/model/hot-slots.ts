/** A slot with much of a figure. */
export type HotSlot = {
  readonly slot: number
  readonly value: number
  /** Of the whole cluster, 0..1. */
  readonly share: number
}

/** The slots with most of a figure, greatest first; slots that have none of it, or of which it is not known, are not among them. */
export function hotSlots(values: Float64Array, count: number): readonly HotSlot[] {
  let total = 0
  const top: { slot: number; value: number }[] = []
  values.forEach((value, slot) => {
    if (!(value > 0)) return
    total += value
    if (top.length === count && value <= top.at(-1)!.value) return
    const at = top.findIndex((other) => other.value < value)
    top.splice(at < 0 ? top.length : at, 0, { slot, value })
    if (top.length > count) top.pop()
  })
  return top.map((each) => ({ ...each, share: each.value / total }))
}

/** How many times as much as the mean of the slots that have any. */
export function timesMean(values: Float64Array, value: number): number {
  let [total, some] = [0, 0]
  for (const each of values)
    if (each > 0) {
      total += each
      some++
    }
  return some === 0 ? 0 : value / (total / some)
}
