import type { ExpiryForecast } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { formatRate, viewForecast } from './forecast.ts'

const forecast = (fieldsPerSecond: Record<string, number[]>): ExpiryForecast => ({
  atMs: 0,
  edgesMs: [0, 1_000, 60_000, 3_600_000],
  fieldsPerSecond,
  keysPerSecond: [2, 1, 0],
  factor: 12.9,
  bandPerSecond: [0.5, 0.1, 0]
})

describe('the forecast as it is drawn', () => {
  test('buckets carry words, rates and the band; sums are rates times seconds', () => {
    const view = viewForecast(forecast({ '0': [4, 1, 0], '2': [1, 0, 0.5] }))
    expect(view.rows.map(({ span }) => span)).toEqual(['now – 1 s', '1 s – 1 min', '1 min – 1 h'])
    expect(view.rows[0]).toMatchObject({ total: 5, band: 0.5, keys: 2, fields: { db0: 4, db2: 1 } })
    expect(view.fields).toBeCloseTo(4 + 59 + 1 + 0.5 * 3_540)
    expect(view.keys).toBeCloseTo(2 + 59)
  })

  test('databases without a field in sight are no series', () => {
    expect(viewForecast(forecast({ '0': [0, 0, 0], '7': [1, 0, 0] })).series.map(({ id }) => id)).toEqual(['db7'])
  })

  test('the busiest four stand apart, the others together', () => {
    const many = Object.fromEntries([1, 2, 3, 4, 5, 6].map((database) => [String(database), [database, 0, 0]]))
    const { series, rows } = viewForecast(forecast(many))
    expect(series.map(({ id }) => id)).toEqual(['db3', 'db4', 'db5', 'db6', 'others'])
    expect(series.at(-1)).toMatchObject({ label: '2 more', databases: [1, 2] })
    expect(rows[0]!.fields.others).toBe(3)
  })

  test('rates have the figures that they deserve', () => {
    expect([0, 0.00004, 0.0421, 3.84, 412.4, 12_400].map(formatRate)).toEqual(['0', '< 0.001', '0.042', '3.8', '412', '12,400'])
  })
})
