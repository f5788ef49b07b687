import { describe, expect, test } from 'vitest'
import { formatAgo, formatBytes, formatCompact, formatDelta, formatDuration, formatShare, listWords, plural } from './format.ts'

describe('formatCompact', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1.00 k'],
    [39_208, '39.2 k'],
    [999_499, '999 k'],
    [999_500, '1.00 M'],
    [4_120_000, '4.12 M']
  ])('%d reads %s', (value, text) => expect(formatCompact(value)).toBe(text))

  test('what is not known is a dash, not a zero', () => {
    expect(formatCompact(null)).toBe('–')
    expect(formatCompact(Number.NaN)).toBe('–')
  })
})

test('a difference always shows its sign', () => {
  expect([formatDelta(18_400), formatDelta(-39), formatDelta(0)]).toEqual(['+18,400', '−39', '±0'])
})

describe('formatDuration', () => {
  test.each([
    [41, '41 ms'],
    [999.7, '1.0 s'],
    [1_830, '1.8 s'],
    [59_600, '1 m 00 s'],
    [128_000, '2 m 08 s'],
    [11_100_000, '3 h 05 m'],
    [187_200_000, '2 d 4 h']
  ])('%d ms reads %s', (value, text) => expect(formatDuration(value)).toBe(text))
})

test('bytes step at 1,024', () => {
  expect([formatBytes(512), formatBytes(12_698), formatBytes(3.1 * 1_024 ** 3)]).toEqual(['512 B', '12.4 KiB', '3.10 GiB'])
})

test('a share under a hundredth of a percent is not shown as zero', () => {
  expect([formatShare(0), formatShare(0.00004), formatShare(0.0042), formatShare(0.74)]).toEqual(['0 %', '< 0.01 %', '0.42 %', '74 %'])
})

test('ages, plurals and lists', () => {
  expect([formatAgo(400), formatAgo(12_000), formatAgo(200_000)]).toEqual(['just now', '12 s ago', '3 m ago'])
  expect([plural(1, 'slot'), plural(5_461, 'slot')]).toEqual(['1 slot', '5,461 slots'])
  expect([listWords([]), listWords(['a']), listWords(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c'])
})
