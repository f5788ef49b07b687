import type { PortableKey } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { endLine, headLine, keyFileName, keyLines, readKeyLine } from './key-file.ts'

const head = { cluster: 'main', database: 2, valkeyVersion: '9.1.2', atMs: 5 }
const items: PortableKey[] = [
  { key: 'YQ', type: 'string', deadlineMs: null, dump: 'AAA' },
  { key: '', type: 'hash', deadlineMs: 9, value: { type: 'hash', items: [{ field: 'Zg', value: 'dg', deadlineMs: 8 }] } }
]

test('what is written is read', () => {
  const lines = `${headLine(head)}${keyLines(items)}${endLine(2)}`.trimEnd().split('\n')
  expect(lines.map((line, index) => readKeyLine(line, index + 1))).toEqual([
    { kind: 'head', head: { slotscope: 'keys', version: 1, ...head } },
    ...items.map((item) => ({ kind: 'key', item })),
    { kind: 'end', keys: 2 }
  ])
})

test('another file, a newer one and a torn line are refused in words', () => {
  expect(() => readKeyLine('{"slotscope":"recording"}', 1)).toThrow('no file of keys')
  expect(() => readKeyLine('{"slotscope":"keys","version":2}', 1)).toThrow('version 2')
  expect(() => readKeyLine('{"key":"YQ","ty', 7)).toThrow('Line 7')
  expect(() => readKeyLine('[]', 7)).toThrow('Line 7')
})

test('the name of a file says where it comes from', () => {
  expect(keyFileName('Main / eu', 3, Date.UTC(2026, 10, 27, 10, 15, 0))).toBe('Main-eu-db3-2026-11-27-101500.keys.jsonl')
})
