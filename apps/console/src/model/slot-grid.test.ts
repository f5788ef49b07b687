import { eachSlot, SLOTS, type SlotRange } from '@slotscope/observer/stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COLUMNS, fitGrid, moveCursor, nextBoundary, outlineOf, ownerEdges, ownerRun, rectsOf, slotAt } from './slot-grid.ts'

const range = fc
  .tuple(fc.integer({ min: 0, max: SLOTS - 1 }), fc.integer({ min: 0, max: SLOTS - 1 }))
  .map(([a, b]): SlotRange => [Math.min(a, b), Math.max(a, b)])

describe('fitGrid', () => {
  test('cells are whole device pixels at every pixel ratio', () => {
    for (const ratio of [1, 1.25, 1.5, 2, 3]) {
      const grid = fitGrid(600, 540, ratio)
      expect(Number.isInteger(grid.cellWidth) && Number.isInteger(grid.cellHeight)).toBe(true)
      expect(grid.width).toBeLessThanOrEqual(600)
      expect(grid.height).toBeLessThanOrEqual(540)
    }
  })

  test('there are no gaps under six pixels, and one from there on', () => {
    expect(fitGrid(128 * 5, 128 * 5, 1).gap).toBe(0)
    expect(fitGrid(128 * 6, 128 * 6, 1).gap).toBe(1)
    expect(fitGrid(128 * 6, 128 * 6, 2).gap).toBe(2)
  })

  test('a cell never vanishes, however small the space', () => {
    expect(fitGrid(10, 0, 2)).toMatchObject({ cellWidth: 2, cellHeight: 2 })
  })
})

describe('slotAt', () => {
  const grid = fitGrid(128 * 4, 128 * 3, 2)

  test('finds the cell under a point and clamps outside', () => {
    expect(slotAt(0, 0, grid)).toBe(0)
    expect(slotAt(4 * 5 + 1, 3 * 2 + 2.9, grid)).toBe(2 * COLUMNS + 5)
    expect(slotAt(-20, -5, grid)).toBe(0)
    expect(slotAt(9_999, 9_999, grid)).toBe(SLOTS - 1)
  })
})

describe('rectsOf', () => {
  test('a range of parts of two rows and whole rows between is three rectangles', () => {
    expect(rectsOf([100, 400])).toEqual([
      { column: 100, row: 0, columns: 28, rows: 1 },
      { column: 0, row: 1, columns: 128, rows: 2 },
      { column: 0, row: 3, columns: 17, rows: 1 }
    ])
    expect(rectsOf([0, SLOTS - 1])).toEqual([{ column: 0, row: 0, columns: 128, rows: 128 }])
    expect(rectsOf([5, 5])).toEqual([{ column: 5, row: 0, columns: 1, rows: 1 }])
  })

  test('the rectangles cover exactly the range', () => {
    fc.assert(
      fc.property(range, (each) => {
        const slots = rectsOf(each).flatMap((rect) =>
          Array.from(
            { length: rect.rows * rect.columns },
            (_, index) => (rect.row + Math.floor(index / rect.columns)) * COLUMNS + rect.column + (index % rect.columns)
          )
        )
        expect(slots).toHaveLength(each[1] - each[0] + 1)
        expect(new Set(slots)).toEqual(new Set(eachSlot([each])))
      }),
      { numRuns: 40 }
    )
  })
})

test('the outline of one cell is its four edges, and two neighbours share none', () => {
  expect(outlineOf([[5, 5]])).toEqual([
    { column: 5, row: 0, length: 1, across: true },
    { column: 5, row: 1, length: 1, across: true },
    { column: 5, row: 0, length: 1, across: false },
    { column: 6, row: 0, length: 1, across: false }
  ])
  expect(outlineOf([[5, 6]]).filter((edge) => !edge.across)).toHaveLength(2)
})

test('the length of an outline equals the number of cell sides that separate inside from outside', () => {
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), (ranges) => {
      const inside = new Set(eachSlot(ranges))
      let sides = 0
      for (const slot of inside) {
        if (slot % COLUMNS === 0 || !inside.has(slot - 1)) sides++
        if (slot % COLUMNS === COLUMNS - 1 || !inside.has(slot + 1)) sides++
        if (!inside.has(slot - COLUMNS)) sides++
        if (!inside.has(slot + COLUMNS)) sides++
      }
      expect(outlineOf(ranges).reduce((sum, edge) => sum + edge.length, 0)).toBe(sides)
    }),
    { numRuns: 25 }
  )
})

describe('the keyboard', () => {
  const owners = new Int16Array(SLOTS).fill(0)
  owners.fill(1, 5_461, 10_923)
  owners.fill(2, 10_923)

  test('arrows go by slot and row, and stop at the edges', () => {
    expect(moveCursor(10, 'ArrowRight', false, owners)).toBe(11)
    expect(moveCursor(10, 'ArrowDown', false, owners)).toBe(138)
    expect(moveCursor(10, 'ArrowUp', false, owners)).toBe(10)
    expect(moveCursor(0, 'ArrowLeft', false, owners)).toBe(0)
    expect(moveCursor(SLOTS - 1, 'ArrowRight', false, owners)).toBe(SLOTS - 1)
    expect(moveCursor(SLOTS - 1, 'ArrowDown', false, owners)).toBe(SLOTS - 1)
  })

  test('Home and End go to the ends of the row, with Ctrl of the map', () => {
    expect([moveCursor(300, 'Home', false, owners), moveCursor(300, 'End', false, owners)]).toEqual([256, 383])
    expect([moveCursor(300, 'Home', true, owners), moveCursor(300, 'End', true, owners)]).toEqual([0, SLOTS - 1])
  })

  test('Ctrl with an arrow goes to the next change of owner', () => {
    expect(nextBoundary(owners, 0, 1)).toBe(5_461)
    expect(nextBoundary(owners, 5_461, 1)).toBe(10_923)
    expect(nextBoundary(owners, 10_923, 1)).toBe(SLOTS - 1)
    expect(nextBoundary(owners, 12_000, -1)).toBe(10_923)
    expect(nextBoundary(owners, 10_923, -1)).toBe(5_461)
    expect(nextBoundary(owners, 3, -1)).toBe(0)
  })

  test('other keys do not move it', () => {
    expect(moveCursor(10, 'm', false, owners)).toBeNull()
  })

  test('a run is what one owner has in one piece', () => {
    expect(ownerRun(owners, 6_000)).toEqual([5_461, 10_922])
    expect(ownerRun(owners, 0)).toEqual([0, 5_460])
    expect(ownerRun(owners, SLOTS - 1)).toEqual([10_923, SLOTS - 1])
  })

  test('boundaries between owners have no line along the border of the map', () => {
    const edges = ownerEdges(owners)
    expect(edges.every((edge) => edge.across || (edge.column > 0 && edge.column < COLUMNS))).toBe(true)
    expect(edges.length).toBeGreaterThan(0)
    expect(ownerEdges(new Int16Array(SLOTS))).toEqual([])
  })
})
