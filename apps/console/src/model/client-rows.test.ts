import type { ClientState, KilledClient } from '@slotscope/observer/stream'
import { csvLine } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { type ClientFilter, clientColumns, clientFile, clientRows, filterClients, guardWords, killWords, valuesOf } from './client-rows.ts'
import { readSort, sortRows } from './sorted-rows.ts'

const client = (id: number, change: Partial<ClientState> = {}): ClientState => ({
  node: 'a'.repeat(40),
  id,
  address: `10.0.0.${id}:4000`,
  name: '',
  user: 'default',
  kind: 'normal',
  isOurs: false,
  flags: 'N',
  database: 0,
  ageSeconds: 60,
  idleSeconds: id,
  subscriptions: 0,
  outputBytes: 0,
  queryBytes: 0,
  memoryBytes: id * 100,
  command: 'get',
  commands: 1,
  bytesIn: 1,
  bytesOut: 1,
  library: '',
  libraryVersion: '',
  protocol: 2,
  ...change
})
const rows = clientRows(
  [
    client(1, { name: 'worker', library: 'ioredis', libraryVersion: '5.4' }),
    client(2, { user: 'app', database: 3, command: 'client|list' }),
    client(10, { kind: 'replica', flags: 'S', memoryBytes: null }),
    client(11, { isOurs: true, name: 'slotscope', flags: 'rT' })
  ],
  new Map([['a'.repeat(40), 'node-1']])
)
const all: ClientFilter = { find: '', node: '', user: '', kind: '', database: '', command: '', idle: '', flags: '' }
const found = (change: Partial<ClientFilter>) => filterClients(rows, { ...all, ...change }).map(({ id }) => id)

describe('clients', () => {
  test('are filtered by everything at once', () => {
    expect(found({})).toEqual([1, 2, 10, 11])
    expect(found({ find: 'WORKER ioredis' })).toEqual([1])
    expect(found({ find: '10.0.0.1' })).toEqual([1, 10, 11])
    expect(found({ user: 'app', database: '3', command: 'client|list' })).toEqual([2])
    expect(found({ idle: '10' })).toEqual([10, 11])
    expect(found({ idle: '10', kind: 'replica' })).toEqual([10])
    expect(found({ flags: 'Tr' })).toEqual([11])
    expect(found({ node: 'b'.repeat(40) })).toEqual([])
    expect(valuesOf(rows, ({ database }) => database)).toEqual(['0', '3'])
  })

  test('sort by what a column shows', () => {
    const columns = Object.values(clientColumns)
    const order = (sort: string) => sortRows(rows, columns, readSort(columns, sort)).map(({ id }) => id)
    expect(order('-memory')).toEqual([11, 2, 1, 10])
    expect(order('client')).toEqual([1, 2, 10, 11])
    expect(order('library')[0]).toBe(1)
  })

  test('links of nodes and our own connections say what they are', () => {
    expect(rows.map(guardWords)).toEqual([null, null, 'replica', 'Slotscope'])
    expect(guardWords(client(1, { kind: 'migration' }))).toBe('moves slots')
    expect(guardWords(client(1, { kind: 'pubsub' }))).toBe(null)
  })

  test('what came of a kill is told by outcome, with the words of the servers', () => {
    const result = (outcome: KilledClient['outcome'], words: string | null = null): KilledClient => ({
      node: 'a',
      id: 1,
      address: 'x',
      outcome,
      words,
      command: null
    })
    expect(killWords([result('killed'), result('killed'), result('gone'), result('guarded'), result('failed', 'NOPERM x')])).toEqual([
      '2 connections ended.',
      '1 was gone already.',
      '1 was left alone, not having been named.',
      '1 could not be ended: NOPERM x'
    ])
    expect(killWords([result('other')])).toEqual(['1 is another connection now: the node began anew. Nothing was sent.'])
  })

  test('a file has bare figures, and a name that begins a formula is made harmless', () => {
    const file = clientFile(clientRows([client(7, { name: '=cmd()' })], new Map()))
    expect(file.rows[0]).toHaveLength(file.columns.length)
    expect(file.rows[0]?.slice(1, 5)).toEqual(['aaaaaaaa', 7, '10.0.0.7:4000', '=cmd()'])
    expect(csvLine(file.rows[0] ?? [])).toContain("'=cmd()")
  })
})
