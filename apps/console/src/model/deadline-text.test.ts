import { describe, expect, test } from 'vitest'
import { formatInstant, readDeadline } from './deadline-text.ts'

const now = new Date(2026, 10, 24, 14, 0, 0).getTime()
const at = (text: string) => {
  const read = readDeadline(text, now)
  return 'problem' in read ? read.problem : read.deadlineMs
}

describe('a deadline in words', () => {
  test.each([
    ['90 s', 90_000],
    ['2h 30m', 9_000_000],
    ['+5 min', 300_000],
    ['1.5d', 129_600_000],
    ['1500ms', 1_500]
  ])('%s is from now', (text, ms) => {
    expect(at(text)).toBe(now + ms)
  })

  test('a time of day is the next one', () => {
    expect(at('14:05')).toBe(now + 300_000)
    expect(at('14:00:30')).toBe(now + 30_000)
    expect(at('13:59')).toBe(new Date(2026, 10, 25, 13, 59).getTime())
  })

  test('a date without a zone is the person’s own, with one it is exact', () => {
    expect(at('2026-11-25 10:00')).toBe(new Date(2026, 10, 25, 10, 0).getTime())
    expect(at('2026-11-25')).toBe(new Date(2026, 10, 25).getTime())
    expect(at('2026-12-01T10:00:00Z')).toBe(Date.UTC(2026, 11, 1, 10))
  })

  test('Unix times, and no expiry', () => {
    expect(at('1795805400000')).toBe(1_795_805_400_000)
    expect(at('1795805400')).toBe(1_795_805_400_000)
    expect(at(' Never ')).toBeNull()
  })

  test('what is no time, has passed or cannot be kept is refused in words', () => {
    expect(at('')).toMatch(/Type a time/)
    expect(at('in ten')).toMatch(/“in ten” is not a time/)
    expect(at('5 fortnights')).toMatch(/is not a time/)
    expect(at('25:00')).toMatch(/is not a time/)
    expect(at('2020-01-01')).toMatch(/has passed/)
    expect(at('9999999999999999')).toMatch(/4199/)
  })

  test('nothing is nearer than a second', () => {
    expect(at('10 ms')).toBe(now + 1_000)
  })

  test('an instant is told with its date only on another day', () => {
    expect(formatInstant(now + 300_000, now)).toBe('14:05:00')
    expect(formatInstant(now + 300_007, now)).toBe('14:05:00.007')
    expect(formatInstant(now + 86_400_000, now)).toBe('2026-11-25 14:00:00')
  })
})
