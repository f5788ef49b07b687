/**
 * Geohash cells. The world is halved `step` times in both directions; a cell is named by its column and row, and its code is their
 * bits in turn, the column's first:
 *
 *     column  c2 c1 c0        row  r2 r1 r0        code  c2 r2 c1 r1 c0 r0
 *
 * A member of a geo set is a cell of 26 steps, and its code of 52 bits is the member's score, so that cells of fewer steps are ranges of
 * scores. (The limits of latitude are those of EPSG:900913, as in `geohash.h`.)
 */

/** Degrees. */
export type Position = { readonly longitude: number; readonly latitude: number }

export type Cell = { readonly column: number; readonly row: number; readonly step: number }

/** Degrees. */
export type Area = { readonly west: number; readonly east: number; readonly south: number; readonly north: number }

export const FINEST_STEP = 26
export const WORLD: Area = { west: -180, east: 180, south: -85.05112878, north: 85.05112878 }
/** As everybody else's geohash has it. */
const WHOLE_WORLD: Area = { west: -180, east: 180, south: -90, north: 90 }

export function isInWorld({ longitude, latitude }: Position): boolean {
  return longitude >= WORLD.west && longitude <= WORLD.east && latitude >= WORLD.south && latitude <= WORLD.north
}

export function cellAt({ longitude, latitude }: Position, step: number, world = WORLD): Cell {
  const cells = 2 ** step
  return {
    column: Math.trunc(((longitude - world.west) / (world.east - world.west)) * cells),
    row: Math.trunc(((latitude - world.south) / (world.north - world.south)) * cells),
    step
  }
}

/** The cell beside this one; the world is round, also from pole to pole. Its very edge is a column or row beyond the last. */
export function neighbor({ column, row, step }: Cell, columns: -1 | 0 | 1, rows: -1 | 0 | 1): Cell {
  const cells = 2 ** step
  const beside = (index: number, by: number) => (by === 0 ? index : (index + by + cells) % cells)
  return { column: beside(column, columns), row: beside(row, rows), step }
}

export function areaOf({ column, row, step }: Cell): Area {
  const cells = 2 ** step
  const [width, height] = [WORLD.east - WORLD.west, WORLD.north - WORLD.south]
  return {
    west: WORLD.west + (column / cells) * width,
    east: WORLD.west + ((column + 1) / cells) * width,
    south: WORLD.south + (row / cells) * height,
    north: WORLD.south + ((row + 1) / cells) * height
  }
}

/** Scores of the members in a cell: from the first up to but not including the second. */
export function scoresOf({ column, row, step }: Cell): readonly [from: number, to: number] {
  const code = codeOf(column, row)
  const size = 4 ** (FINEST_STEP - step)
  return [code * size, (code + 1) * size]
}

/** The score of a member at this position, in decimal digits: at the very edge it has more of them than a number holds. */
export function scoreTextAt(position: Position): string {
  const { column, row } = cellAt(position, FINEST_STEP)
  const [high, low] = codeHalves(column, row)
  return (BigInt(high) * BigInt(HALF * HALF) + BigInt(low)).toString()
}

/** Where a member with this score is: the middle of its cell. Any score is taken for one, as by the reference. */
export function positionOf(score: number): Position {
  const [column, row] = cellOfCode(score)
  const { west, east, south, north } = areaOf({ column, row, step: FINEST_STEP })
  return {
    longitude: Math.min(WORLD.east, Math.max(WORLD.west, (west + east) / 2)),
    latitude: Math.min(WORLD.north, Math.max(WORLD.south, (south + north) / 2))
  }
}

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz'

/** The geohash that everybody else uses, in eleven characters of which the last is always 0: there are bits for ten. */
export function geohashText(position: Position): string {
  const { column, row } = cellAt(position, FINEST_STEP, WHOLE_WORLD)
  const code = BigInt(codeOf(column, row))
  let text = ''
  for (let i = 1; i <= 10; i++) text += ALPHABET.charAt(Number((code >> BigInt(52 - i * 5)) & 31n))
  return `${text}0`
}

/** Halves of 13 bits (14 at the eastern and the northern edge) stay within 32 bits when they are spread. */
const HALF = 2 ** 13

function codeHalves(column: number, row: number): readonly [high: number, low: number] {
  return [spread(Math.floor(column / HALF)) * 2 + spread(Math.floor(row / HALF)), spread(column % HALF) * 2 + spread(row % HALF)]
}

function codeOf(column: number, row: number): number {
  const [high, low] = codeHalves(column, row)
  return high * HALF * HALF + low
}

function cellOfCode(score: number): readonly [column: number, row: number] {
  if (score < 0 || score >= 2 ** 53) return cellOfLongCode(score)
  const code = Math.trunc(score)
  const high = Math.floor(code / (HALF * HALF))
  const low = code % (HALF * HALF)
  return [gather(high >>> 1) * HALF + gather(low >>> 1), gather(high) * HALF + gather(low)]
}

/** Scores that no GEOADD made: what a processor makes of such a number as 64 bits, 0 of what is too large and the highest bit of the other end. */
function cellOfLongCode(score: number): readonly [column: number, row: number] {
  const isTooFar = score >= 2 ** 64 || score < -(2 ** 63)
  const code = isTooFar ? (score > 0 ? 0n : 2n ** 63n) : BigInt.asUintN(64, BigInt(Math.trunc(score)))
  let [column, row] = [0, 0]
  for (let bit = 31n; bit >= 0n; bit--) {
    column = column * 2 + Number((code >> (bit * 2n + 1n)) & 1n)
    row = row * 2 + Number((code >> (bit * 2n)) & 1n)
  }
  return [column, row]
}

/** A zero after each bit, the highest first. */
function spread(bits: number): number {
  let wide = (bits | (bits << 8)) & 0x00ff00ff
  wide = (wide | (wide << 4)) & 0x0f0f0f0f
  wide = (wide | (wide << 2)) & 0x33333333
  return (wide | (wide << 1)) & 0x55555555
}

/** Every second bit, from the lowest on. */
function gather(wide: number): number {
  let bits = wide & 0x55555555
  bits = (bits | (bits >>> 1)) & 0x33333333
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f
  bits = (bits | (bits >>> 4)) & 0x00ff00ff
  return (bits | (bits >>> 8)) & 0x0000ffff
}
