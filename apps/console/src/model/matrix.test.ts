import { readFileSync } from 'node:fs'
import type { DatabaseCell, DatabasesState } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { contrast, mix } from './contrast.ts'
import { clusterOf } from './core.fixture.ts'
import { figureOf, largestOf, oldestReading, readMatrix, stepIn, TINT_LEAST, TINT_MOST, tintOf, totalOf } from './matrix.ts'

const { shards } = clusterOf({ B: [[0, 99]], A: [[100, 199]], C: [[200, 299]] })

const cell = (keys: number, change: Partial<DatabaseCell> = {}): DatabaseCell => ({
  keys,
  withExpiry: 0,
  withVolatileFields: 0,
  averageTtlMs: 0,
  atMs: 1_000,
  ...change
})

const state: DatabasesState = {
  limit: 16,
  shards: {
    'shard-A': { '0': cell(100, { withExpiry: 50, averageTtlMs: 10_000, atMs: 900 }), '10': cell(1) },
    'shard-B': { '0': cell(300, { withExpiry: 150, averageTtlMs: 30_000 }), '2': cell(7) },
    'shard-gone': { '9': cell(5) }
  }
}

describe('the matrix of databases and shards', () => {
  const matrix = readMatrix(state, shards)

  test('has shards by label and non-empty databases by number', () => {
    expect(matrix.shards.map(({ label }) => label)).toEqual(['A', 'B', 'C'])
    expect(matrix.databases).toEqual([0, 2, 10])
  })

  test('tells an empty cell from a shard that was never read', () => {
    expect(matrix.cell(2, 'shard-A')).toBeNull()
    expect([...matrix.unread]).toEqual(['shard-C'])
  })

  test('sums counts and weighs averages by the keys that have an expiry', () => {
    const row = matrix.shards.map(({ key }) => matrix.cell(0, key))
    expect(totalOf(row, 'keys')).toBe(400)
    expect(totalOf(row, 'with-expiry')).toBe(200)
    expect(totalOf(row, 'average-ttl')).toBe(25_000)
    expect(totalOf([matrix.cell(2, 'shard-B')], 'average-ttl')).toBeNull()
  })

  test('knows the oldest reading of a shard and the largest figure', () => {
    expect(oldestReading(matrix, 'shard-A')).toBe(900)
    expect(oldestReading(matrix, 'shard-C')).toBeNull()
    expect(largestOf(matrix, 'keys')).toBe(300)
    expect(figureOf(cell(3), 'average-ttl')).toBeNull()
  })

  test('tints from faint to full, and not at all where there is nothing', () => {
    expect(tintOf(0, 300)).toBe(0)
    expect(tintOf(null, 300)).toBe(0)
    expect(tintOf(300, 300)).toBeCloseTo(TINT_MOST)
    expect(tintOf(3, 300)).toBeGreaterThan(TINT_LEAST)
    expect(tintOf(3, 300)).toBeLessThan(tintOf(30, 300))
  })

  test('arrows stop at the edges, and other keys lead nowhere', () => {
    expect(stepIn({ row: 0, column: 0 }, 'ArrowUp', 3, 4)).toEqual({ row: 0, column: 0 })
    expect(stepIn({ row: 1, column: 1 }, 'ArrowRight', 3, 4)).toEqual({ row: 1, column: 2 })
    expect(stepIn({ row: 1, column: 1 }, 'End', 3, 4)).toEqual({ row: 1, column: 3 })
    expect(stepIn({ row: 1, column: 1 }, 'a', 3, 4)).toBeNull()
  })
})

describe.each(['dark', 'light'])('cells in the %s theme', (theme) => {
  const css = readFileSync(new URL('../ui/tokens.css', import.meta.url), 'utf8')
  const blocks = { dark: css.slice(css.indexOf(':root {')), light: css.slice(css.search(/:root\[data-theme=["']light["']\] \{/)) }
  const token = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(blocks[theme as 'dark' | 'light'])![1]!

  test('both lines of text reach 4.5:1 on every hue at every tint', () => {
    const weak = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((hue) =>
      [0, TINT_LEAST, (TINT_LEAST + TINT_MOST) / 2, TINT_MOST].flatMap((share) => {
        const ground = mix(token('panel'), token(`shard-${hue}`), share)
        return ['ink', 'on-tint'].flatMap((ink) => {
          const ratio = contrast(token(ink), ground)
          return ratio < 4.5 ? [`${ink} on shard-${hue} at ${share}: ${ratio.toFixed(2)}`] : []
        })
      })
    )
    expect(weak).toEqual([])
  })
})
