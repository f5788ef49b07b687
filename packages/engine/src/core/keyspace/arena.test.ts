import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena, UNIT_BITS, UNIT_MASK } from './arena.ts'

const size = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 40_000 }), fc.constant(400_000))
const steps = fc.array(
  fc.oneof(fc.record({ kind: fc.constant('allocate' as const), size }), fc.record({ kind: fc.constant('free' as const), pick: fc.nat() })),
  {
    maxLength: 400
  }
)

/** The piece at an address, as far as it was asked for. */
function pieceAt(arena: Arena, address: number, size: number): Uint8Array {
  const at = (address & UNIT_MASK) << 3
  return (arena.bytes[address >>> UNIT_BITS] as Uint8Array).subarray(at, at + size)
}

test('pieces never overlap, are as large as asked and at most a quarter larger beyond 64 bytes, and are counted to the byte', () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const arena = new Arena()
      const held: { address: number; size: number; mark: number }[] = []
      let mark = 0
      for (const step of steps) {
        if (step.kind === 'allocate') {
          const address = arena.allocate(step.size)
          expect(address).not.toBe(0)
          const real = arena.sizeAt(address)
          expect(real).toBeGreaterThanOrEqual(step.size)
          expect(real).toBeLessThanOrEqual(Math.max(step.size + 7, step.size * 1.25))
          expect(arena.fits(address, step.size)).toBe(true)
          mark = (mark + 1) & 255
          pieceAt(arena, address, real).fill(mark)
          held.push({ address, size: real, mark })
        } else if (held.length > 0) {
          const [gone] = held.splice(step.pick % held.length, 1)
          const { address, size, mark } = gone as (typeof held)[number]
          expect(pieceAt(arena, address, size).every((byte) => byte === mark)).toBe(true)
          arena.free(address)
        }
        expect(arena.liveBytes).toBe(held.reduce((sum, one) => sum + one.size, 0))
      }
      for (const { address, size, mark } of held) expect(pieceAt(arena, address, size).every((byte) => byte === mark)).toBe(true)
    }),
    { numRuns: 100 }
  )
})

test('what is freed is used again, and whole slabs go back', () => {
  const arena = new Arena()
  const addresses = Array.from({ length: 50_000 }, () => arena.allocate(24))
  const reserved = arena.reservedBytes
  expect(reserved).toBeLessThan(50_000 * 24 + 262_144)
  for (const address of addresses) arena.free(address)
  expect(arena.liveBytes).toBe(0)
  expect(arena.reservedBytes).toBe(262_144)
  for (let i = 0; i < 50_000; i++) arena.allocate(24)
  expect(arena.reservedBytes).toBe(reserved)
  const large = arena.allocate(1_000_000)
  arena.free(large)
  expect(arena.reservedBytes).toBe(reserved)
})

test('of many slabs whole regions go back when half of what they hold has gone, and what is moved is what it was', () => {
  const arena = new Arena()
  const size = 1_024
  let held = Array.from({ length: 100_000 }, (_, mark) => {
    const address = arena.allocate(size)
    pieceAt(arena, address, size).fill(mark & 255)
    return { address, mark }
  })
  const before = arena.reservedBytes
  // A half, spread evenly: no slab is empty.
  for (const { address, mark } of held) if (mark % 2 === 0) arena.free(address)
  held = held.filter(({ mark }) => mark % 2 === 1)
  expect(arena.releasedBytes).toBe(0)
  expect(arena.thinOut()).toBe(true)
  let moved = 0
  for (const one of held) {
    if (!arena.isLeaving(one.address)) continue
    const address = arena.allocate(size)
    expect(arena.isLeaving(address)).toBe(false)
    pieceAt(arena, address, size).set(pieceAt(arena, one.address, size))
    arena.free(one.address)
    one.address = address
    moved++
  }
  arena.keepTheRest()
  expect(moved).toBeGreaterThan(0)
  // 98 MiB were three regions beyond what stands alone; one of them is enough for the rest.
  expect(arena.releasedBytes).toBeGreaterThanOrEqual(32 * 1_048_576)
  expect(arena.reservedBytes).toBeLessThan(before * 0.7)
  for (const { address, mark } of held) expect(pieceAt(arena, address, size).every((byte) => byte === (mark & 255))).toBe(true)
  expect(arena.thinOut()).toBe(false)
})
