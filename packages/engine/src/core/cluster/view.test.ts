import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eachSlot } from './slot.ts'
import { rangesIn, slotsIn } from './view.ts'

test('the ranges of a bitmap are its slots in as few runs as there are', () => {
  const byte = fc.oneof(fc.constantFrom(0, 255), fc.nat({ max: 255 }))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), fc.array(byte, { maxLength: 12 }), (some, others) => {
      const bitmap = Uint8Array.from([...some, ...others])
      const ranges = rangesIn(bitmap)
      expect([...eachSlot(ranges)]).toEqual([...slotsIn(bitmap)])
      for (const [index, [first]] of ranges.entries()) expect(first).toBeGreaterThan((ranges[index - 1]?.[1] ?? -2) + 1)
    })
  )
  expect(rangesIn(new Uint8Array(2048).fill(255))).toEqual([[0, 16_383]])
})
