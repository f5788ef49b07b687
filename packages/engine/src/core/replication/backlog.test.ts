import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Backlog } from './backlog.ts'

/** Byte `n` of a stream in which every byte says where it stands. */
const byteOf = (n: number): number => (n * 31 + (n >> 8)) & 255

test('[REP1] a backlog holds the last bytes of the stream, and nothing else', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(300), fc.nat(70_000)), { maxLength: 40 }),
      fc.integer({ min: 16_384, max: 200_000 }),
      fc.nat(1_000_000),
      (pieces, limit, start) => {
        const backlog = new Backlog(limit, start + 1)
        let next = start + 1
        for (const length of pieces) {
          backlog.append(Uint8Array.from({ length }, (_, i) => byteOf(next + i)))
          next += length
          const held = Math.min(limit, next - start - 1)
          expect(backlog.length).toBe(held)
          expect(backlog.firstByte).toBe(next - held)
          expect(backlog.covers(next)).toBe(true)
          expect(backlog.covers(next + 1)).toBe(false)
          expect(backlog.covers(next - held)).toBe(true)
          expect(backlog.covers(next - held - 1)).toBe(false)
          for (const from of [next - held, next - (held >> 1), next]) {
            const bytes = backlog.since(from)
            expect(bytes.length).toBe(next - from)
            expect(bytes.every((byte, i) => byte === byteOf(from + i))).toBe(true)
          }
        }
      }
    ),
    { numRuns: 60 }
  )
})

test('[REP1] memory is taken as bytes come', () => {
  const backlog = new Backlog(10_485_760, 1)
  expect(backlog.capacityBytes).toBe(65_536)
  backlog.append(new Uint8Array(100_000))
  expect(backlog.capacityBytes).toBe(131_072)
})
