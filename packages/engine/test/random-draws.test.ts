import { describe, expect, test } from 'vitest'
import { CommandLine } from './command-line.ts'

const COMMANDS = [
  ['SRANDMEMBER', 'SADD', (member: string) => [member]],
  ['HRANDFIELD', 'HSET', (member: string) => [member, 'v']],
  ['ZRANDMEMBER', 'ZADD', (member: string) => ['1', member]]
] as const

describe('[TYPE14] random members', () => {
  describe.each(COMMANDS)('%s', (draw, add, parts) => {
    function filled(size: number): CommandLine {
      const line = new CommandLine()
      line.call([add, 'k', ...Array.from({ length: size }, (_, index) => parts(`m${index}`)).flat()])
      return line
    }

    test.each([5, 300])('are different ones, as many as asked for, of %i', (size) => {
      const line = filled(size)
      for (const count of [1, 2, Math.floor(size / 2), size - 1, size, size + 10]) {
        const drawn = line.run(`${draw} k ${count}`) as string[]
        expect(new Set(drawn).size).toBe(Math.min(count, size))
        expect(drawn.length).toBe(Math.min(count, size))
      }
    })

    test('repeat when the count is negative, and each is drawn now and then', () => {
      const line = filled(4)
      const drawn = line.run(`${draw} k -400`) as string[]
      expect(drawn.length).toBe(400)
      const counts = new Map<string, number>()
      for (const member of drawn) counts.set(member, (counts.get(member) ?? 0) + 1)
      expect([...counts.keys()].sort()).toEqual(['m0', 'm1', 'm2', 'm3'])
      expect(Math.min(...counts.values())).toBeGreaterThan(50)
    })

    test('one alone, or none', () => {
      const line = filled(4)
      expect(line.run(`${draw} k`)).toMatch(/^m[0-3]$/)
      expect([line.run(`${draw} nokey`), line.run(`${draw} nokey 5`), line.run(`${draw} k 0`)]).toEqual([null, [], []])
    })

    test('[TYPE15] so many repetitions that they cannot be sent are refused', () => {
      const line = filled(2)
      expect(line.run(`${draw} k -9223372036854775807`)).toBe('-ERR value is out of range')
      expect(line.run(`${draw} k -9223372036854775808`)).toBe(
        '-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807'
      )
      const long = new CommandLine()
      long.call([add, 'k', ...parts('x'.repeat(100_000))])
      expect(long.run(`${draw} k -1000`)).toBe('-ERR value is out of range')
      expect(long.run('PING')).toBe('PONG')
    })
  })

  test('SPOP takes what it gives, and a replica is told which', () => {
    const line = new CommandLine()
    line.call(['SADD', 'k', ...Array.from({ length: 100 }, (_, index) => `m${index}`)])
    const popped = line.run('SPOP k 30') as string[]
    expect(line.stream()).toEqual([`SREM k ${popped.join(' ')}`])
    expect([new Set(popped).size, line.run('SCARD k'), line.run(`SISMEMBER k ${popped[0]}`)]).toEqual([30, 70, 0])
    const one = line.run('SPOP k')
    expect(line.stream()).toEqual([`SREM k ${one}`])
    expect((line.run('SPOP k 1000') as string[]).length).toBe(69)
    expect([line.stream(), line.events(), line.run('EXISTS k')]).toEqual([['UNLINK k'], ['spop k', 'del k'], 0])
  })

  test('a replica of a large SPOP gets it in pieces', () => {
    const line = new CommandLine()
    line.call(['SADD', 'k', ...Array.from({ length: 3000 }, (_, index) => `m${index}`)])
    line.run('SPOP k 2500')
    expect(line.stream().map((command) => command.split(' ').length - 2)).toEqual([1024, 1024, 452])
  })

  test('RANDOMKEY gives every key now and then', () => {
    const line = new CommandLine()
    for (const key of ['a', 'b', 'c', '{t}1', '{t}2']) line.run(`SET ${key} v`)
    const drawn = new Set(Array.from({ length: 200 }, () => line.run('RANDOMKEY')))
    expect(drawn.size).toBe(5)
  })
})

describe('[TYPE16] limits', () => {
  test('no string grows beyond what a bulk string may be', () => {
    const line = new CommandLine({ config: { 'proto-max-bulk-len': '1048576' } })
    const error = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)'
    expect(line.run('SETRANGE k 1048576 x')).toBe(error)
    expect(line.run('SETRANGE k 9223372036854775807 x')).toBe(error)
    expect(line.run('SETRANGE k -1 x')).toBe('-ERR offset is out of range')
    expect(line.run('EXISTS k')).toBe(0)
    expect(line.run('SETRANGE k 1048575 x')).toBe(1_048_576)
    expect(line.run('APPEND k x')).toBe(error)
    expect(line.run('STRLEN k')).toBe(1_048_576)
  })

  test.each([
    ['9223372036854775807', 'INCR k', '-ERR increment or decrement would overflow'],
    ['-9223372036854775808', 'DECR k', '-ERR increment or decrement would overflow'],
    ['1', 'DECRBY k -9223372036854775808', '-ERR decrement would overflow'],
    ['0x10', 'INCR k', '-ERR value is not an integer or out of range'],
    [' 1', 'INCR k', '-ERR value is not an integer or out of range'],
    ['+1', 'INCR k', '-ERR value is not an integer or out of range'],
    ['-0', 'INCR k', '-ERR value is not an integer or out of range'],
    ['1', 'INCRBYFLOAT k 1e5000', '-ERR value is not a valid float'],
    ['1', 'INCRBYFLOAT k inf', '-ERR increment would produce NaN or Infinity']
  ])('%s, then %s', (value, command, error) => {
    const line = new CommandLine()
    line.call(['SET', 'k', value])
    expect(line.run(command)).toBe(error)
    expect(line.run('GET k')).toBe(value)
  })

  test('integers are exact over all 64 bits', () => {
    const line = new CommandLine()
    line.run('SET k 9007199254740993')
    line.run('INCRBY k 2')
    expect(line.run('GET k')).toBe('9007199254740995')
    line.run('INCRBY k 9214364837600034812')
    expect(line.run('GET k')).toBe('9223372036854775807')
    line.run('HSET h f -9223372036854775807')
    line.run('HINCRBY h f -1')
    expect(line.run('HGET h f')).toBe('-9223372036854775808')
  })

  test.each(['', '\0', 'a\r\nb', '\xff\xfe', '{}', '{', '}{', '__proto__', 'constructor', 'hasOwnProperty'])(
    '%j is a key like any other',
    (key) => {
      const line = new CommandLine()
      expect(line.call(['GET', key])).toBe(null)
      line.call(['SET', key, 'v'])
      line.call(['HSET', `${key}{h}`, key, key])
      expect([line.call(['GET', key]), line.call(['HGET', `${key}{h}`, key]), line.run('DBSIZE')]).toEqual(['v', key, 2])
      expect(line.call(['DEL', key])).toBe(1)
    }
  )
})
