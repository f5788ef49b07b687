import { expect, test } from 'vitest'
import { latin1Bytes } from '../../bytes.ts'
import { listpackEntryBytes } from './listpack-size.ts'

test.each([
  ['1', 2],
  ['127', 2],
  ['128', 3],
  ['-4096', 3],
  ['4096', 4],
  ['32768', 5],
  ['8388608', 6],
  ['2147483648', 10],
  ['9223372036854775807', 10],
  ['a', 3],
  ['x'.repeat(63), 65],
  ['x'.repeat(64), 67],
  ['x'.repeat(125), 128],
  ['x'.repeat(126), 130],
  ['x'.repeat(5000), 5007]
])('an element is counted as the reference packs it: %s', (element, size) => {
  expect(listpackEntryBytes(latin1Bytes(element))).toBe(size)
})
