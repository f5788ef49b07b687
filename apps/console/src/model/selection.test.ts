import { eachSlot, SLOTS, type SlotRange } from '@slotscope/observer/stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { brushed, includes, intersect, subtract, takeSlots, union, withoutChanged } from './selection.ts'

const ranges = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 60 })).map(([first, size]): SlotRange => [first, first + size]),
  { maxLength: 6 }
)
const slots = (list: readonly SlotRange[]) => [...new Set(eachSlot(list))].sort((a, b) => a - b)

describe('sets of ranges', () => {
  test('subtract, union and intersect agree with sets of slots', () => {
    fc.assert(
      fc.property(ranges, ranges, (one, other) => {
        const [a, b] = [new Set(slots(one)), new Set(slots(other))]
        expect(slots(subtract(one, other))).toEqual([...a].filter((slot) => !b.has(slot)))
        expect(slots(intersect(one, other))).toEqual([...a].filter((slot) => b.has(slot)))
        expect(slots(union(one, other))).toEqual([...new Set([...a, ...b])].sort((x, y) => x - y))
      })
    )
  })

  test('takeSlots takes from the end that is asked for, and never more than there are', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 0, max: 500 }), (list, count) => {
        const all = slots(list)
        expect(slots(takeSlots(list, count, 'first'))).toEqual(all.slice(0, count))
        expect(slots(takeSlots(list, count, 'last'))).toEqual(count === 0 ? [] : all.slice(-count))
      })
    )
  })
})

describe('brushing', () => {
  test('selects in slot order, in both directions, like text', () => {
    expect(brushed([], 300, 100, 'replace')).toEqual([[100, 300]])
  })

  test('Ctrl adds to what was there, or removes from it', () => {
    const before: SlotRange[] = [[10, 20]]
    expect(brushed(before, 30, 40, 'add')).toEqual([
      [10, 20],
      [30, 40]
    ])
    expect(brushed(before, 15, 40, 'remove')).toEqual([[10, 14]])
    expect(brushed(before, 30, 40, 'replace')).toEqual([[30, 40]])
  })

  test('includes', () => {
    expect([includes([[10, 20]], 10), includes([[10, 20]], 21)]).toEqual([true, false])
  })
})

test('slots that changed owner leave the selection and are counted', () => {
  const before = new Int16Array(SLOTS)
  const after = before.slice()
  expect(withoutChanged([[0, 99]], before, after)).toBeNull()
  after.fill(1, 90, 200)
  expect(withoutChanged([[0, 99]], before, after)).toEqual({ selection: [[0, 89]], left: 10 })
})
