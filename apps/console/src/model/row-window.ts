/**
 * Rows of one height in a list of any length. A browser lays out boxes of some 16 million pixels at most (Firefox), so a longer list
 * scrolls faster than its rows: what is in sight is still drawn pixel by pixel.
 */
const TALLEST_PX = 15_000_000

export type RowWindow = {
  /** Height of the box that is scrolled. */
  readonly heightPx: number
  /** Rows in sight, `to` not included. */
  readonly from: number
  readonly to: number
  /** Where a row stands in that box. */
  topOf(index: number): number
}

export type RowFrame = { readonly count: number; readonly rowPx: number; readonly viewPx: number; readonly scrollPx: number }

/** Which rows are in sight, with `margin` more at either end. */
export function rowWindow({ count, rowPx, viewPx, scrollPx }: RowFrame, margin: number): RowWindow {
  const wholePx = count * rowPx
  const heightPx = Math.min(wholePx, TALLEST_PX)
  const virtualPx = Math.max(0, Math.min(scrollPx, heightPx - viewPx)) * paceOf(wholePx, heightPx, viewPx)
  const shiftPx = scrollPx - virtualPx
  return {
    heightPx,
    from: Math.max(0, Math.floor(virtualPx / rowPx) - margin),
    to: Math.min(count, Math.ceil((virtualPx + viewPx) / rowPx) + margin),
    topOf: (index) => index * rowPx + (heightPx < wholePx ? shiftPx : 0)
  }
}

/** How far to scroll so that a row is in sight; the same place when it is already. */
export function scrollTo(index: number, { count, rowPx, viewPx, scrollPx }: RowFrame): number {
  const wholePx = count * rowPx
  const heightPx = Math.min(wholePx, TALLEST_PX)
  const pace = paceOf(wholePx, heightPx, viewPx)
  const virtualPx = scrollPx * pace
  const topPx = index * rowPx
  if (topPx < virtualPx) return topPx / pace
  if (topPx + rowPx > virtualPx + viewPx) return (topPx + rowPx - viewPx) / pace
  return scrollPx
}

function paceOf(wholePx: number, heightPx: number, viewPx: number): number {
  return heightPx < wholePx ? (wholePx - viewPx) / (heightPx - viewPx) : 1
}
