import { type Area, areaOf, type Cell, cellAt, FINEST_STEP, neighbor, type Position } from './cell.ts'

/** What is searched, around a centre; lengths in metres. A polygon is one on the flat map. */
export type Shape =
  | { readonly type: 'circle'; readonly center: Position; readonly radius: number }
  | { readonly type: 'box'; readonly center: Position; readonly width: number; readonly height: number }
  | { readonly type: 'polygon'; readonly center: Position; readonly corners: readonly Position[] }

/** A polygon around the mean of its corners, as they are on the globe. */
export function polygon(corners: readonly Position[]): Shape {
  let [x, y, z] = [0, 0, 0]
  for (const { longitude, latitude } of corners) {
    const [column, row] = [longitude * RADIAN, latitude * RADIAN]
    x += EARTH_RADIUS * Math.cos(row) * Math.cos(column)
    y += EARTH_RADIUS * Math.cos(row) * Math.sin(column)
    z += EARTH_RADIUS * Math.sin(row)
  }
  const mean = [x / corners.length, y / corners.length, z / corners.length] as const
  const longitude = Math.atan2(mean[1], mean[0]) / RADIAN
  const latitude = Math.atan2(mean[2], Math.sqrt(mean[0] ** 2 + mean[1] ** 2)) / RADIAN
  return { type: 'polygon', center: { longitude, latitude }, corners }
}

/** The mean radius of WGS 84, in metres. */
const EARTH_RADIUS = 6_372_797.560856
/** Half the way around the earth, as a Mercator map has it, in metres. */
const MERCATOR_MOST = 20_037_726.37
const RADIAN = Math.PI / 180

/** By the haversine formula, in metres. */
export function distance(a: Position, b: Position): number {
  const v = Math.sin((b.longitude * RADIAN - a.longitude * RADIAN) / 2)
  if (v === 0) return distanceOfLatitudes(a.latitude, b.latitude)
  const [from, to] = [a.latitude * RADIAN, b.latitude * RADIAN]
  const u = Math.sin((to - from) / 2)
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(u * u + Math.cos(from) * Math.cos(to) * v * v))
}

function distanceOfLatitudes(a: number, b: number): number {
  return EARTH_RADIUS * Math.abs(b * RADIAN - a * RADIAN)
}

/** Distance from the centre to a position inside; undefined outside. */
export function distanceInside(shape: Shape, position: Position): number | undefined {
  const { center } = shape
  if (shape.type === 'circle') {
    const metres = distance(center, position)
    return metres > shape.radius ? undefined : metres
  }
  if (shape.type === 'polygon') return isInside(shape.corners, position) ? distance(center, position) : undefined
  if (distanceOfLatitudes(position.latitude, center.latitude) > shape.height / 2) return undefined
  const across = distance(position, { longitude: center.longitude, latitude: position.latitude })
  return across > shape.width / 2 ? undefined : distance(center, position)
}

/** Does a line from here to the east cross the border an odd number of times? */
function isInside(corners: readonly Position[], { longitude, latitude }: Position): boolean {
  let inside = false
  for (const [index, a] of corners.entries()) {
    const b = corners.at(index - 1) as Position
    if (a.latitude > latitude === b.latitude > latitude) continue
    const crossing = ((b.longitude - a.longitude) * (latitude - a.latitude)) / (b.latitude - a.latitude) + a.longitude
    if (longitude < crossing) inside = !inside
  }
  return inside
}

/**
 * The cells that cover a shape: the centre's, then its neighbours, without those that the shape does not reach. Their order is the
 * reference's (`membersOfAllNeighbors`), since results that nobody sorts come in it; around the whole world a cell may come twice.
 */
export function coveringCells(shape: Shape): readonly Cell[] {
  const bounds = boundsOf(shape)
  const { center } = shape
  let step = stepFor(reachOf(shape, bounds), center.latitude)
  if (step > 1 && !isCovered(bounds, cellAt(center, step))) step--
  const cell = cellAt(center, step)
  const own = areaOf(cell)
  // With fewer steps the neighbours of a cell are the cell itself.
  const reaches =
    step < 2
      ? { south: true, north: true, west: true, east: true }
      : {
          south: own.south >= bounds.south,
          north: own.north <= bounds.north,
          west: own.west >= bounds.west,
          east: own.east <= bounds.east
        }
  const cells = [cell]
  for (const [columns, rows] of NEIGHBORS) {
    if ((columns === 1 && !reaches.east) || (columns === -1 && !reaches.west)) continue
    if ((rows === 1 && !reaches.north) || (rows === -1 && !reaches.south)) continue
    const beside = neighbor(cell, columns, rows)
    const last = cells.length > 1 ? cells.at(-1) : undefined
    if (last?.column !== beside.column || last.row !== beside.row) cells.push(beside)
  }
  return cells
}

const NEIGHBORS = [
  [0, 1],
  [0, -1],
  [1, 0],
  [-1, 0],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1]
] as const

/** How far the shape reaches from its centre, in metres. */
function reachOf(shape: Shape, { west, east, south, north }: Area): number {
  if (shape.type === 'circle') return shape.radius
  if (shape.type === 'box') return Math.sqrt((shape.width / 2) ** 2 + (shape.height / 2) ** 2)
  const edges = [west, east].flatMap((longitude) => [south, north].map((latitude) => ({ longitude, latitude })))
  return Math.max(...edges.map((edge) => distance(shape.center, edge)))
}

/** Degrees that the shape reaches to. Towards a pole a length is more of them. */
function boundsOf(shape: Shape): Area {
  if (shape.type === 'polygon') {
    const [columns, rows] = [shape.corners.map(({ longitude }) => longitude), shape.corners.map(({ latitude }) => latitude)]
    return { west: Math.min(...columns), east: Math.max(...columns), south: Math.min(...rows), north: Math.max(...rows) }
  }
  const { longitude, latitude } = shape.center
  const height = shape.type === 'circle' ? shape.radius : shape.height / 2
  const width = shape.type === 'circle' ? shape.radius : shape.width / 2
  const rows = height / EARTH_RADIUS / RADIAN
  const outer = latitude < 0 ? latitude - rows : latitude + rows
  const columns = width / EARTH_RADIUS / Math.cos(outer * RADIAN) / RADIAN
  return { west: longitude - columns, east: longitude + columns, south: latitude - rows, north: latitude + rows }
}

/** How many steps make cells so large that nine of them cover a circle, in most cases (`geohashEstimateStepsByRadius`). */
function stepFor(radius: number, latitude: number): number {
  if (radius === 0) return FINEST_STEP
  let step = 1
  for (let reach = radius; reach < MERCATOR_MOST; reach *= 2) step++
  step -= 2
  const away = Math.abs(latitude)
  if (away > 66) step -= away > 80 ? 2 : 1
  return Math.min(FINEST_STEP, Math.max(1, step))
}

/** Do the cell and its neighbours reach to these bounds? */
function isCovered(bounds: Area, cell: Cell): boolean {
  return (
    areaOf(neighbor(cell, 0, 1)).north >= bounds.north &&
    areaOf(neighbor(cell, 0, -1)).south <= bounds.south &&
    areaOf(neighbor(cell, 1, 0)).east >= bounds.east &&
    areaOf(neighbor(cell, -1, 0)).west <= bounds.west
  )
}
