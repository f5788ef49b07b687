import { expect, test } from 'vitest'
import { allChosen, chosenCount, chosenIn, extended, isChosen, nothingChosen, toggled } from './key-selection.ts'

const rows = (selection: Parameters<typeof chosenIn>[0], count: number) => [...chosenIn(selection, count, 3)].flat()

test('single rows, stretches, and all but some', () => {
  const some = extended(toggled(nothingChosen, 7), 4, 2)
  expect(rows(some, 10)).toEqual([2, 3, 4, 7])
  expect(rows(toggled(some, 3), 10)).toEqual([2, 4, 7])
  const all = toggled(toggled(allChosen(6), 0), 3)
  expect(rows(all, 10)).toEqual([1, 2, 4, 5])
  expect(rows(extended(all, 3, 8), 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('rows that come later are not meant by all', () => {
  expect(isChosen(allChosen(5), 5)).toBe(false)
})

test('the count is that of the rows, and parts are no larger than asked', () => {
  const selection = extended(toggled(allChosen(1_000), 10), 1_500, 1_520)
  expect(chosenCount(selection)).toBe(rows(selection, 2_000).length)
  expect([...chosenIn(selection, 2_000, 300)].map(({ length }) => length)).toEqual([300, 300, 300, 120])
})
