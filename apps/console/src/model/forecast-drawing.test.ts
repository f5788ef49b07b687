import { describe, expect, test } from 'vitest'
import { viewForecast } from './forecast.ts'
import { bucketAt, drawForecast } from './forecast-drawing.ts'

const view = viewForecast({
  atMs: 0,
  edgesMs: [0, 1_000, 2_000, 5_000],
  fieldsPerSecond: { '0': [30, 0, 10], '3': [10, 0, 0] },
  keysPerSecond: [20, 5, 0],
  bandPerSecond: [10, 0, 20],
  factor: 1
})
// The plot: 300 wide in three buckets, 100 high.
const [width, height] = [358, 128]

describe('the forecast as a drawing', () => {
  test('databases are stacked, keys stand beside, the band is at the top and does not reach below nothing', () => {
    const drawn = drawForecast(view, 'linear', width, height)
    expect(drawn).toMatchObject({ left: 50, step: 100, top: 8, bottom: 108 })
    expect(drawn.marks.map(({ label }) => label)).toEqual(['0', '20', '40', '60'])
    const y = (rate: number) => Math.round((108 - (rate / 60) * 100) * 100) / 100
    expect(drawn.series).toEqual([`M57 ${y(30)}h42.5V108h-42.5zM257 ${y(10)}h42.5V108h-42.5z`, `M57 ${y(40)}h42.5V${y(30)}h-42.5z`])
    expect(drawn.keys).toBe(`M100.5 ${y(20)}h42.5V108h-42.5zM200.5 ${y(5)}h42.5V108h-42.5z`)
    expect(drawn.bands).toContain(`M78.25 ${y(50)}V${y(30)}`)
    expect(drawn.bands).toContain(`M278.25 ${y(30)}V108`)
  })

  test('on the logarithmic scale each is a line, broken where there is nothing', () => {
    const drawn = drawForecast(view, 'log', width, height)
    expect(drawn.marks.map(({ label }) => label)).toEqual(['1', '10', '100'])
    expect(drawn.series[0]).toBe('M50 34.14h100M250 58h100')
    expect(drawn.keys).toMatch(/^M50 [\d.]+h100L150 [\d.]+h100$/)
    expect(drawn.bands).toBe('')
  })

  test('words stand where they have room, and a place belongs to a bucket', () => {
    expect(drawForecast(view, 'linear', width, height).edges.map(({ label }) => label)).toEqual(['now', '1 s', '2 s'])
    expect(drawForecast(view, 'linear', 118, height).edges.map(({ label }) => label)).toEqual(['now', '2 s'])
    const drawn = drawForecast(view, 'linear', width, height)
    expect([40, 50, 149, 151, 349, 351].map((x) => bucketAt(drawn, x, 3))).toEqual([null, 0, 0, 1, 2, null])
  })

  test('nothing at all, and no room at all, are drawn too', () => {
    const empty = viewForecast({
      ...{ atMs: 0, edgesMs: [0, 1_000], factor: 1 },
      fieldsPerSecond: {},
      keysPerSecond: [0],
      bandPerSecond: [0]
    })
    for (const scale of ['linear', 'log'] as const) {
      expect(drawForecast(empty, scale, width, height)).toMatchObject({ series: [], keys: '', bands: '' })
      expect(JSON.stringify(drawForecast(view, scale, 0, 0))).not.toMatch(/null|NaN|Infinity/)
    }
  })
})
