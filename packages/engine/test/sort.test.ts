import { describe, expect, test } from 'vitest'
import { CommandLine } from './command-line.ts'

describe('[TYPE20] SORT with STORE is passed on', () => {
  test('as it was given, when they see the same', () => {
    const line = new CommandLine()
    line.run('RPUSH {t}l 2 1')
    line.run('MSET {t}k1 a {t}k2 b')
    line.forget()
    expect(line.run('SORT {t}l GET {t}k* STORE {t}s')).toBe(2)
    expect(line.stream()).toEqual(['SORT {t}l GET {t}k* STORE {t}s'])
    expect(line.events()).toEqual(['sortstore {t}s'])
  })

  test('[HFE1] by its result, when a field has expired and is still there', () => {
    const line = new CommandLine()
    line.run('RPUSH {t}l 2 1')
    line.run('HSET {t}k1 f a')
    line.run('HSET {t}k2 f b g c')
    line.run(`HPEXPIREAT {t}k2 ${line.nowMs + 5} FIELDS 1 f`)
    line.skip(50)
    line.forget()
    expect(line.run('SORT {t}l GET # GET {t}k*->f STORE {t}s')).toBe(4)
    expect(line.stream()).toEqual(['DEL {t}s', 'RPUSH {t}s 1 a 2 '])
    expect(line.run('LRANGE {t}s 0 -1')).toEqual(['1', 'a', '2', ''])
  })
})

test('[TYPE15] few keys that stand for very many bytes are refused', () => {
  const line = new CommandLine()
  line.call(['RPUSH', '{t}l', ...Array.from({ length: 100 }, () => 'x')])
  line.call(['SET', '{t}kx', 'x'.repeat(1_000_000)])
  expect(line.run('SORT {t}l ALPHA GET {t}k*')).toBe('-ERR value is out of range')
  expect(line.run('SORT {t}l ALPHA GET {t}k* STORE {t}s')).toBe('-ERR value is out of range')
  expect(line.run('EXISTS {t}s')).toBe(0)
})
