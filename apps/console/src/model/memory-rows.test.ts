import { describe, expect, test } from 'vitest'
import { type MemoryRow, memoryBar, memoryColumns, memoryFile } from './memory-rows.ts'
import { readSort, sortRows } from './sorted-rows.ts'

const row = (nodeName: string, parts: MemoryRow['parts']): MemoryRow => ({
  node: nodeName,
  nodeName,
  usedBytes: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0),
  peakBytes: null,
  limitBytes: 0,
  residentBytes: 900,
  keys: 3,
  parts,
  databases: [],
  fragmentation: 1.5,
  allocatorLostBytes: null,
  allocatorKeptBytes: null,
  besideAllocatorBytes: null
})
const one = row('node-1', { dataset: 100, tables: 50, clients: 0, replicas: 10, backlog: 15, start: 20, scripts: 5 })
const two = row('node-2', { dataset: 300, tables: 100 })

describe('memory by part', () => {
  test('bars are as long as what they stand for, beside the longest', () => {
    expect(memoryBar(one, 400)).toEqual([
      { group: 'data', from: 0, length: 0.25, bytes: 100 },
      { group: 'tables', from: 0.25, length: 0.125, bytes: 50 },
      { group: 'replication', from: 0.375, length: 0.0625, bytes: 25 },
      { group: 'start', from: 0.4375, length: 0.0625, bytes: 25 }
    ])
    expect(memoryBar(two, 400).at(-1)).toMatchObject({ from: 0.75, length: 0.25 })
    expect(memoryBar(one, 0)).toEqual([])
  })

  test('rows sort by any part; what is not told stands last', () => {
    const order = (sort: string) => sortRows([one, two], memoryColumns, readSort(memoryColumns, sort)).map(({ nodeName }) => nodeName)
    expect(order('-dataset')).toEqual(['node-2', 'node-1'])
    expect(order('backlog')).toEqual(['node-1', 'node-2'])
  })

  test('a file has every part under its name, in bytes', () => {
    const file = memoryFile([one])
    expect(file.rows[0]).toHaveLength(file.columns.length)
    const of = (name: string) => file.rows[0]?.[file.columns.indexOf(name)]
    expect([of('usedBytes'), of('datasetBytes'), of('append-onlyBytes'), of('limitBytes')]).toEqual([200, 100, null, 0])
  })
})
