import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../../bytes.ts'
import { Random } from '../../prng.ts'
import { ListValue } from './list.ts'

const bytes = (text: string) => latin1Bytes(text)
const texts = (elements: Iterable<Uint8Array>) => Array.from(elements, latin1Text)

function listOf(...elements: string[]): ListValue {
  const list = new ListValue()
  for (const element of elements) list.pushTail(bytes(element))
  return list
}

/** What LREM means, on a plain array. */
function without(model: readonly string[], count: number, element: string): string[] {
  const order = count < 0 ? [...model].reverse() : [...model]
  let left = count === 0 ? model.length : Math.abs(count)
  const kept = order.filter((item) => item !== element || left-- <= 0)
  return count < 0 ? kept.reverse() : kept
}

describe('[TYPE1] a list is a sequence', () => {
  test.each([1, 2, 3, 4])('as an array under random operations, seed %i', (seed) => {
    const random = new Random(seed)
    const list = new ListValue()
    let model: string[] = []
    for (let step = 0; step < 6000; step++) {
      const element = String(random.below(30))
      const index = random.below(model.length + 1)
      // Growing for a while, then shrinking, so that chunks are split, joined and dropped.
      const isGrowing = Math.floor(step / 1500) % 2 === 0
      switch (random.below(isGrowing ? 8 : 12)) {
        case 0:
        case 1:
          list.pushHead(bytes(element))
          model.unshift(element)
          break
        case 2:
        case 3:
          list.pushTail(bytes(element))
          model.push(element)
          break
        case 4:
        case 5: {
          const at = model.indexOf(element)
          const isBefore = random.below(2) === 0
          expect(list[isBefore ? 'insertBefore' : 'insertAfter'](bytes(element), bytes('new'))).toBe(at >= 0)
          if (at >= 0) model.splice(isBefore ? at : at + 1, 0, 'new')
          break
        }
        case 6:
          if (index < model.length) {
            list.set(index, bytes(element))
            model[index] = element
          }
          break
        case 7: {
          const count = random.below(7) - 3
          const kept = without(model, count, element)
          if (step % 10 === 0) {
            expect(list.remove(count, bytes(element))).toBe(model.length - kept.length)
            model = kept
          }
          break
        }
        case 8:
        case 9: {
          const popped = list.popHead()
          expect(popped && latin1Text(popped)).toBe(model.shift())
          break
        }
        case 10:
        case 11: {
          const popped = list.popTail()
          expect(popped && latin1Text(popped)).toBe(model.pop())
          break
        }
      }
      expect(list.length).toBe(model.length)
      const at = list.at(index)
      expect(at && latin1Text(at)).toBe(model[index])
      if (step % 50 !== 0) continue
      const stop = index + random.below(200)
      expect(texts(list.items(index, stop))).toEqual(model.slice(index, stop + 1))
      expect(texts(list.items(0, index, true))).toEqual(model.slice(0, index + 1).reverse())
      expect(texts(list.copy().items())).toEqual(model)
    }
  })

  test('trim keeps what lies between two positions', () => {
    for (const [start, stop] of [
      [0, 999],
      [0, 5000],
      [10, 10],
      [300, 700],
      [999, 999],
      [1000, 1000]
    ] as const) {
      const model = Array.from({ length: 1000 }, (_, index) => String(index))
      const list = listOf(...model)
      list.trim(start, stop)
      expect(texts(list.items())).toEqual(model.slice(start, stop + 1))
    }
  })

  test('a queue of a million elements is taken from either end without moving the others', () => {
    const list = new ListValue()
    for (let i = 0; i < 1_000_000; i++) list.pushHead(bytes(String(i % 1000)))
    let taken = 0
    for (; list.length > 0; taken++) {
      if (taken % 2 === 0) list.popHead()
      else list.popTail()
    }
    expect(taken).toBe(1_000_000)
    expect(list.popHead()).toBeUndefined()
    expect(list.popTail()).toBeUndefined()
  })

  test('positions beyond the end hold nothing', () => {
    const list = listOf('a', 'b')
    expect(list.at(2)).toBeUndefined()
    expect(list.at(-1)).toBeUndefined()
    expect(texts(list.items(5, 9))).toEqual([])
    expect(list.insertBefore(bytes('z'), bytes('x'))).toBe(false)
  })
})

describe('[TYPE2] a list is a listpack up to 8 KiB', () => {
  test('and a quicklist beyond, until no more than half is left', () => {
    const list = new ListValue()
    while (list.encoding === 'listpack') list.pushTail(bytes('x'.repeat(60)))
    // 62 bytes each, 7 for the frame.
    expect(list.length).toBe(133)
    while (list.length > 67) list.popHead()
    list.noteShrunk()
    expect(list.encoding).toBe('quicklist')
    list.popHead()
    list.popHead()
    list.noteShrunk()
    expect(list.encoding).toBe('listpack')
  })

  test('what is about to be added counts already', () => {
    const list = listOf('a')
    list.expect(8300)
    expect(list.encoding).toBe('quicklist')
  })
})
