import { COLUMNS, fitGrid, type GridGeometry, ROWS } from './slot-grid.ts'

/** Space that the panel needs beside the cells: row labels at the left, borders and paddings. CSS pixels. */
const labels = 52
const sides = 14 + 2
/** What must stay for the lanes and jobs at the right, unless that were more than 48 % of the room. */
const leastRight = 560
/** Narrower panels have the selection on a line of its own in their head. */
const oneLineHead = 560
const gapBetween = 12
/** Device pixels of a cell when zoomed in all the way: the canvas is 4,096 wide then, which every browser can hold. */
const widestCell = 32

/** Where the map stands: its cells, and how wide its panel is. */
export type MapLayout = {
  readonly geometry: GridGeometry
  readonly maxZoom: number
  /** CSS pixels of the frame that the cells are seen through; with zoom 1 it is as large as they are. */
  readonly frame: { readonly width: number; readonly height: number }
  /** CSS pixels; null where the panel takes the whole width. */
  readonly panelWidth: number | null
}

/**
 * The panel is as wide as its cells need and no wider, so that no space is lost beside whole device pixels; the rest belongs to the
 * lanes. On a narrow screen the map takes the whole width and is square.
 */
export function layOutMap(room: {
  readonly width: number
  readonly height: number
  readonly pixelRatio: number
  readonly narrow: boolean
  /** Fingers are used: buttons in head and foot are 44 pixels high. */
  readonly coarse: boolean
  /** Size of the type: 1, or more when it is presented or a person has larger letters. */
  readonly typeScale: number
  /** The legend is shown beneath the map. */
  readonly legend: boolean
  readonly zoom: number
}): MapLayout {
  const beside = labels * room.typeScale + sides
  const right = Math.min(leastRight * room.typeScale, room.width * 0.48)
  const width = room.narrow ? room.width - beside : Math.min(room.width - right - gapBetween, room.width * 0.56) - beside
  const height = room.narrow ? width : room.height - aboveAndBelow(width + beside, room)
  const fitted = fitGrid(width, height, room.pixelRatio)
  const maxZoom = Math.max(1, Math.floor(widestCell / Math.max(fitted.cellWidth, fitted.cellHeight)))
  const factor = Math.min(Math.max(1, room.zoom), maxZoom)
  const ratio = fitted.pixelRatio
  const geometry =
    factor === 1 ? fitted : fitGrid((fitted.cellWidth * factor * COLUMNS) / ratio, (fitted.cellHeight * factor * ROWS) / ratio, ratio)
  return {
    geometry,
    maxZoom,
    frame: { width: fitted.width, height: fitted.height },
    panelWidth: room.narrow ? null : Math.ceil(fitted.width + beside)
  }
}

/** Head, foot, borders and paddings of the panel. */
function aboveAndBelow(
  panelWidth: number,
  { coarse, typeScale, legend }: { readonly coarse: boolean; readonly typeScale: number; readonly legend: boolean }
): number {
  const [head, foot, line] = coarse ? [64, 52, 52] : [48, 36, 40]
  return (head + (legend ? foot : 0) + (panelWidth < oneLineHead * typeScale ? line : 0)) * typeScale + 10
}
