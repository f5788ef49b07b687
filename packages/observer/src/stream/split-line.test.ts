import { describe, expect, test } from 'vitest'
import { decodeUtf8 } from '../bytes.ts'
import { splitLine } from './split-line.ts'

const words = (line: string) => {
  const split = splitLine(line)
  return 'argv' in split ? split.argv.map(decodeUtf8) : split
}

describe('a typed line becomes arguments as valkey-cli makes them', () => {
  test.each([
    ['', []],
    [' \t ', []],
    ['SET key value', ['SET', 'key', 'value']],
    ['  SET\tkey  value \n', ['SET', 'key', 'value']],
    ['SET "a key" \'a value\'', ['SET', 'a key', 'a value']],
    ['SET "" \'\'', ['SET', '', '']],
    ['"a\\nb\\r\\t\\"\\\\c"', ['a\nb\r\t"\\c']],
    ["'a\\nb\\'c'", ["a\\nb'c"]],
    ['a\\nb', ['a\\nb']],
    ['"\\q"', ['q']],
    ['ab"c d"', ['abc d']],
    ['"a"b "" ""x', ['ab', '', 'x']],
    ['\'a b\'"c"\\x', ['a bc\\x']],
    ['"it\'s"', ["it's"]],
    ['é "ß 🙂"', ['é', 'ß 🙂']],
    ['"\\x41\\x4"', ['Ax4']]
  ])('%j', (line, argv) => expect(words(line)).toEqual(argv))

  test('\\xHH is one byte, not a character', () => {
    const split = splitLine('"\\xff\\x00\\xC3"')
    expect('argv' in split && [...(split.argv[0] ?? [])]).toEqual([0xff, 0x00, 0xc3])
  })

  test.each([
    ['SET "a', 'unbalanced-quote', 4],
    ["'a", 'unbalanced-quote', 0],
    ['"a\\"', 'unbalanced-quote', 0],
    ['ab""c "d', 'unbalanced-quote', 6]
  ])('%j is refused: %s', (line, problem, at) => expect(splitLine(line)).toEqual({ problem, at }))
})
