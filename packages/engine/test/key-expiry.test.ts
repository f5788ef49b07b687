import { describe, expect, test } from 'vitest'
import { CommandLine } from './command-line.ts'

describe('[EXP1] a key past its deadline is gone', () => {
  test('for every command, which removes it on the way and says so first', () => {
    const line = new CommandLine()
    line.run('SET k v PX 100')
    line.skip(100)
    expect(line.run('GET k')).toBe('v')
    line.skip(1)
    expect(line.run('GET k')).toBe(null)
    expect([line.events(), line.stream()]).toEqual([['expired k'], ['UNLINK k']])
    line.run('SET k 5 PX 10')
    line.skip(11)
    expect(line.run('INCR k')).toBe(1)
    expect(line.events()).toEqual(['expired k', 'incrby k'])
    expect(line.stream()).toEqual(['UNLINK k', 'INCR k'])
    expect(line.run('TTL k')).toBe(-1)
  })

  test('within 200 ms when nobody asks', () => {
    const line = new CommandLine()
    line.run('SET k v PX 1000')
    line.wait(1000)
    expect(line.run('DBSIZE')).toBe(1)
    line.wait(200)
    expect(line.events()).toEqual(['expired k'])
    expect([line.run('DBSIZE'), line.memory.node.stats.expiredKeys]).toEqual([0, 1])
  })

  test('KEYS, SCAN and RANDOMKEY do not show it', () => {
    const line = new CommandLine()
    line.run('SET a v PX 10')
    line.run('SET b v PX 10')
    line.skip(11)
    expect(line.run('KEYS *')).toEqual([])
    expect(line.run('RANDOMKEY')).toBe(null)
    line.run('SET a v PX 10')
    line.skip(11)
    expect(line.run('SCAN 0 COUNT 100')).toEqual(['0', []])
    expect(line.run('DBSIZE')).toBe(0)
  })
})

describe('[EXP2] setting deadlines', () => {
  test.each<[string, string, number]>([
    ['SET k v', 'EXPIRE k 100', 1],
    ['SET k v', 'EXPIRE k 100 XX', 0],
    ['SET k v', 'EXPIRE k 100 GT', 0],
    ['SET k v', 'EXPIRE k 100 LT', 1],
    ['SET k v EX 50', 'EXPIRE k 100 NX', 0],
    ['SET k v EX 50', 'EXPIRE k 100 XX GT', 1],
    ['SET k v EX 50', 'EXPIRE k 100 LT', 0],
    ['SET k v EX 50', 'PEXPIRE k 100 LT', 1],
    ['SET other v', 'EXPIRE k 100', 0]
  ])('%s, then %s', (first, second, reply) => {
    const line = new CommandLine()
    line.run(first)
    expect(line.run(second)).toBe(reply)
    expect(line.events()).toEqual(reply === 1 ? ['expire k'] : [])
  })

  test.each([
    ['EXPIRE k x', '-ERR value is not an integer or out of range'],
    ['EXPIRE k 9223372036854775807', "-ERR invalid expire time in 'expire' command"],
    ['PEXPIRE k 9223372036854775807', "-ERR invalid expire time in 'pexpire' command"],
    ['EXPIRE k 10 NX GT', '-ERR NX and XX, GT or LT options at the same time are not compatible'],
    ['EXPIRE k 10 GT LT', '-ERR GT and LT options at the same time are not compatible'],
    ['EXPIRE k 10 SOON', '-ERR Unsupported option SOON'],
    ['SET k v EX 0', "-ERR invalid expire time in 'set' command"],
    ['SET k v PX -1', "-ERR invalid expire time in 'set' command"],
    ['SETEX k 0 v', "-ERR invalid expire time in 'setex' command"],
    ['GETEX k EX 0', "-ERR invalid expire time in 'getex' command"],
    ['SET k v EX 10 PX 10', '-ERR syntax error'],
    ['SET k v EX 10 KEEPTTL', '-ERR syntax error']
  ])('%s', (command, error) => {
    const line = new CommandLine()
    line.run('SET k before')
    expect(line.run(command)).toBe(error)
    expect([line.run('GET k'), line.run('TTL k')]).toEqual(['before', -1])
  })

  test('a deadline goes on in absolute milliseconds', () => {
    const line = new CommandLine()
    line.run('SET k v EX 10')
    expect(line.stream()).toEqual([`SET k v PXAT ${line.nowMs + 10_000}`])
    line.run('EXPIRE k 20 GT')
    expect(line.stream()).toEqual([`PEXPIREAT k ${line.nowMs + 20_000} GT`])
    line.run('GETEX k PX 500')
    expect(line.stream()).toEqual([`PEXPIREAT k ${line.nowMs + 500}`])
    line.run('SETEX k 5 w')
    expect(line.stream()).toEqual([`SET k w PXAT ${line.nowMs + 5000}`])
    line.run('GETEX k PERSIST')
    expect(line.stream()).toEqual(['PERSIST k'])
  })

  test('SET clears it, KEEPTTL and editing keep it, RENAME and COPY take it along', () => {
    const line = new CommandLine()
    line.run('SET {k} v EX 100')
    line.run('APPEND {k} w')
    line.run('SET {k} 5 KEEPTTL')
    line.run('INCR {k}')
    expect(line.run('TTL {k}')).toBe(100)
    line.run('COPY {k} {k}copy')
    line.run('RENAME {k} {k}new')
    expect([line.run('TTL {k}new'), line.run('TTL {k}copy')]).toEqual([100, 100])
    line.run('SET {k}new v')
    expect(line.run('TTL {k}new')).toBe(-1)
  })
})

describe('[EXP3] a deadline that is not in the future removes the key at once', () => {
  test.each(['EXPIRE k 0', 'EXPIRE k -5', 'PEXPIREAT k 1', 'GETEX k EXAT 1', 'SET k w PXAT 1'])('%s', (command) => {
    const line = new CommandLine()
    line.run('SET k v')
    line.run(command)
    expect([line.events(), line.stream()]).toEqual([['expired k'], ['UNLINK k']])
    expect(line.run('EXISTS k')).toBe(0)
  })

  test('SET with such a deadline on no key does nothing', () => {
    const line = new CommandLine()
    expect(line.run('SET k v EXAT 1')).toBe('OK')
    expect([line.stream(), line.run('EXISTS k')]).toEqual([[], 0])
  })
})

describe('[EXP6] deadlines beyond 2^53 are kept as doubles', () => {
  test('close to what was asked for, and within 64 bits', () => {
    const line = new CommandLine()
    line.run('SET k v')
    expect(line.run('PEXPIREAT k 9223372036854775807')).toBe(1)
    expect(line.stream()).toEqual(['PEXPIREAT k 9223372036854774784'])
    line.run('PEXPIREAT k 9007199254740993')
    expect(line.stream()).toEqual(['PEXPIREAT k 9007199254740992'])
  })
})
