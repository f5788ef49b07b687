import type { SlotRange } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { defaultLaneScale, positionBlocks, positionPath, pressedBlock, slotAtShare } from './lane-blocks.ts'

test('up to twelve shards by position, more by size', () => {
  expect([defaultLaneScale(3), defaultLaneScale(12), defaultLaneScale(13)]).toEqual(['position', 'position', 'size'])
})

test('blocks stand where their slots are', () => {
  expect(positionBlocks([[8_192, 12_287]])).toEqual([{ left: 0.5, width: 0.25 }])
  expect(positionPath([[0, 0]])).toBe('M0 0h1v1H0z')
})

test('hundreds of ranges are joined over the smallest gaps, and the ends stay', () => {
  const ranges = Array.from({ length: 400 }, (_, index): SlotRange => [index * 40, index * 40 + 5 + (index % 7)])
  const blocks = positionBlocks(ranges, 50)
  expect(blocks.length).toBeLessThanOrEqual(50)
  expect(blocks[0]?.left).toBe(0)
  const last = blocks.at(-1)!
  expect(Math.round((last.left + last.width) * 16_384)).toBe(399 * 40 + 5 + (399 % 7) + 1)
})

test('a press takes the block that was hit, and its nearer end', () => {
  const ranges: SlotRange[] = [
    [0, 99],
    [1_000, 1_999]
  ]
  expect(pressedBlock(ranges, 1_100)).toEqual({ block: [1_000, 1_999], end: 'first' })
  expect(pressedBlock(ranges, 1_900)).toEqual({ block: [1_000, 1_999], end: 'last' })
  expect(pressedBlock(ranges, 300)).toEqual({ block: [0, 99], end: 'last' })
  expect(pressedBlock([], 5)).toBeNull()
})

test('the ends of a lane are the first and the last slot', () => {
  expect([slotAtShare(-0.1), slotAtShare(0), slotAtShare(1)]).toEqual([0, 0, 16_383])
})
