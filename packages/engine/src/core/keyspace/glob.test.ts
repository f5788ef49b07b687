import { describe, expect, test } from 'vitest'
import { latin1Bytes } from '../bytes.ts'
import { Glob } from './glob.ts'

const matches = (pattern: string, text: string) => new Glob(latin1Bytes(pattern)).matches(latin1Bytes(text))

describe('[TYPE11] patterns', () => {
  test.each([
    ['*', '', true],
    ['*', 'anything', true],
    ['', '', true],
    ['', 'a', false],
    ['a*b', 'ab', true],
    ['a*b', 'axxb', true],
    ['a*b', 'axxbc', false],
    ['*a*', 'xxaxx', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '', false],
    ['[abc]', 'b', true],
    ['[a-c]x', 'bx', true],
    ['[c-a]', 'b', true],
    ['[^a]', 'a', false],
    ['[^a]', 'b', true],
    ['[]', 'a', false],
    ['[^]', 'a', true],
    ['[a', 'a', true],
    ['[a-', '-', true],
    ['[\\]]', ']', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['\\', '\\', true],
    ['h[ae]llo*', 'hello world', true],
    ['news.*', 'news.art', true],
    ['\0?', '\0\xff', true],
    ['**a**', 'bab', true]
  ])('%j on %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  test('many stars on a long text cost no more than their product', () => {
    expect(matches(`${'a*'.repeat(10_000)}b`, 'a'.repeat(20_000))).toBe(false)
    expect(matches(`${'*a'.repeat(10_000)}`, 'a'.repeat(20_000))).toBe(true)
    expect(matches(`${'a'.repeat(500)}*${'a'.repeat(500)}b`, 'a'.repeat(20_000))).toBe(false)
  })

  test('only stars match everything', () => {
    expect(new Glob(latin1Bytes('***')).matchesAll).toBe(true)
    expect(new Glob(latin1Bytes('*?')).matchesAll).toBe(false)
    expect(new Glob(latin1Bytes('')).matchesAll).toBe(false)
  })
})
