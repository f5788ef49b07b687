import { SLOTS, type SlotRange } from '@slotscope/observer/stream'
import { type FigureScale, stepOf } from '../../model/figure-scale.ts'
import type { Owners } from '../../model/shard-order.ts'
import { COLUMNS, type Edge, type GridGeometry, outlineOf, ownerEdges, ROWS, rectsOf } from '../../model/slot-grid.ts'
import { roundOf } from '../../ui/shard-badge.tsx'
import { type MapPalette, withAlpha } from './map-palette.ts'

/** What the lower canvas shows: ownership, and a figure if one is chosen. Drawn when the cluster changes, not when the hand moves. */
export type Ground = {
  readonly owners: Pick<Owners, 'of' | 'ground'>
  /** Null: by owner alone. */
  readonly figure: { readonly values: Float64Array; readonly scale: FigureScale } | null
}

/** What the upper canvas shows: everything that moves with the hand or with a job. */
export type Marks = {
  /** Slots of running jobs: their owner's colour stays, the hatch says that a copy is being made. */
  readonly copying: readonly (readonly SlotRange[])[]
  /** Slots of plans that wait for a confirmation. */
  readonly planned: readonly (readonly SlotRange[])[]
  readonly selection: readonly SlotRange[]
  /** In the hand. */
  readonly lifted: readonly SlotRange[]
  readonly cursor: number | null
  readonly hover: number | null
}

/** Draws every cell. 16,384 fills at most; about a millisecond. */
export function drawGround(context: CanvasRenderingContext2D, geometry: GridGeometry, palette: MapPalette, ground: Ground): void {
  const { cellWidth, cellHeight, gap } = geometry
  context.fillStyle = palette.well
  context.fillRect(0, 0, cellWidth * COLUMNS, cellHeight * ROWS)
  const { of, ground: order } = ground.owners
  let start = 0
  const fillOf = (slot: number): string => {
    const owner = of[slot]!
    const hue = owner < 0 ? -1 : order[owner]!.color % 8
    if (!ground.figure) return hue < 0 ? palette.well : palette.shards[hue]!
    const step = stepOf(ground.figure.scale, ground.figure.values[slot] ?? Number.NaN)
    const ramp = hue < 0 ? palette.unassignedRamp : palette.ramps[hue]!
    return step < 0 ? palette.well : ramp[step]!
  }
  // Cells of one colour in a row are one rectangle unless gaps are drawn between them.
  for (let slot = 1; slot <= SLOTS; slot++) {
    const fill = fillOf(start)
    if (slot < SLOTS && slot % COLUMNS !== 0 && gap === 0 && fillOf(slot) === fill) continue
    const [column, row] = [start % COLUMNS, Math.floor(start / COLUMNS)]
    context.fillStyle = fill
    context.fillRect(column * cellWidth, row * cellHeight, (slot - start) * cellWidth - gap, cellHeight - gap)
    start = slot
  }
  drawRounds(context, geometry, palette, ground.owners)
  drawUnassigned(context, geometry, palette, ground.owners)
  drawGuides(context, geometry, palette)
  context.fillStyle = palette.panel
  for (const edge of ownerEdges(of)) fillEdge(context, geometry, edge, Math.max(1, Math.round(geometry.pixelRatio)))
}

/** A hairline each 1,024 slots, where the row labels are: it structures without pretending to be a boundary. */
function drawGuides(context: CanvasRenderingContext2D, geometry: GridGeometry, palette: MapPalette): void {
  const width = Math.max(1, Math.round(geometry.pixelRatio))
  context.fillStyle = withAlpha(palette.panel, 0.28)
  for (let row = 8; row < ROWS; row += 8) context.fillRect(0, row * geometry.cellHeight - width, COLUMNS * geometry.cellWidth, width)
}

/** Past eight shards the hue repeats: stripes tell the second and later rounds apart, as the bar does on a badge. */
function drawRounds(context: CanvasRenderingContext2D, geometry: GridGeometry, palette: MapPalette, owners: Ground['owners']): void {
  owners.ground.forEach((shard) => {
    const round = roundOf(shard.label)
    if (round === 0) return
    const stripes = stripePattern(
      context,
      withAlpha(palette.panel, 0.55),
      Math.round((4 + 3 * round) * geometry.pixelRatio),
      round % 2 === 0 ? 'down' : 'up'
    )
    for (const range of shard.slots) fillRange(context, geometry, range, stripes)
  })
}

function drawUnassigned(context: CanvasRenderingContext2D, geometry: GridGeometry, palette: MapPalette, owners: Ground['owners']): void {
  const hatch = stripePattern(context, palette.unassigned, Math.round(5 * geometry.pixelRatio), 'up')
  let start = -1
  for (let slot = 0; slot <= SLOTS; slot++) {
    const free = slot < SLOTS && owners.of[slot] === -1
    if (free && start < 0) start = slot
    if (!free && start >= 0) {
      fillRange(context, geometry, [start, slot - 1], hatch)
      start = -1
    }
  }
}

/** Draws the marks on a cleared canvas. */
export function drawMarks(context: CanvasRenderingContext2D, geometry: GridGeometry, palette: MapPalette, marks: Marks): void {
  const ratio = geometry.pixelRatio
  context.clearRect(0, 0, geometry.cellWidth * COLUMNS, geometry.cellHeight * ROWS)
  if (marks.selection.length > 0) {
    context.fillStyle = palette.veil
    context.fillRect(0, 0, geometry.cellWidth * COLUMNS, geometry.cellHeight * ROWS)
    for (const range of marks.selection) for (const rect of rectsOf(range)) clearRect(context, geometry, rect)
  }
  const copyHatch = stripePattern(context, withAlpha(palette.hatch, 0.7), Math.round(7 * ratio), 'up')
  for (const job of marks.copying) {
    for (const range of job) fillRange(context, geometry, range, copyHatch)
    stroke(context, geometry, outlineOf(job), palette.hatch, Math.max(1, Math.round(ratio)))
  }
  for (const plan of marks.planned) {
    context.setLineDash([4 * ratio, 3 * ratio])
    stroke(context, geometry, outlineOf(plan), palette.selectionCase, 3 * ratio)
    stroke(context, geometry, outlineOf(plan), palette.selection, 1.5 * ratio)
    context.setLineDash([])
  }
  if (marks.lifted.length > 0) {
    const lift = stripePattern(context, withAlpha(palette.selectionCase, 0.55), Math.round(7 * ratio), 'down')
    for (const range of marks.lifted) fillRange(context, geometry, range, lift)
  }
  const outline = outlineOf(marks.lifted.length > 0 ? marks.lifted : marks.selection)
  stroke(context, geometry, outline, palette.selectionCase, Math.round(4 * ratio))
  stroke(context, geometry, outline, palette.selection, Math.round(2 * ratio))
  if (marks.hover !== null) strokeCell(context, geometry, marks.hover, palette, 1)
  if (marks.cursor !== null) strokeCell(context, geometry, marks.cursor, palette, 2)
}

/** A ring around one cell, wide enough to be seen around a cell of three pixels. */
function strokeCell(context: CanvasRenderingContext2D, geometry: GridGeometry, slot: number, palette: MapPalette, width: number): void {
  const { cellWidth, cellHeight, pixelRatio } = geometry
  const [x, y] = [(slot % COLUMNS) * cellWidth, Math.floor(slot / COLUMNS) * cellHeight]
  const line = width * pixelRatio
  const out = line / 2 + pixelRatio
  context.lineWidth = line + 2 * pixelRatio
  context.strokeStyle = palette.selectionCase
  context.strokeRect(x - out, y - out, cellWidth + 2 * out, cellHeight + 2 * out)
  context.lineWidth = line
  context.strokeStyle = palette.selection
  context.strokeRect(x - out, y - out, cellWidth + 2 * out, cellHeight + 2 * out)
}

function stroke(context: CanvasRenderingContext2D, geometry: GridGeometry, edges: readonly Edge[], color: string, width: number): void {
  if (edges.length === 0) return
  const { cellWidth, cellHeight } = geometry
  context.beginPath()
  for (const edge of edges) {
    const [x, y] = [edge.column * cellWidth, edge.row * cellHeight]
    context.moveTo(x, y)
    context.lineTo(edge.across ? x + edge.length * cellWidth : x, edge.across ? y : y + edge.length * cellHeight)
  }
  context.strokeStyle = color
  context.lineWidth = width
  context.lineCap = 'square'
  context.stroke()
}

function fillEdge(context: CanvasRenderingContext2D, geometry: GridGeometry, edge: Edge, width: number): void {
  const { cellWidth, cellHeight } = geometry
  const [x, y] = [edge.column * cellWidth - (edge.across ? 0 : width), edge.row * cellHeight - (edge.across ? width : 0)]
  context.fillRect(x, y, edge.across ? edge.length * cellWidth : width, edge.across ? width : edge.length * cellHeight)
}

function fillRange(context: CanvasRenderingContext2D, geometry: GridGeometry, range: SlotRange, fill: CanvasPattern): void {
  context.fillStyle = fill
  for (const { column, row, columns, rows } of rectsOf(range))
    context.fillRect(column * geometry.cellWidth, row * geometry.cellHeight, columns * geometry.cellWidth, rows * geometry.cellHeight)
}

function clearRect(
  context: CanvasRenderingContext2D,
  geometry: GridGeometry,
  rect: { column: number; row: number; columns: number; rows: number }
): void {
  context.clearRect(
    rect.column * geometry.cellWidth,
    rect.row * geometry.cellHeight,
    rect.columns * geometry.cellWidth,
    rect.rows * geometry.cellHeight
  )
}

const patterns = new Map<string, CanvasPattern>()

/** Diagonal stripes that repeat every `period` device pixels. */
function stripePattern(context: CanvasRenderingContext2D, color: string, period: number, direction: 'up' | 'down'): CanvasPattern {
  const key = `${color} ${period} ${direction}`
  const known = patterns.get(key)
  if (known) return known
  const tile = document.createElement('canvas')
  tile.width = tile.height = period
  const brush = tile.getContext('2d')
  if (brush) paintStripes(brush, color, period, direction)
  const pattern = context.createPattern(tile, 'repeat')
  if (!pattern) throw new Error('this browser cannot draw patterns on a canvas')
  patterns.set(key, pattern)
  return pattern
}

function paintStripes(brush: CanvasRenderingContext2D, color: string, period: number, direction: 'up' | 'down'): void {
  brush.strokeStyle = color
  brush.lineWidth = Math.max(1, period / 4)
  brush.beginPath()
  for (const shift of [-period, 0, period]) {
    brush.moveTo(shift, direction === 'up' ? period : 0)
    brush.lineTo(shift + period, direction === 'up' ? 0 : period)
  }
  brush.stroke()
}
