/**
 * Which rows of a list are chosen: all of those that were there at some moment, or none, and single ones against that. It stays as small
 * as what a person does, whether the list has ten rows or a million.
 */
export type KeySelection = {
  /** Rows before this one are chosen unless they are among `flipped`; the others only if they are. */
  readonly upTo: number
  readonly flipped: ReadonlySet<number>
}

export const nothingChosen: KeySelection = { upTo: 0, flipped: new Set() }

/** Every row that is listed now; those that come later are not meant. */
export function allChosen(count: number): KeySelection {
  return { upTo: count, flipped: new Set() }
}

export function isChosen({ upTo, flipped }: KeySelection, index: number): boolean {
  return index < upTo !== flipped.has(index)
}

export function chosenCount({ upTo, flipped }: KeySelection): number {
  let count = upTo
  for (const index of flipped) count += index < upTo ? -1 : 1
  return count
}

export function toggled(selection: KeySelection, index: number): KeySelection {
  const flipped = new Set(selection.flipped)
  if (!flipped.delete(index)) flipped.add(index)
  return { upTo: selection.upTo, flipped }
}

/** The rows between two, both included, chosen as well. */
export function extended(selection: KeySelection, from: number, to: number): KeySelection {
  const flipped = new Set(selection.flipped)
  for (let index = Math.min(from, to); index <= Math.max(from, to); index++)
    if (!isChosen(selection, index)) flipped.has(index) ? flipped.delete(index) : flipped.add(index)
  return { upTo: selection.upTo, flipped }
}

/** The chosen rows in their order, some at a time. */
export function* chosenIn(selection: KeySelection, count: number, atOnce: number): Generator<readonly number[]> {
  let part: number[] = []
  for (let index = 0; index < count; index++) {
    if (!isChosen(selection, index)) continue
    part.push(index)
    if (part.length < atOnce) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}
