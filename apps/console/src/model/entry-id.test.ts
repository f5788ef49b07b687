import { describe, expect, test } from 'vitest'
import { entryAfter, entryIdOf, entryTimeMs } from './entry-id.ts'

describe('ids of stream entries', () => {
  test('the next id carries over into the next millisecond and ends at the last one', () => {
    expect(entryAfter('1526919030474-55')).toBe('1526919030474-56')
    expect(entryAfter('7-18446744073709551615')).toBe('8-0')
    expect(entryAfter('18446744073709551615-18446744073709551615')).toBeNull()
  })

  test('an id, a millisecond and a date are understood; anything else is not', () => {
    expect(entryIdOf(' 3-0 ')).toBe('3-0')
    expect(entryIdOf('1526919030474')).toBe('1526919030474-18446744073709551615')
    expect(entryIdOf('2026-11-27T10:00:00Z')).toBe(`${Date.UTC(2026, 10, 27, 10)}-18446744073709551615`)
    for (const text of ['', 'yesterday', '12', '-5', '1-99999999999999999999', '2026-99-99']) expect(entryIdOf(text)).toBeNull()
  })

  test('only an id of a clock has a time', () => {
    expect(entryTimeMs('1526919030474-55')).toBe(1_526_919_030_474)
    expect(entryTimeMs('450-0')).toBeNull()
  })
})
