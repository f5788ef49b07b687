import { expect, test } from 'vitest'
import { channels, contrast, mix } from './contrast.ts'

test('black on white is 21, a colour on itself 1, and the order does not matter', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  expect(contrast('#3a6ae0', '#3a6ae0')).toBe(1)
  expect(contrast('#ffffff', '#767676')).toBeCloseTo(contrast('#767676', '#ffffff'), 10)
  expect(contrast('#ffffff', '#767676')).toBeGreaterThan(4.5)
})

test('colours are read in both lengths, and anything else is refused', () => {
  expect(channels('#fff')).toEqual([255, 255, 255])
  expect(channels(' #0a1b2c ')).toEqual([10, 27, 44])
  expect(() => channels('rgb(0 0 0)')).toThrow('not a colour')
})

test('mixing goes from what is under to what is on top', () => {
  expect([mix('#000000', '#ffffff', 0), mix('#000000', '#ffffff', 0.5), mix('#000000', '#ffffff', 1)]).toEqual([
    '#000000',
    '#808080',
    '#ffffff'
  ])
})
