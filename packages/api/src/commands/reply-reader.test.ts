import type { CommandReply } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { ReplyReader } from './reply-reader.ts'

const b64 = (text: string) => Buffer.from(text).toString('base64url')
const read = (wire: string, mostBytes = 1_000_000, chunk = wire.length): CommandReply | undefined => {
  const reader = new ReplyReader(mostBytes)
  const bytes = Buffer.from(wire, 'latin1')
  for (let at = 0; at < bytes.length; at += chunk) {
    const reply = reader.push(bytes.subarray(at, at + chunk))
    if (reply !== undefined) return at + chunk >= bytes.length ? reply : undefined
  }
  return undefined
}

type List = { readonly type: string; readonly size: number; readonly items: readonly CommandReply[] }
const nested = '*3\r\n$1\r\na\r\n%1\r\n+k\r\n~2\r\n:1\r\n,1.5\r\n*0\r\n'

describe('a reply keeps its types', () => {
  test.each([
    ['+OK\r\n', { type: 'status', text: 'OK' }],
    ['-ERR no\r\n', { type: 'error', message: 'ERR no' }],
    ['!7\r\nERR a\r\n\r\n', { type: 'error', message: 'ERR a\r\n' }],
    [':-9223372036854775808\r\n', { type: 'integer', value: '-9223372036854775808' }],
    [',inf\r\n', { type: 'double', value: 'inf' }],
    ['(3492890328409238509324850943850943825024385\r\n', { type: 'big-number', value: '3492890328409238509324850943850943825024385' }],
    ['#t\r\n', { type: 'boolean', value: true }],
    ['_\r\n', { type: 'null' }],
    ['$-1\r\n', { type: 'null' }],
    ['*-1\r\n', { type: 'null' }],
    ['$0\r\n\r\n', { type: 'bytes', bytes: '', size: 0 }],
    ['$4\r\na\r\nb\r\n', { type: 'bytes', bytes: b64('a\r\nb'), size: 4 }],
    ['=8\r\ntxt:some\r\n', { type: 'verbatim', format: 'txt', bytes: b64('some'), size: 4 }],
    ['%0\r\n', { type: 'map', entries: [], size: 0 }],
    ['|1\r\n+ttl\r\n:5\r\n+OK\r\n', { type: 'status', text: 'OK' }],
    [
      nested,
      {
        type: 'array',
        size: 3,
        items: [
          { type: 'bytes', bytes: b64('a'), size: 1 },
          {
            type: 'map',
            size: 1,
            entries: [
              [
                { type: 'status', text: 'k' },
                {
                  type: 'set',
                  size: 2,
                  items: [
                    { type: 'integer', value: '1' },
                    { type: 'double', value: '1.5' }
                  ]
                }
              ]
            ]
          },
          { type: 'array', size: 0, items: [] }
        ]
      }
    ]
  ])('%j', (wire, reply) => {
    for (const chunk of [wire.length, 1, 3]) expect(read(wire, 1_000_000, chunk)).toEqual(reply)
  })
})

describe('[T17] what is kept of a reply is bounded, whatever comes', () => {
  test('a long text loses its tail and says its size', () => {
    const reply = read(`$1000000\r\n${'x'.repeat(1_000_000)}\r\n`, 1_000, 4_096)
    expect(reply).toMatchObject({ type: 'bytes', size: 1_000_000 })
    expect((reply as { bytes: string }).bytes.length).toBeLessThan(1_400)
  })
  test('a long list keeps its first elements, and none with a gap before it', () => {
    const reply = read(`*10000\r\n${Array.from({ length: 10_000 }, (_, index) => `:${index}\r\n`).join('')}`, 1_000, 500)
    const { items, size } = reply as List
    expect(size).toBe(10_000)
    expect(items.length).toBeLessThan(100)
    expect(items).toEqual(items.map((_, index) => ({ type: 'integer', value: String(index) })))
  })
  test('lists in a list that was cut are read to their end', () => {
    const row = '*2\r\n$5\r\nhello\r\n%1\r\n+a\r\n+b\r\n'
    const reply = read(`*1000\r\n${row.repeat(1_000)}`, 500, 7) as List
    expect([reply.type, reply.size, reply.items.length > 0, reply.items.length < 20]).toEqual(['array', 1_000, true, true])
  })
  test.each([
    ['garbage', 'what?\r\n'],
    ['a length that is none', '$abc\r\n'],
    ['a list of so many', '*99999999999999999999\r\n'],
    ['lists in lists', '*1\r\n'.repeat(1_000)],
    ['a line without an end', `+${'x'.repeat(1_100_000)}`]
  ])('%s is refused', (_, wire) => expect(() => read(wire)).toThrow('the server sent'))
})
