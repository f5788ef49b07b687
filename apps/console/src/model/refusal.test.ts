import { expect, test } from 'vitest'
import { readRefusal } from './refusal.ts'

test('a refusal names the rule that is missing', () => {
  expect(readRefusal("NOPERM User console has no permissions to run the 'config|get' command")?.rule).toBe('+config|get')
  expect(readRefusal('n1: NOPERM No permissions to access a key')?.rule).toBe('%R~<pattern>')
  expect(readRefusal('NOPERM something new')).toEqual({ words: 'NOPERM something new', rule: null })
})

test('other errors are no refusals', () => {
  expect(readRefusal('WRONGTYPE Operation against a key')).toBeNull()
})
