import { describe, expect, test } from 'vitest'
import { biggest, memoryOf, prefixRows, typesOf } from './key-sample.ts'

const b64 = (text: string) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const key = (name: string, bytes: number, type = 'hash', size = 1) => ({ key: b64(name), type, shard: 's', bytes, size })

describe('a sample of keys', () => {
  const sample = [
    key('user:{1}:cart', 100),
    key('user:{2}:cart', 300),
    key('user:{3}:name', 50, 'string', 9),
    key('queue', 1_000, 'list', 70)
  ]

  test('is told by prefix, hash tags as one, the most memory first', () => {
    const rows = prefixRows(sample, 400, ':', '')
    expect(rows.map(({ prefix, drawn, isOpenable }) => [prefix, drawn, isOpenable])).toEqual([
      ['queue', 1, false],
      ['user:', 3, true]
    ])
    expect(rows[0]!.bytes.value).toBe(100_000)
    expect(rows[1]!.bytes.value).toBe(45_000)
    expect(rows[1]!.keys.value).toBe(300)
    const below = prefixRows(sample, 400, ':', 'user:')
    expect(below.map(({ prefix }) => prefix)).toEqual(['user:{*}:'])
    expect(prefixRows(sample, 400, ':', 'user:{*}:').map(({ prefix, isOpenable }) => [prefix, isOpenable])).toEqual([
      ['user:{*}:cart', false],
      ['user:{*}:name', false]
    ])
    expect(prefixRows(sample, 400, '', '')).toHaveLength(3)
    expect(memoryOf(sample, 400)?.value).toBe(145_000)
    expect(memoryOf([], 400)).toBeNull()
  })

  test('many prefixes are fifty rows, the last of which is the rest', () => {
    const many = Array.from({ length: 120 }, (_, index) => key(`p${index}:x`, 10 + index))
    const rows = prefixRows(many, 120, ':', '')
    expect(rows).toHaveLength(50)
    expect(rows.at(-1)).toMatchObject({ prefix: '71 more', drawn: 71, isOpenable: false })
    expect(rows.reduce((sum, { bytes }) => sum + bytes.value, 0)).toBeCloseTo(memoryOf(many, 120)!.value)
  })

  test('has its biggest by memory or by elements, each key once', () => {
    const twice = [...sample, sample[1]!]
    expect(biggest(twice, 'bytes', null, 3).map(({ bytes }) => bytes)).toEqual([1_000, 300, 100])
    expect(biggest(twice, 'size', null, 1)[0]).toMatchObject({ type: 'list', size: 70 })
    expect(biggest(twice, 'bytes', 'hash', 9)).toHaveLength(2)
    expect(typesOf(twice)).toEqual(['hash', 'string', 'list'])
  })

  test('the band holds the truth in 95 of 100 samples, as large as one asks for, of sizes that spread and of rare large keys', () => {
    let state = 7
    // mulberry32
    const random = () => {
      state = (state + 0x6d2b79f5) | 0
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    }
    const shapes = [
      () => 50 + random() * 200,
      () => Math.round(60 * Math.exp(1.2 * (random() + random() + random() - 1.5) * 2)),
      () => (random() < 0.02 ? 5_000 : 80)
    ]
    for (const shape of shapes) {
      const all = Array.from({ length: 5_000 }, (_, index) => key(`${index % 10 === 0 ? 'few' : 'many'}:${index}`, shape()))
      const truth = (prefix: string) =>
        all
          .filter(({ key: name }) => atob(name.replaceAll('-', '+').replaceAll('_', '/')).startsWith(prefix))
          .reduce((sum, { bytes }) => sum + bytes, 0)
      const truths = new Map(['few:', 'many:'].map((prefix) => [prefix, truth(prefix)]))
      let held = 0
      let asked = 0
      for (let trial = 0; trial < 100; trial++) {
        const drawn = Array.from({ length: 2_000 }, () => all[Math.floor(random() * all.length)]!)
        for (const { prefix, bytes } of prefixRows(drawn, all.length, ':', '')) {
          asked++
          if (Math.abs(bytes.value - truths.get(prefix)!) <= bytes.band) held++
          expect(bytes.band).toBeLessThan(1.5 * truths.get(prefix)!)
        }
      }
      expect(held / asked).toBeGreaterThanOrEqual(0.95)
    }
  })
})
