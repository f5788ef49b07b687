import { describe, expect, test } from 'vitest'
import { nextSort, readSort, type SortColumn, sortRows } from './sorted-rows.ts'

type Row = { readonly name: string; readonly size: number | null }
const columns: readonly SortColumn<Row>[] = [
  { name: 'name', isText: true, of: ({ name }) => name },
  { name: 'size', of: ({ size }) => size }
]
const rows: readonly Row[] = [
  { name: 'n10', size: 1 },
  { name: 'n2', size: null },
  { name: 'n1', size: 30 }
]
const order = (text: string | null) => sortRows(rows, columns, readSort(columns, text)).map(({ name }) => name)

describe('rows of a table', () => {
  test('stand in the order of a column; what is not known stands last either way', () => {
    expect(order('name')).toEqual(['n1', 'n2', 'n10'])
    expect(order('-name')).toEqual(['n10', 'n2', 'n1'])
    expect(order('size')).toEqual(['n10', 'n1', 'n2'])
    expect(order('-size')).toEqual(['n1', 'n10', 'n2'])
  })

  test('keep their order where there is no such column', () => {
    expect(order(null)).toEqual(['n10', 'n2', 'n1'])
    expect(order('-constructor')).toEqual(['n10', 'n2', 'n1'])
  })

  test('a click begins with the greatest figure or the first name, then turns, then ends', () => {
    const [name, size] = [{ name: 'name', isText: true }, { name: 'size' }]
    const clicks = (column: { name: string; isText?: boolean }) => {
      const first = nextSort(null, column)
      const second = nextSort(readSort(columns, first), column)
      return [first, second, nextSort(readSort(columns, second), column)]
    }
    expect(clicks(name)).toEqual(['name', '-name', null])
    expect(clicks(size)).toEqual(['-size', 'size', null])
    expect(nextSort(readSort(columns, 'size'), name)).toBe('name')
  })
})
