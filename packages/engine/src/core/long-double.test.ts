import { describe, expect, test } from 'vitest'
import { latin1Bytes } from './bytes.ts'
import { addLongDouble, formatLongDouble, type LongDouble, parseLongDouble } from './long-double.ts'

const parse = (text: string) => parseLongDouble(latin1Bytes(text))

function add(a: string, b: string): string | undefined {
  const sum = addLongDouble(parse(a) as LongDouble, parse(b) as LongDouble)
  return sum && formatLongDouble(sum)
}

describe('[TYPE12] INCRBYFLOAT counts with 64 bits of mantissa', () => {
  test.each([
    ['0.1', '0.2', '0.3'],
    ['10.50', '0.1', '10.6'],
    ['5.0e3', '2.0e2', '5200'],
    ['1', '-1', '0'],
    ['-0', '0', '0'],
    ['3', '1.000000000000000005', '4.00000000000000001'],
    ['18446744073709551615', '0', '18446744073709551615'],
    ['18446744073709551617', '0', '18446744073709551616'],
    ['1e-17', '0', '0.00000000000000001'],
    ['1e-30', '0', '0'],
    ['0x10', '0x.8p1', '17'],
    ['.5', '5.', '5.5']
  ])('%s + %s', (a, b, sum) => {
    expect(add(a, b)).toBe(sum)
  })

  test.each(['', ' 1', '1 ', '1x', '0x', 'e5', '.', 'nan', '1e5000', '1e-5000', '1e99999999999', '--1', '1,5', `${'1'.repeat(6000)}`])(
    '%j is no number',
    (text) => {
      expect(parse(text)).toBeUndefined()
    }
  )

  test('infinities are read but add up to nothing finite', () => {
    expect([parse('inf'), parse('-INFINITY')]).toEqual(['inf', '-inf'])
    expect(addLongDouble('inf', parse('1') as LongDouble)).toBeUndefined()
    expect(add('1e4932', '1e4932')).toBeUndefined()
  })
})
