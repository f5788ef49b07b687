import { normalise, SLOTS, type SlotRange } from '@slotscope/observer/stream'

/** The map is read like text: 128 slots a row, 128 rows. */
export const COLUMNS = 128
export const ROWS = SLOTS / COLUMNS

/** Size of the map: cells in whole device pixels, so that no cell is wider than its neighbour. */
export type GridGeometry = {
  /** Device pixels. */
  readonly cellWidth: number
  readonly cellHeight: number
  readonly pixelRatio: number
  /** CSS pixels of the whole map. */
  readonly width: number
  readonly height: number
  /** Device pixels left free at the right and lower side of each cell; none while a cell is smaller than 6 CSS pixels. */
  readonly gap: number
}

/** The largest map of whole device pixels that fits into `width` by `height` CSS pixels; never smaller than one CSS pixel a cell. */
export function fitGrid(width: number, height: number, pixelRatio: number): GridGeometry {
  const ratio = pixelRatio > 0 ? pixelRatio : 1
  const least = Math.max(1, Math.ceil(ratio))
  const fit = (space: number, cells: number) => Math.max(least, Math.floor((space * ratio) / cells))
  const cellWidth = fit(width, COLUMNS)
  const cellHeight = Math.min(fit(height, ROWS), Math.ceil(cellWidth * 1.25))
  const gap = Math.min(cellWidth, cellHeight) / ratio >= 6 ? Math.max(1, Math.round(ratio)) : 0
  return { cellWidth, cellHeight, pixelRatio: ratio, width: (cellWidth * COLUMNS) / ratio, height: (cellHeight * ROWS) / ratio, gap }
}

/** The slot under a point in CSS pixels from the map's corner, clamped to the map's edge. */
export function slotAt(x: number, y: number, geometry: GridGeometry): number {
  const column = clamp(Math.floor((x * geometry.pixelRatio) / geometry.cellWidth), 0, COLUMNS - 1)
  const row = clamp(Math.floor((y * geometry.pixelRatio) / geometry.cellHeight), 0, ROWS - 1)
  return row * COLUMNS + column
}

/** A block of cells: `columns` wide and `rows` high. */
export type CellRect = { readonly column: number; readonly row: number; readonly columns: number; readonly rows: number }

/** A range in slot order covers at most three rectangles: the end of a row, whole rows, the begin of a row. */
export function rectsOf([first, last]: SlotRange): CellRect[] {
  const [top, bottom] = [Math.floor(first / COLUMNS), Math.floor(last / COLUMNS)]
  const [left, right] = [first % COLUMNS, last % COLUMNS]
  if (top === bottom) return [{ column: left, row: top, columns: right - left + 1, rows: 1 }]
  const rects: CellRect[] = []
  const fullTop = left === 0 ? top : top + 1
  const fullBottom = right === COLUMNS - 1 ? bottom : bottom - 1
  if (left !== 0) rects.push({ column: left, row: top, columns: COLUMNS - left, rows: 1 })
  if (fullBottom >= fullTop) rects.push({ column: 0, row: fullTop, columns: COLUMNS, rows: fullBottom - fullTop + 1 })
  if (right !== COLUMNS - 1) rects.push({ column: 0, row: bottom, columns: right + 1, rows: 1 })
  return rects
}

/** A straight edge along cell borders, in cells: horizontal from `column`, `row` over `length` columns, or vertical over rows. */
export type Edge = { readonly column: number; readonly row: number; readonly length: number; readonly across: boolean }

/** The outline of a set of ranges, joined along rows; what lies inside has no lines. */
export function outlineOf(ranges: readonly SlotRange[]): Edge[] {
  const ordered = normalise(ranges)
  const first = ordered[0]
  const last = ordered.at(-1)
  if (!first || !last) return []
  const inside = new Int16Array(SLOTS)
  for (const [from, to] of ordered) inside.fill(1, from, to + 1)
  return boundaries(inside, { top: Math.floor(first[0] / COLUMNS), bottom: Math.floor(last[1] / COLUMNS), border: true })
}

/** Edges between cells of different owners, without the border of the map. */
export function ownerEdges(owners: Int16Array): Edge[] {
  return boundaries(owners, { top: 0, bottom: ROWS - 1, border: false })
}

/**
 * Edges between cells of different value in the rows from `top` to `bottom`. With `border` what lies outside of those rows and
 * of the map counts as 0. Plain loops over one array: it runs at every movement of a brush.
 */
function boundaries(
  cells: Int16Array,
  { top, bottom, border }: { readonly top: number; readonly bottom: number; readonly border: boolean }
): Edge[] {
  const edges: Edge[] = []
  for (let row = top; row <= bottom + 1; row++) {
    const outer = row === top || row === bottom + 1
    if (outer && !border) continue
    let start = -1
    for (let column = 0; column < COLUMNS; column++) {
      const above = row === top ? 0 : cells[(row - 1) * COLUMNS + column]
      const below = row === bottom + 1 ? 0 : cells[row * COLUMNS + column]
      if (above !== below) {
        if (start < 0) start = column
      } else if (start >= 0) {
        edges.push({ column: start, row, length: column - start, across: true })
        start = -1
      }
    }
    if (start >= 0) edges.push({ column: start, row, length: COLUMNS - start, across: true })
  }
  for (let column = 0; column <= COLUMNS; column++) {
    const outer = column === 0 || column === COLUMNS
    if (outer && !border) continue
    let start = -1
    for (let row = top; row <= bottom; row++) {
      const left = column === 0 ? 0 : cells[row * COLUMNS + column - 1]
      const right = column === COLUMNS ? 0 : cells[row * COLUMNS + column]
      if (left !== right) {
        if (start < 0) start = row
      } else if (start >= 0) {
        edges.push({ column, row: start, length: row - start, across: false })
        start = -1
      }
    }
    if (start >= 0) edges.push({ column, row: start, length: bottom + 1 - start, across: false })
  }
  return edges
}

/** Where a key of the keyboard takes the cursor; null when the key does not move it. `control` is Ctrl or Cmd. */
export function moveCursor(slot: number, key: string, control: boolean, owners: Int16Array): number | null {
  switch (key) {
    case 'ArrowRight':
      return control ? nextBoundary(owners, slot, 1) : clamp(slot + 1, 0, SLOTS - 1)
    case 'ArrowLeft':
      return control ? nextBoundary(owners, slot, -1) : clamp(slot - 1, 0, SLOTS - 1)
    case 'ArrowDown':
      return control ? nextBoundary(owners, slot, 1) : slot + COLUMNS < SLOTS ? slot + COLUMNS : slot
    case 'ArrowUp':
      return control ? nextBoundary(owners, slot, -1) : slot - COLUMNS >= 0 ? slot - COLUMNS : slot
    case 'Home':
      return control ? 0 : slot - (slot % COLUMNS)
    case 'End':
      return control ? SLOTS - 1 : slot - (slot % COLUMNS) + COLUMNS - 1
    case 'PageDown':
      return clamp(slot + 1_024, 0, SLOTS - 1)
    case 'PageUp':
      return clamp(slot - 1_024, 0, SLOTS - 1)
    default:
      return null
  }
}

/**
 * The next place where the owner changes. Going forward: the first slot of the next run. Going back: the first slot of this run,
 * or of the one before when the cursor stands there already.
 */
export function nextBoundary(owners: Int16Array, slot: number, direction: 1 | -1): number {
  if (direction === 1) {
    for (let next = slot + 1; next < SLOTS; next++) if (owners[next] !== owners[next - 1]) return next
    return SLOTS - 1
  }
  for (let next = slot - 1; next > 0; next--) if (owners[next] !== owners[next - 1]) return next
  return 0
}

/** The run of slots of one owner that `slot` lies in. */
export function ownerRun(owners: Int16Array, slot: number): SlotRange {
  let [first, last] = [slot, slot]
  while (first > 0 && owners[first - 1] === owners[slot]) first -= 1
  while (last < SLOTS - 1 && owners[last + 1] === owners[slot]) last += 1
  return [first, last]
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
