import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyStream } from '../../../test/arbitrary-value.ts'
import { describeValue } from '../../hosts/sim/checkers/keyspace-digest.ts'
import { concatBytes } from '../bytes.ts'
import { crc64 } from './crc64.ts'
import { decodeDump, encodeDump } from './dump.ts'

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A payload around hand-made content, with the right checksum. */
function payload(...hex: string[]): Uint8Array {
  const body = fromHex(`${hex.join('')}5000`)
  return concatBytes([body, crc64(body)])
}

function decoded(bytes: Uint8Array): string {
  const result = decodeDump(bytes, { maxStringBytes: 1_000_000 })
  return 'value' in result ? describeValue(result.value) : result.problem
}

// XADD 1-1 f v g 7, 1-2 f w g -300, 2-0 x y, 3 f a g b; XDEL 2-0; group g, of which bob has 1-1 and alice nothing.
const NODE =
  '1000000000000000010000000000000001 4050 500000001f00 0301 0101 0201 816602 816702 0001 0201 0001 0001 817602 0701 0501' +
  '0201 0001 0101 817702 ded402 0501 0101 0101 dfff02 0101 817802 817902 0601 0201 0201 dfff02 816102 816202 0501 ff'
const TOTALS = '03 0300'
const SINCE_7 = '0101 0200 04'
const PENDING = '00000000000000010000000000000001 0068e5cf8b010000 05'
const ALICE = '05616c696365 e1b6f31da2010000'
const BOB = '03626f62 09b7f31da2010000'
const BOBS = '01 00000000000000010000000000000001'
const ENTRIES = '1-1="f","v","g","7" 1-2="f","w","g","-300" 3-0="f","a","g","b"'

describe('[RDB2] streams of a real server are read', () => {
  const NEWEST = `15 01 ${NODE} ${TOTALS} ${SINCE_7} 01 0167 0101 81ffffffffffffffff 01 ${PENDING} 02 ${ALICE} e1b6f31da2010000 00 ${BOB} 09b7f31da2010000 ${BOBS}`

  test('the form of 7.2 and later, and written alike, byte for byte', () => {
    const bytes = payload(NEWEST)
    expect(decoded(bytes)).toBe(`stream 1-1 3-0 2-0 4 ${ENTRIES} group "g" 1-1 -1 1-1 "bob" 5x 1700000000000`)
    const result = decodeDump(bytes, { maxStringBytes: 1_000_000 })
    expect('value' in result && toHex(encodeDump(result.value))).toBe(toHex(bytes))
  })

  test('the form of 7.0, without the time of the last activity', () => {
    expect(decoded(payload(`13 01 ${NODE} ${TOTALS} ${SINCE_7} 01 0167 0101 01 01 ${PENDING} 02 ${ALICE} 00 ${BOB} ${BOBS}`))).toBe(
      `stream 1-1 3-0 2-0 4 ${ENTRIES} group "g" 1-1 1 1-1 "bob" 5x 1700000000000`
    )
  })

  test('the form before 7.0: the first id is looked up, what was added and read is counted', () => {
    expect(decoded(payload(`0f 01 ${NODE} ${TOTALS} 01 0167 0101 01 ${PENDING} 02 ${ALICE} 00 ${BOB} ${BOBS}`))).toBe(
      `stream 1-1 3-0 0-0 3 ${ENTRIES} group "g" 1-1 1 1-1 "bob" 5x 1700000000000`
    )
  })

  test('a stream without entries', () => {
    expect(decoded(fromHex('150000050500000000010050002ddd7e5d2716522a'))).toBe('stream 0-0 5-5 0-0 1')
  })
})

describe('[RDB4] what makes no stream is refused', () => {
  const good = (node: string, totals = TOTALS, groups = '00') => payload(`15 01 ${node} ${totals} ${SINCE_7} ${groups}`)
  const node = NODE.replaceAll(' ', '')

  test.each([
    ['an entry that says it has fewer elements', node.replace('816102 816202 0501'.replaceAll(' ', ''), '8161028162020401')],
    ['a count that is not that of the entries', node.replace('1f000301', '1f000401')],
    ['as many names as no memory holds', node.replace('010102018166', '0101dfff028166')],
    ['a key of another length', node.replace(/^10/, '0f')],
    ['entries before the node', node.replace(/^(10)(.{32})/, '$1ffffffffffffffffffffffffffffffff')]
  ])('%s', (_, damaged) => {
    expect(damaged).not.toBe(node)
    expect(decoded(good(damaged))).toBe('format')
  })

  test.each([
    ['another length than its nodes', good(node, '04 0300')],
    ['entries behind the last id', good(node, '03 0200')],
    ['a node twice', payload(`15 02 ${NODE} ${NODE} ${TOTALS} ${SINCE_7} 00`)],
    ['a group twice', good(node, TOTALS, '02 0167 0000 00 00 00 0167 0000 00 00 00')],
    ['a pending entry of nobody', good(node, TOTALS, `01 0167 0101 00 01 ${PENDING} 00`)],
    ['a pending entry twice', good(node, TOTALS, `01 0167 0101 00 02 ${PENDING} ${PENDING} 00`)],
    [
      'a pending entry of two',
      good(node, TOTALS, `01 0167 0101 00 01 ${PENDING} 02 ${ALICE} ff00000000000000 ${BOBS} ${BOB} ff00000000000000 ${BOBS}`)
    ],
    ['a consumer who owns what is not pending', good(node, TOTALS, `01 0167 0101 00 00 01 ${BOB} ff00000000000000 ${BOBS}`)],
    ['more nodes than there are bytes', payload(`15 81 00ffffffffffffff ${NODE}`)],
    ['more groups than there are bytes', good(node, TOTALS, '81 00ffffffffffffff')]
  ])('%s', (_, bytes) => {
    expect(decoded(bytes)).toBe('format')
  })

  test('the payload around these is good', () => {
    expect(decoded(good(node))).toMatch(/^stream/)
  })
})

test('[RDB3] a stream comes back with all that no reply tells, byte for byte', () => {
  fc.assert(
    fc.property(anyStream, (stream) => {
      const bytes = encodeDump(stream)
      const result = decodeDump(bytes, { maxStringBytes: 1_000_000 })
      expect('value' in result && toHex(encodeDump(result.value))).toBe(toHex(bytes))
      expect(toHex(encodeDump(stream.copy()))).toBe(toHex(bytes))
    }),
    { numRuns: 300 }
  )
})
