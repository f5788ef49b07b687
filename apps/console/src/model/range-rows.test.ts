import { SLOTS } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { jobOf } from './core.fixture.ts'
import { rangeRows } from './range-rows.ts'

test('rows are cut where the owner changes and where a job begins or ends, and cover every slot once', () => {
  const owners = new Int16Array(SLOTS)
  owners.fill(1, 8_000)
  owners.fill(-1, 16_000)
  const job = jobOf('j', 'A', 'B', [[100, 199]])
  const rows = rangeRows(owners, [job])
  expect(rows.map((row) => [row.range, row.owner, row.job?.name ?? null])).toEqual([
    [[0, 99], 0, null],
    [[100, 199], 0, 'j'],
    [[200, 7_999], 0, null],
    [[8_000, 15_999], 1, null],
    [[16_000, 16_383], -1, null]
  ])
})

test('one owner of everything is one row', () => {
  expect(rangeRows(new Int16Array(SLOTS), [])).toHaveLength(1)
})
