import type { CommandLogAnswer, LoggingNode } from '@slotscope/observer/stream'
import { csvLine } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { limitGroups, logFile, logRows, microsecondWords, valueWords } from './log-rows.ts'

const word = (text: string) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
const node = (id: string, change: Partial<LoggingNode> = {}): LoggingNode => ({
  node: id,
  atMs: 1,
  error: null,
  threshold: 10_000,
  mostEntries: 128,
  isCut: false,
  ...change
})
const answer: CommandLogAnswer = {
  kind: 'slow',
  nodes: [node('a'), node('b')],
  entries: [
    {
      node: 'a',
      id: 2,
      atMs: 2_000,
      value: 12_345,
      arguments: ['SET', 'a "b"', '\xff\x00', ''].map(word),
      address: '10.0.0.1:1',
      clientName: 'worker'
    },
    { node: 'b', id: 1, atMs: 1_000, value: 99, arguments: [word('=KEYS'), word('*')], address: null, clientName: null }
  ]
}
const names = new Map([
  ['a', 'node-1'],
  ['b', 'node-2']
])

describe('logs of commands', () => {
  test('each command is one line, whatever its bytes are', () => {
    expect(logRows(answer, names, '').map(({ line }) => line)).toEqual(['SET "a \\"b\\"" \\xff\\x00 ""', '=KEYS *'])
    expect(logRows(answer, names, 'WORKER node-1')).toHaveLength(1)
    expect(logRows(answer, names, 'keys node-1')).toHaveLength(0)
  })

  test('times and sizes have three figures and a unit', () => {
    expect([812, 12_345, 1_423_000, 0.5, null].map(microsecondWords)).toEqual(['812 µs', '12.3 ms', '1.42 s', '0.5 µs', '–'])
    expect(valueWords('large-reply', 1_048_576)).toBe('1.00 MiB')
  })

  test('what is written down is told once where nodes agree, by node where they do not', () => {
    expect(limitGroups('slow', answer.nodes, names)).toEqual([
      { words: 'what takes 10 ms or longer, the last 128 entries kept', nodes: null }
    ])
    expect(limitGroups('large-reply', [node('a', { threshold: -1 }), node('b'), node('c')], names)).toEqual([
      { words: 'what is larger than 9.77 KiB, the last 128 entries kept', nodes: ['c', 'node-2'] },
      { words: 'nothing is written down', nodes: ['node-1'] }
    ])
    expect(limitGroups('slow', [node('a', { threshold: 0, mostEntries: 1 })], names)[0]?.words).toBe('every command, the last 1 entry kept')
    expect(limitGroups('slow', [node('a', { threshold: null })], names)).toEqual([])
  })

  test('a file names the unit, and a command that begins a formula is made harmless', () => {
    const file = logFile('slow', logRows(answer, names, ''))
    expect(file.columns[4]).toBe('microseconds')
    expect(file.rows[1]).toEqual(['1970-01-01T00:00:01.000Z', 'b', 'node-2', 1, 99, '=KEYS *', null, null])
    expect(csvLine(file.rows[1] ?? [])).toContain("'=KEYS *")
  })
})
