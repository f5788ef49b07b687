import type { DatabasesState, NodeState, ShardState } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { readMatrix } from './matrix.ts'
import { keyListFile, matrixFile, rangeFile, soonestFile, topologyFile } from './table-files.ts'

const shard = (key: string, label: string, slots: ShardState['slots'] = [[0, 8_191]]) =>
  ({ key, label, color: 0, slots, slotCount: 8_192, primary: `${key}-1`, replicas: [] }) as unknown as ShardState
const shards = { a: shard('a', 'A'), b: shard('b', 'B') }
const b64 = (text: string) => btoa(text).replaceAll('=', '')

test('the matrix has a row for each database and shard that was read', () => {
  const cell = { keys: 5, withExpiry: 2, withVolatileFields: 1, averageTtlMs: 900, atMs: 0 }
  const state = { shards: { a: { '0': cell, '3': { ...cell, withExpiry: 0 } } } } as unknown as DatabasesState
  expect(matrixFile(readMatrix(state, shards), { '3': 'carts' })).toEqual({
    columns: ['database', 'name', 'shard', 'keys', 'withExpiry', 'hashesWithVolatileFields', 'averageTtlMs'],
    rows: [
      [0, null, 'A', 5, 2, 1, 900],
      [3, 'carts', 'A', 5, 0, 1, null]
    ]
  })
})

test('keys are readable and exact; what was not read of them is empty', () => {
  const names = [b64('user:1'), b64('\u0001\u00ff')]
  const keys = { count: 2, keyAt: (at: number) => names[at]!, typeAt: () => 'hash', shardAt: (at: number) => (at === 0 ? 'a' : 'gone') }
  const file = keyListFile(keys, (key) => (key === names[0] ? { size: 3, ttlMs: null } : null), shards)
  expect(file.rows[0]).toEqual(['user:1', 'hash', 'A', 3, null, names[0]])
  expect(file.rows[1]).toEqual(['\\x01\\xff', 'hash', 'gone', null, null, names[1]])
})

test('the soonest, the nodes and the ranges have their columns', () => {
  expect(soonestFile([{ database: 1, shard: 'a', key: b64('k'), field: b64('f'), deadlineMs: 0 }], shards).rows).toEqual([
    [1, 'A', 'k', 'f', '1970-01-01T00:00:00.000Z', b64('k')]
  ])
  const node = (id: string, role: string) =>
    ({
      id,
      name: id,
      host: 'h',
      port: 1,
      role,
      health: 'online',
      version: '9.1.2',
      lagBytes: role === 'replica' ? 7 : null
    }) as unknown as NodeState
  const views = [
    {
      shard: shard('a', 'A', [
        [0, 5],
        [9, 9]
      ]),
      nodes: [node('a-1', 'primary'), { ...node('a-2', 'replica'), primaryLink: 'up' as const }]
    }
  ]
  const topology = topologyFile(views)
  expect(topology.rows.map((row) => row.slice(7))).toEqual([
    [8_192, '0-5 9', null, null],
    [null, null, 'up', 7]
  ])
  expect(topology.rows.every(({ length }) => length === topology.columns.length)).toBe(true)
  const row = { range: [0, 9], owner: 0, job: null } as const
  expect(
    rangeFile(
      [row],
      () => 'A',
      () => 12,
      () => null
    ).rows
  ).toEqual([[0, 9, 10, 'A', 12, null]])
})
