import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OrderedIds } from './ordered-ids.ts'

test('ordered ids answer as a sorted list does, in blocks that split and go', () => {
  const id = fc.bigInt(0n, 2000n)
  const step = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ kind: fc.constant('set' as const), ids: fc.array(id, { maxLength: 300 }) }),
    fc.record({ kind: fc.constant('deleteFirst' as const), count: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ kind: fc.constant('delete' as const), ids: fc.array(id, { maxLength: 300 }) })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.array(id, { minLength: 5, maxLength: 5 }), (steps, looks) => {
      const ordered = new OrderedIds<string>()
      const model = new Map<bigint, string>()
      const set = (one: bigint, value: string) => {
        expect(ordered.set(one, value)).toBe(!model.has(one))
        model.set(one, value)
      }
      const remove = (one: bigint) => expect(ordered.delete(one)).toBe(model.delete(one))
      for (const [number, change] of steps.entries()) {
        if (change.kind === 'append') for (let i = 0; i < change.count; i++) set((ordered.lastId ?? 0n) + 3n, `${number}`)
        else if (change.kind === 'deleteFirst') for (let i = 0; i < change.count; i++) remove(ordered.firstId ?? 0n)
        else for (const one of change.ids) change.kind === 'set' ? set(one, `${number}`) : remove(one)
      }
      const sorted = [...model.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
      expect(ordered.size).toBe(sorted.length)
      expect([...ordered.ascending()]).toEqual(sorted)
      expect(ordered.first).toBe(sorted[0]?.[1])
      expect(ordered.last).toBe(sorted.at(-1)?.[1])
      for (const look of looks) {
        expect(ordered.get(look)).toBe(model.get(look))
        expect([...ordered.ascending(look)]).toEqual(sorted.filter(([one]) => one >= look))
        expect([...ordered.descending(look)]).toEqual(sorted.filter(([one]) => one <= look).reverse())
      }
    }),
    { numRuns: 200 }
  )
})
