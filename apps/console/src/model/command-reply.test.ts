import type { CommandReply } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { toBase64Url } from './bytes.ts'
import { replyText } from './command-reply.ts'

const bytes = (text: string, size = text.length): CommandReply => ({
  type: 'bytes',
  bytes: toBase64Url(new TextEncoder().encode(text)),
  size
})
const integer = (value: number): CommandReply => ({ type: 'integer', value: String(value) })

describe('a reply as text', () => {
  test.each<[CommandReply, string]>([
    [{ type: 'status', text: 'OK' }, 'OK'],
    [{ type: 'error', message: 'ERR no' }, '(error) ERR no'],
    [integer(-3), '(integer) -3'],
    [{ type: 'double', value: '1.5' }, '(double) 1.5'],
    [{ type: 'big-number', value: '12' }, '(big number) 12'],
    [{ type: 'boolean', value: false }, '(false)'],
    [{ type: 'null' }, '(nil)'],
    [bytes('a "b"\n'), '"a \\"b\\"\\n"'],
    [bytes('# Server\r\nvalkey_version:9.1\r\n'), '# Server\nvalkey_version:9.1'],
    [bytes('abc', 3_000), '"abc"\n(cut: 3 of 3,000 bytes)'],
    [{ type: 'verbatim', format: 'txt', bytes: toBase64Url(new TextEncoder().encode('one\ntwo\n')), size: 8 }, 'one\ntwo'],
    [{ type: 'array', items: [], size: 0 }, '(empty array)'],
    [{ type: 'set', items: [bytes('a')], size: 1 }, '1~ "a"'],
    [
      { type: 'array', items: [integer(1), { type: 'array', items: [integer(2), integer(3)], size: 2 }], size: 2 },
      '1) (integer) 1\n2) 1) (integer) 2\n   2) (integer) 3'
    ],
    [{ type: 'array', items: [integer(1)], size: 10 }, ' 1) (integer) 1\n(cut: 1 of 10 elements)'],
    [
      {
        type: 'map',
        size: 2,
        entries: [
          [bytes('a'), integer(1)],
          [bytes('b'), { type: 'array', items: [integer(2), integer(3)], size: 2 }]
        ]
      },
      '1# "a" => (integer) 1\n2# "b" =>\n      1) (integer) 2\n      2) (integer) 3'
    ]
  ])('%j', (reply, text) => expect(replyText(reply)).toBe(text))

  test('bytes that are no text are escaped', () => {
    expect(replyText({ type: 'bytes', bytes: toBase64Url(Uint8Array.of(0xff, 0x0d, 0x0a)), size: 3 })).toBe('"\\xff\\x0d\\x0a"')
  })
})
