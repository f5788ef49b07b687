import { describe, expect, test } from 'vitest'
import { bestForm, hexDump, indentedJson, plainText } from './value-text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('a value as text', () => {
  test('text is UTF-8 without control characters', () => {
    expect(plainText(bytes('Grüße\n☕'))).toBe('Grüße\n☕')
    expect(plainText(Uint8Array.of(0x61, 0xff))).toBeNull()
    expect(plainText(bytes('a\u0000b'))).toBeNull()
  })

  test('JSON is indented without touching a letter of its strings and numbers', () => {
    expect(indentedJson(bytes('{"a":[1,{"b":"x, {y}: \\"z\\""}],"n":12345678901234567890,"e":{},"l":[ ]}'))).toBe(
      [
        '{',
        '  "a": [',
        '    1,',
        '    {',
        '      "b": "x, {y}: \\"z\\""',
        '    }',
        '  ],',
        '  "n": 12345678901234567890,',
        '  "e": {},',
        '  "l": []',
        '}'
      ].join('\n')
    )
  })

  test('what is not JSON is not called so', () => {
    expect(indentedJson(bytes('{a: 1}'))).toBeNull()
    expect(indentedJson(bytes('hello'))).toBeNull()
  })

  test('the form that fits: JSON for structures, text for words and numbers, hex for bytes', () => {
    expect(bestForm(bytes('[1]'))).toBe('json')
    expect(bestForm(bytes('42'))).toBe('text')
    expect(bestForm(Uint8Array.of(1, 2))).toBe('hex')
  })

  test('a dump of 16 and of 8 bytes a row', () => {
    const sample = Uint8Array.from({ length: 18 }, (_, index) => 0x40 + index)
    expect(hexDump(sample, 16)).toBe(
      [
        '00000000  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO',
        `00000010  50 51${' '.repeat(18)}  ${' '.repeat(23)}  PQ`
      ].join('\n')
    )
    expect(hexDump(sample.subarray(0, 9), 8)).toBe(
      ['000000  40 41 42 43 44 45 46 47  @ABCDEFG', `000008  48${' '.repeat(21)}  H`].join('\n')
    )
  })
})
