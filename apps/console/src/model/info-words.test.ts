import { describe, expect, test } from 'vitest'
import { infoGroups, infoValue } from './info-words.ts'

const sections = [
  {
    name: 'Memory',
    fields: [
      ['used_memory', '2538600'],
      ['used_memory_human', '2.42M'],
      ['mem_fragmentation_ratio', '6.10'],
      ['used_memory_peak_perc', '100.11%'],
      ['made_up_by_a_later_version', '7']
    ]
  },
  { name: 'Errorstats', fields: [['errorstat_MOVED', 'count=3']] },
  { name: 'Keyspace', fields: [['db0', 'keys=14,expires=2,avg_ttl=900,keys_with_volatile_items=8']] },
  { name: 'Modules', fields: [['module', 'name=lua,ver=1,usedby=[a,b],using=[]']] },
  { name: 'CPU', fields: [] }
] as const

describe('INFO in words', () => {
  test('by section, each line with its name, meaning and value; what is said twice or is empty is left out', () => {
    const groups = infoGroups(sections, '')
    expect(groups.map(({ name }) => name)).toEqual(['Memory', 'Errors that were answered', 'Databases', 'Modules'])
    expect(groups[0]!.lines.map(({ name, value }) => [name, value])).toEqual([
      ['used_memory', '2.42 MiB'],
      ['mem_fragmentation_ratio', '× 6.10'],
      ['used_memory_peak_perc', '100.11 %'],
      ['made_up_by_a_later_version', '7']
    ])
    expect(groups[0]!.lines.map(({ words }) => words === '')).toEqual([false, false, false, true])
    expect(groups[1]!.lines[0]).toMatchObject({ words: 'errors that begin with MOVED', value: 'count 3' })
    expect(groups[2]!.lines[0]!.value).toBe('keys 14 · expires 2 · avg_ttl 900 · keys_with_volatile_items 8')
    expect(groups[3]!.lines[0]!.value).toBe('name lua · ver 1 · usedby [a,b] · using []')
  })

  test('a search looks at names, meanings and values', () => {
    const found = (find: string) => infoGroups(sections, find).flatMap(({ lines }) => lines.map(({ name }) => name))
    expect(found('USED_MEM')).toEqual(['used_memory', 'used_memory_peak_perc'])
    expect(found('swapping')).toEqual(['mem_fragmentation_ratio'])
    expect(found('database expires')).toEqual(['db0'])
    expect(found('nothing like it')).toEqual([])
  })

  test.each([
    ['bytes', '0', '0 B'],
    ['seconds', '-1', '–'],
    ['seconds', '90061', '1 d 1 h'],
    ['cpu', '0.006497', '6.5 ms'],
    ['microseconds', '116', '116 µs'],
    ['microseconds', '1795812335869852', '2026-11-27 20:45:35 UTC'],
    ['unixtime', '1795812333', '2026-11-27 20:45:33 UTC'],
    ['count', '1248310', '1,248,310'],
    ['per-second', '10', '10/s'],
    ['kibibytes-per-second', '2.00', '2.00 KiB/s'],
    ['flag', '0', 'no'],
    ['flag', '1', 'yes'],
    ['text', '', '–'],
    ['count', 'not a number', 'not a number']
  ] as const)('%s %s is %s', (unit, raw, words) => {
    expect(infoValue(unit, raw)).toBe(words)
  })
})
