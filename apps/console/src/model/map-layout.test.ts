import { expect, test } from 'vitest'
import { layOutMap } from './map-layout.ts'

const room = { pixelRatio: 1, narrow: false, coarse: false, typeScale: 1, legend: true, zoom: 1 }

test.each([
  [1_168, 588, 4, 3],
  [1_328, 740, 5, 5],
  [1_808, 920, 7, 6]
])('a room of %d by %d has cells of %d by %d pixels, and the panel fits them', (width, height, cellWidth, cellHeight) => {
  const layout = layOutMap({ ...room, width, height })
  expect(layout.geometry).toMatchObject({ cellWidth, cellHeight })
  expect(layout.panelWidth).toBe(cellWidth * 128 + 68)
  expect(width - layout.panelWidth!).toBeGreaterThanOrEqual(560)
})

test('on a tablet the map keeps half of the room, and its head takes two lines', () => {
  const layout = layOutMap({ ...room, width: 912, height: 640, coarse: true })
  expect(layout.geometry).toMatchObject({ cellWidth: 3, cellHeight: 3 })
  expect(912 - layout.panelWidth!).toBeGreaterThanOrEqual(430)
})

test('with larger type the head and the labels take more, the map less', () => {
  const layout = layOutMap({ ...room, width: 1_252, height: 580, typeScale: 1.6 })
  expect(layout.geometry).toMatchObject({ cellWidth: 4, cellHeight: 2 })
  const presented = layOutMap({ ...room, width: 1_252, height: 583, typeScale: 1.6, legend: false })
  expect(presented.geometry).toMatchObject({ cellWidth: 4, cellHeight: 3 })
})

test('on a phone the map takes the whole width and is square', () => {
  const layout = layOutMap({ ...room, width: 370, height: 900, pixelRatio: 3, narrow: true })
  expect(layout.panelWidth).toBeNull()
  expect(layout.geometry.width).toBeLessThanOrEqual(302)
  expect(layout.geometry.cellHeight).toBe(layout.geometry.cellWidth)
})

test('zoom multiplies the cells within what a canvas can hold, the frame stays', () => {
  const plain = layOutMap({ ...room, width: 1_328, height: 740 })
  const near = layOutMap({ ...room, width: 1_328, height: 740, zoom: 3 })
  expect(near.geometry.cellWidth).toBe(15)
  expect(near.frame).toEqual(plain.frame)
  expect(layOutMap({ ...room, width: 1_328, height: 740, zoom: 99 }).geometry.cellWidth).toBe(5 * plain.maxZoom)
})
