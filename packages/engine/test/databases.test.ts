import { describe, expect, test } from 'vitest'
import { CommandLine } from './command-line.ts'

describe('[DB1] a slot holds keys of every database apart', () => {
  test('MOVE takes a key with its deadline to a database that does not have it', () => {
    const line = new CommandLine()
    line.run('SET {t}k v EX 100')
    expect(line.run('MOVE {t}k 3')).toBe(1)
    expect(line.events()).toEqual(['move_from {t}k', 'move_to {t}k'])
    expect([line.run('EXISTS {t}k'), line.run('MOVE {t}k 3')]).toEqual([0, 0])
    line.run('SET {t}k other')
    expect(line.run('MOVE {t}k 3')).toBe(0)
    line.run('SELECT 3')
    expect([line.run('GET {t}k'), line.run('TTL {t}k')]).toEqual(['v', 100])
  })

  test.each([
    ['MOVE {t}k 0', '-ERR source and destination objects are the same'],
    ['MOVE {t}k 16', '-ERR DB index is out of range'],
    ['MOVE {t}k -1', '-ERR DB index is out of range'],
    ['MOVE {t}k x', '-ERR value is not an integer or out of range'],
    ['MOVE {t}k 2147483648', '-ERR value is not an integer or out of range'],
    ['COPY {t}k {t}k', '-ERR source and destination objects are the same'],
    ['COPY {t}k {t}k DB 0', '-ERR source and destination objects are the same'],
    ['COPY {t}k {t}k DB 16', '-ERR DB index is out of range'],
    ['COPY {t}k {u}k DB 2', "-CROSSSLOT Keys in request don't hash to the same slot"],
    ['COPY {t}k {t}l DB', '-ERR syntax error'],
    ['COPY {t}k {t}k DB 2 DB 0', '-ERR source and destination objects are the same']
  ])('%s', (command, error) => {
    const line = new CommandLine()
    line.run('SET {t}k v')
    expect(line.run(command)).toBe(error)
  })

  test('COPY to another database replaces only when told to', () => {
    const line = new CommandLine()
    line.run('SET {t}k v')
    expect([line.run('COPY {t}k {t}k DB 2'), line.run('COPY {t}k {t}k DB 2'), line.run('COPY {t}k {t}k DB 2 REPLACE')]).toEqual([1, 0, 1])
  })

  test('a copy shares nothing with its original', () => {
    const line = new CommandLine()
    line.run('SET {t}s ab')
    line.run('RPUSH {t}l a b')
    line.run('SADD {t}set a b')
    line.run('ZADD {t}z 1 a 2 b')
    line.run('HSET {t}h a 1 b 2')
    for (const key of ['s', 'l', 'set', 'z', 'h']) line.run(`COPY {t}${key} {t}${key} DB 1`)
    line.run('SETRANGE {t}s 0 X')
    line.run('LSET {t}l 0 X')
    line.run('SREM {t}set a')
    line.run('ZADD {t}z 9 a')
    line.run('HSET {t}h a 9')
    line.run('SELECT 1')
    expect(line.run('GET {t}s')).toBe('ab')
    expect(line.run('LRANGE {t}l 0 -1')).toEqual(['a', 'b'])
    expect((line.run('SMEMBERS {t}set') as string[]).sort()).toEqual(['a', 'b'])
    expect(line.run('ZRANGE {t}z 0 -1 WITHSCORES')).toEqual(['a', '1', 'b', '2'])
    expect(line.run('HGET {t}h a')).toBe('1')
  })
})

describe('[DB2] what looks at all keys looks at the selected database', () => {
  test('DBSIZE, KEYS, SCAN, RANDOMKEY and FLUSHDB', () => {
    const line = new CommandLine()
    line.run('SET zero v')
    line.run('SELECT 5')
    line.run('SET five v')
    expect([line.run('DBSIZE'), line.run('KEYS *'), line.run('SCAN 0 COUNT 1000'), line.run('RANDOMKEY')]).toEqual([
      1,
      ['five'],
      ['0', ['five']],
      'five'
    ])
    expect(line.run('FLUSHDB')).toBe('OK')
    expect(line.stream()).toEqual(['FLUSHDB'])
    expect(line.run('RANDOMKEY')).toBe(null)
    line.run('SELECT 0')
    expect(line.run('DBSIZE')).toBe(1)
    line.run('FLUSHALL ASYNC')
    expect([line.run('DBSIZE'), line.run('FLUSHALL NOW')]).toEqual([0, '-ERR syntax error'])
  })

  test('SCAN meets every key once while nobody writes, in whatever steps', () => {
    const line = new CommandLine()
    const names = Array.from({ length: 500 }, (_, index) => (index % 3 === 0 ? `{one}${index}` : `key:${index}`))
    for (const name of names) line.run(`SET ${name} v`)
    for (const count of [1, 7, 100]) {
      const found: string[] = []
      let cursor = '0'
      do {
        const [next, keys] = line.run(`SCAN ${cursor} COUNT ${count}`) as [string, string[]]
        found.push(...keys)
        cursor = next
      } while (cursor !== '0')
      expect(found.sort()).toEqual([...names].sort())
    }
  })

  test('a pattern of one slot walks that slot only', () => {
    const line = new CommandLine()
    for (let i = 0; i < 300; i++) line.run(`SET key:${i} v`)
    for (let i = 0; i < 30; i++) line.run(`SET {one}${i} v`)
    const found: string[] = []
    let cursor = '0'
    let calls = 0
    do {
      const [next, keys] = line.run(`SCAN ${cursor} MATCH {one}* COUNT 10`) as [string, string[]]
      found.push(...keys)
      cursor = next
      calls++
    } while (cursor !== '0')
    expect(found.length).toBe(30)
    expect(calls).toBeLessThan(8)
    expect((line.run('KEYS {one}*') as string[]).length).toBe(30)
  })
})

describe('[DB3] databases are not exchanged in a cluster', () => {
  test('SWAPDB', () => {
    expect(new CommandLine().run('SWAPDB 0 1')).toBe('-ERR SWAPDB is not allowed in cluster mode')
  })
})
