import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sameBytes } from '../../bytes.ts'
import { CHUNK_BYTES, ElementChunk } from './element-chunk.ts'

const element = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 12 }) },
  // Around the length from which on it takes more than a byte to say so.
  { weight: 2, arbitrary: fc.integer({ min: 250, max: 258 }).map((length) => new Uint8Array(length).fill(length)) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 70_000 }).map((length) => new Uint8Array(length).fill(length & 255)) }
)
const step = fc.record({
  kind: fc.constantFrom('push', 'unshift', 'shift', 'pop', 'insert', 'replace', 'remove', 'split', 'append', 'copy'),
  element,
  pick: fc.nat()
})

function offsets(chunk: ElementChunk): number[] {
  const found: number[] = []
  for (let left = chunk.count, offset = chunk.first; left > 0; left--, offset = chunk.next(offset)) found.push(offset)
  return found
}

test('a chunk is a sequence that is read from both ends', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom('front', 'back'), (steps, roomAt) => {
      let chunk = new ElementChunk(32, roomAt)
      let model: Uint8Array[] = []
      for (const { kind, element, pick } of steps) {
        const index = pick % Math.max(1, model.length)
        const isThere = model.length > 0
        if (kind === 'push') {
          chunk.push(element, 0, element.length)
          model.push(element)
        } else if (kind === 'unshift') {
          chunk.unshift(element, 0, element.length)
          model.unshift(element)
        } else if (kind === 'insert') {
          chunk.insert(isThere ? chunk.offsetOf(index) : chunk.first, element)
          model.splice(index, 0, element)
        } else if (kind === 'split') {
          const rest = chunk.split()
          const half = model.length >>> 1
          expect(offsets(rest).map((offset) => rest.view(offset).slice())).toEqual(model.slice(half))
          if (pick % 2 === 0) {
            chunk = rest
            model = model.slice(half)
          } else model.length = half
        } else if (kind === 'append') {
          const other = new ElementChunk(0, 'back')
          other.push(element, 0, element.length)
          chunk.append(other)
          model.push(element)
        } else if (kind === 'copy') chunk = chunk.copy()
        else if (!isThere) continue
        else if (kind === 'shift') {
          chunk.shift()
          model.shift()
        } else if (kind === 'pop') {
          chunk.pop()
          model.pop()
        } else if (kind === 'replace') {
          chunk.replace(chunk.offsetOf(index), element)
          model[index] = element
        } else if (kind === 'remove') {
          chunk.remove(chunk.offsetOf(index))
          model.splice(index, 1)
        }
        expect(chunk.count).toBe(model.length)
        const found = offsets(chunk)
        expect(
          found.every(
            (offset, at) => sameBytes(chunk.view(offset), model[at] as Uint8Array) && chunk.equals(offset, model[at] as Uint8Array)
          )
        ).toBe(true)
        expect(found.every((offset, at) => chunk.offsetOf(at) === offset)).toBe(true)
        if (found.length > 0) expect(chunk.last).toBe(found.at(-1))
      }
    }),
    { numRuns: 100 }
  )
})

test('a chunk that is fed at one end and taken from the other stays as small as it is', () => {
  const chunk = new ElementChunk(32, 'back')
  for (let turn = 0; turn < 10_000; turn++) {
    chunk.push(new Uint8Array([turn, turn >>> 8]), 0, 2)
    if (turn >= 100) chunk.shift()
  }
  expect(chunk.count).toBe(100)
  expect(chunk.capacity).toBeLessThanOrEqual(CHUNK_BYTES)
  expect(chunk.view(chunk.last)).toEqual(new Uint8Array([9999 & 255, 9999 >>> 8]))
})
