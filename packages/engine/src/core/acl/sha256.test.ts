import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sameSecret, sha256Hex } from './sha256.ts'

test.each([0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1_000])('SHA-256 of %i bytes', (length) => {
  const text = Array.from({ length }, (_, index) => String.fromCharCode((index * 37) % 256)).join('')
  expect(sha256Hex(text)).toBe(createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex'))
})

test('secrets are compared as a whole', () => {
  expect([
    sameSecret('abc', 'abc'),
    sameSecret('abc', 'abd'),
    sameSecret('abc', 'abcabc'),
    sameSecret('', ''),
    sameSecret('a', '')
  ]).toEqual([true, false, false, true, false])
})
