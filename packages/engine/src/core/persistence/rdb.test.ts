import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyBytes, anyValue } from '../../../test/arbitrary-value.ts'
import { describeValue } from '../../hosts/sim/checkers/keyspace-digest.ts'
import { ByteBuffer } from '../byte-buffer.ts'
import { concatBytes, latin1Bytes, latin1Text } from '../bytes.ts'
import { type Holding, NEVER } from '../keyspace/entry.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { StringValue } from '../keyspace/values/string.ts'
import { crc64 } from './crc64.ts'
import { RdbReader } from './rdb-reader.ts'
import { RdbWriter } from './rdb-writer.ts'

const limits = { maxStringBytes: 1_000_000 }
const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

/** A file around hand-made content, with the right checksum. */
function file(...hex: string[]): Uint8Array {
  const content = concatBytes([latin1Bytes('VALKEY080'), ...hex.map(fromHex), fromHex('ff')])
  return concatBytes([content, crc64(content)])
}

/** All that is read from bytes that come in pieces of `size`, a line for each item. */
function read(bytes: Uint8Array, size = bytes.length || 1): string[] {
  const reader = new RdbReader(limits)
  const lines: string[] = []
  for (let at = 0; at < Math.max(bytes.length, 1); at += size) {
    const piece = bytes.slice(at, at + size)
    reader.push(piece)
    for (;;) {
      const item = reader.next()
      if (item.kind === 'more') break
      switch (item.kind) {
        case 'auxiliary':
          lines.push(`aux ${item.name}=${latin1Text(item.value)}`)
          break
        case 'database':
          lines.push(`db ${item.index}`)
          break
        case 'key':
          lines.push(`key ${latin1Text(item.key)} ${item.deadlineMs} ${describeValue(item.value)}`)
          break
        case 'slotImport':
          lines.push(`import ${item.job} ${item.ranges.join(' ')}`)
          break
        case 'problem':
          lines.push(`problem at ${item.offset}: ${item.text}`)
          return lines
        case 'end':
          lines.push('end')
          return lines
        default:
          lines.push(item.kind)
      }
    }
    reader.keep()
    // What was pushed is the giver's again.
    piece.fill(0xaa)
  }
  return [...lines, 'more']
}

/** What a writer makes of keys, and the lines that reading it should give. */
function written(
  keys: readonly { readonly database: number; readonly key: Uint8Array; readonly entry: Holding }[]
): [Uint8Array, string[]] {
  const writer = new RdbWriter()
  const out = new ByteBuffer()
  const lines: string[] = ['aux valkey-ver=9.1.0', `import ${'a'.repeat(40)} 5,9 100,16383`]
  writer.auxiliary('valkey-ver', '9.1.0')
  writer.slotImport('a'.repeat(40), [
    [5, 9],
    [100, 16_383]
  ])
  let database = -1
  for (const { database: index, key, entry } of keys) {
    writer.key(index, key, entry)
    if (index !== database) lines.push(`db ${index}`)
    database = index
    lines.push(`key ${latin1Text(key)} ${entry.deadlineMs} ${describeValue(entry.value)}`)
    if (writer.pending > 100) writer.take(out)
  }
  writer.end()
  writer.take(out)
  return [out.copy(), [...lines, 'end']]
}

const anyKey = fc.record({
  database: fc.nat(20_000),
  key: anyBytes,
  entry: fc.record({ value: anyValue, deadlineMs: fc.oneof(fc.constant(NEVER), fc.integer({ min: 0, max: 2 ** 45 })) })
})

test('[RDB3] a file gives back what was written, whatever the pieces it arrives in', () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 8 }), fc.integer({ min: 1, max: 200 }), (keys, size) => {
      const [bytes, lines] = written(keys)
      expect(read(bytes)).toEqual(lines)
      expect(read(bytes, size)).toEqual(lines)
    }),
    { numRuns: 150 }
  )
})

describe('[RDB4] damage', () => {
  const hash = new HashValue()
  hash.set(latin1Bytes('f'), latin1Bytes('v'), 5)
  const [sample] = written([
    { database: 0, key: latin1Bytes('a'), entry: { value: new StringValue(latin1Bytes('x'.repeat(70))), deadlineMs: 12 } },
    { database: 3, key: latin1Bytes('b'), entry: { value: hash, deadlineMs: NEVER } }
  ])

  test('every byte of a file flipped, in each of its bits: a problem, or waiting for bytes that never come', () => {
    for (let at = 0; at < sample.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = sample.slice()
        ;(bytes[at] as number) ^= 1 << bit
        expect(read(bytes, 13).at(-1), `byte ${at}, bit ${bit}`).toMatch(/^(problem at \d+: .|more$)/)
      }
    }
  })

  test('random bytes after a right beginning never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        expect(read(concatBytes([latin1Bytes('VALKEY080'), bytes]), 50).at(-1)).toMatch(/^(problem at \d+: .|more$|end$)/)
      }),
      { numRuns: 2000 }
    )
  })

  test('a checksum of zeros is no checksum, a wrong one is a problem', () => {
    const none = sample.slice()
    none.fill(0, none.length - 8)
    expect(read(none).at(-1)).toBe('end')
    const wrong = sample.slice()
    ;(wrong[wrong.length - 1] as number) ^= 1
    expect(read(wrong).at(-1)).toBe(`problem at ${sample.length - 8}: wrong checksum`)
  })

  const refused: [what: string, hex: string, problem: string][] = [
    ['a node of a stream without entries', '15 01 61 01 01 31 01 32', 'problem at 13: damaged node of a stream'],
    ['a module', '07 01 61 01', 'problem at 9: value type 7 (module) is not supported'],
    ['a ziplist', '0d 01 61 01', 'problem at 9: value type 13 (hash as ziplist, of servers before 7.0) is not supported'],
    ['an unknown type', '63 01 61 01', 'problem at 9: unknown value type 99'],
    ['a member twice', '02 01 61 02 01 62 01 62', 'problem at 15: a set names a member twice'],
    ['a field twice', '04 01 61 02 01 62 01 62 01 62 01 62', 'problem at 17: a hash names a field twice'],
    ['a score that is no number', '05 01 61 01 01 62 000000000000f87f', 'problem at 13: a score is not a number'],
    ['a field with a deadline of -2', '16 01 61 01 01 66 01 76 feffffffffffffff', 'problem at 13: a field has a negative deadline'],
    ['an odd listpack of pairs', '10 01 61 0a 0a0000000100 816102 ff', 'problem at 12: a listpack of pairs has an odd number of elements'],
    ['a listpack with a false length', '14 01 61 0a 0b0000000100 816102 ff', 'problem at 12: damaged listpack'],
    ['an intset out of order', '0b 01 61 0c 02000000 02000000 0200 0100', 'problem at 12: damaged intset'],
    ['a string beyond the limit', '00 01 61 80 10000000', 'problem at 12: a string of 268435456 bytes is beyond the limit of 1000000'],
    ['a length beyond 2^53', '00 01 61 81 ffffffffffffffff', 'problem at 12: a length beyond 2^53'],
    ['an LZF string that claims too much', '00 01 61 c3 04 5000 00 61 00 00', 'problem at 12: damaged LZF string'],
    [
      'an import of slots beyond the last',
      `f3 28 ${'61'.repeat(40)} 01 01 8000004000`,
      'problem at 9: an import of slots that do not exist'
    ]
  ]
  test.each(refused)('%s', (_, hex, problem) => {
    expect(read(file(hex)).at(-1)).toBe(problem)
  })

  test('another magic word or version', () => {
    expect(read(latin1Bytes('VALKEY081'))).toEqual(['problem at 0: RDB version 81 is not supported'])
    expect(read(latin1Bytes('REDIS0012'))).toEqual(['problem at 0: RDB version 12 is not supported'])
    expect(read(latin1Bytes('HTTP/1.1 '))).toEqual(['problem at 0: wrong signature at the start of the RDB'])
    expect(read(latin1Bytes('REDIS0011'))).toEqual(['more'])
  })
})

describe('[RDB2] what other servers write', () => {
  test('opcodes that carry nothing for us are passed over', () => {
    const lines = read(
      file(
        'fa 03 666f6f 03 626172',
        'fe 02',
        'fb 01 01',
        'fa 09 736c6f742d696e666f 0a 353436312c312c302c30',
        'f4 01 02 03',
        'fd 0a000000 f8 05 f9 07 00 01 61 01 62'
      )
    )
    expect(lines).toEqual(['aux foo=bar', 'db 2', 'sizes', 'aux slot-info=5461,1,0,0', 'key a 10000 string "b"', 'end'])
  })

  test('a deadline belongs to one key only', () => {
    expect(read(file('fc 0a00000000000000 00 01 61 01 62', '00 01 63 01 64'))).toEqual([
      'key a 10 string "b"',
      'key c Infinity string "d"',
      'end'
    ])
  })

  test('the sorted set of old, with its scores as text', () => {
    expect(read(file('03 01 7a 04 01 61 03 312e35 01 62 fe 01 63 ff 01 64 02 2d32'))).toEqual([
      'key z Infinity zset "c"=-Infinity "d"=-2 "a"=1.5 "b"=Infinity',
      'end'
    ])
  })

  test('a list of plain and packed nodes', () => {
    expect(read(file('12 01 6c 02 01 02 6869 02 0c 0c0000000200 816102 0101 ff'))).toEqual(['key l Infinity list "hi" "a" "1"', 'end'])
  })

  test('an empty collection is named and is no key', () => {
    expect(read(file('04 01 68 00'))).toEqual(['emptyKey', 'end'])
  })

  test('a listpack of every integer width and string length', () => {
    const entries = [
      '7f 01',
      'c080 02',
      'df ff 02',
      'f1 0080 03',
      'f2 ffff7f 04',
      'f2 000080 04',
      'f3 00000080 05',
      'f4 0000000000000080 09',
      '80 01',
      `e0 40 ${'62'.repeat(64)} 42`,
      `f0 02000000 6363 07`
    ]
    const body = entries.join(' ').replaceAll(' ', '')
    const total = 7 + body.length / 2
    const pack = `${total.toString(16).padStart(2, '0')}000000 ffff ${body} ff`
    const [line] = read(file('14 01 73', `40 ${total.toString(16).padStart(2, '0')}`, pack))
    const members = ['127', '128', '-1', '-32768', '8388607', '-8388608', '-2147483648', '-9223372036854775808', '', 'b'.repeat(64), 'cc']
    expect(line).toBe(
      `key s Infinity set ${members
        .map((member) => JSON.stringify(member))
        .sort()
        .join(' ')}`
    )
  })
})
