import { describe, expect, test } from 'vitest'
import { latin1Bytes, latin1Text } from '../../bytes.ts'
import { StringValue } from './string.ts'

const bytes = latin1Bytes

describe('[TYPE9] a string is bytes', () => {
  test('written anywhere, with zeros in a gap', () => {
    const value = new StringValue(bytes('abc'))
    value.write(5, bytes('xy'))
    expect(latin1Text(value.bytes)).toBe('abc\0\0xy')
    value.write(1, bytes('Z'))
    expect(latin1Text(value.bytes)).toBe('aZc\0\0xy')
    expect(value.length).toBe(7)
  })

  test('a hundred thousand appends of one byte', () => {
    const value = new StringValue()
    for (let i = 0; i < 100_000; i++) value.write(value.length, bytes(String(i % 10)))
    expect(value.length).toBe(100_000)
    expect(latin1Text(value.bytes.subarray(99_990))).toBe('0123456789')
  })

  test('a copy shares nothing', () => {
    const value = new StringValue(bytes('abc'))
    const copy = value.copy()
    value.write(0, bytes('X'))
    expect(latin1Text(copy.bytes)).toBe('abc')
  })

  test('what stood behind the end before does not come back', () => {
    const value = new StringValue(bytes('abcdef'))
    value.replace(bytes('x'))
    value.write(3, bytes('y'))
    expect(latin1Text(value.bytes)).toBe('x\0\0y')
  })
})

describe('[TYPE10] the form of a string', () => {
  test.each([
    ['123', 'int'],
    ['-9223372036854775808', 'int'],
    ['9223372036854775808', 'embstr'],
    ['01', 'embstr'],
    ['', 'embstr'],
    ['v'.repeat(112), 'embstr'],
    ['v'.repeat(113), 'raw']
  ])('%s', (content, form) => {
    expect(new StringValue(bytes(content)).encodingUnder(bytes('k'), false)).toBe(form)
  })

  test('a value edited in place is raw until it is replaced', () => {
    const value = new StringValue(bytes('12'))
    value.write(2, bytes('3'))
    expect(value.encodingUnder(bytes('k'), false)).toBe('raw')
    value.replace(latin1Bytes('124'))
    expect(value.encodingUnder(bytes('k'), false)).toBe('int')
    value.replaceWithText(bytes('125'))
    expect(value.encodingUnder(bytes('k'), false)).toBe('embstr')
  })
})
