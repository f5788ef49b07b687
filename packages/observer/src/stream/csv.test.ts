import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvLine } from './csv.ts'

describe('a table as a file', () => {
  test('cells with commas, quotes and line ends are quoted', () => {
    expect(csvLine(['a', 'b,c', 'say "so"', 'two\nlines', null, undefined, 7, -5, 2n ** 60n, true])).toBe(
      'a,"b,c","say ""so""","two\nlines",,,7,-5,1152921504606846976,true\r\n'
    )
  })

  test.each([
    ['=1+1'],
    ['+1'],
    ['-1'],
    ['@SUM(A1)'],
    ['\t=1'],
    ['\r=1'],
    ['\n=1'],
    ['  =cmd|x'],
    ['\u200b=1'],
    ['\ufeff-1'],
    ['\uff1d1'],
    ['\uff20x']
  ])('[T7] %j is no formula in a spreadsheet', (text) => {
    expect(csvLine([text])).toMatch(/^"?'/)
  })

  test('what is quoted is read back, and nothing ends a cell or a line from inside', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (cells) => {
        const read = [...csvLine(cells).matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)].map(
          ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? ''
        )
        expect(read.map((cell, index) => (cell === `'${cells[index]}` ? cells[index] : cell))).toEqual(cells)
        for (const cell of read) expect(cell).not.toMatch(/^[=+\-@]/)
      })
    )
  })
})
