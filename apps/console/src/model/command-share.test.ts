import type { CommandStatsAnswer } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { commandFile, commandShares } from './command-share.ts'

/** Calls and microseconds of GET and SET at two nodes, and how often ERR was answered. */
const answer = (atMs: number, a: readonly number[] | null, b: readonly number[] | null): CommandStatsAnswer => ({
  nodes: ['a', 'b'].map((node) => ({ node, atMs, error: null })),
  commands: ['get', 'set'],
  figures: [a, b].map((one) => one && [one[0]!, one[1]!, 0, 1, one[2]!, one[3]!, 2, 0]),
  errors: ['ERR'],
  errorCounts: [a, b].map((one) => one && [one[4]!])
})
const first = answer(1_000, [100, 1_000, 10, 3_000, 5], [100, 1_000, 0, 0, 0])

describe('commands by share', () => {
  test('since the counters began: of all nodes or of one, the most time first', () => {
    const { commands, errors, spanMs } = commandShares(first, null, null)
    expect(spanMs).toBe(null)
    expect(commands.map(({ name, calls, us, usPerCall, rejected, failed }) => [name, calls, us, usPerCall, rejected, failed])).toEqual([
      ['set', 10, 3_000, 300, 4, 0],
      ['get', 200, 2_000, 10, 0, 2]
    ])
    expect(commands.map(({ callsShare, timeShare }) => [callsShare, timeShare])).toEqual([
      [10 / 210, 0.6],
      [200 / 210, 0.4]
    ])
    expect(commands[0]?.perSecond).toBe(null)
    expect(errors).toEqual([{ code: 'ERR', count: 5, share: 1, perSecond: null }])
    const one = commandShares(first, null, 'b')
    expect(one.commands.map(({ name, calls }) => [name, calls])).toEqual([
      ['get', 100],
      ['set', 0]
    ])
    expect(one.errors).toEqual([])
  })

  test('between two answers: differences, and what that is a second', () => {
    const later = answer(3_000, [160, 1_600, 10, 3_000, 6], [100, 1_000, 4, 400, 0])
    const { commands, errors, spanMs, begunAnew } = commandShares(later, first, null)
    expect([spanMs, begunAnew]).toEqual([2_000, []])
    expect(commands.map(({ name, calls, perSecond, timeShare }) => [name, calls, perSecond, timeShare])).toEqual([
      ['get', 60, 30, 0.6],
      ['set', 4, 2, 0.4]
    ])
    expect(errors).toEqual([{ code: 'ERR', count: 1, share: 1, perSecond: 0.5 }])
  })

  test('a node that began anew counts from there, and so does one that was not there before', () => {
    const later = answer(3_000, [5, 50, 0, 0, 1], [110, 1_100, 0, 0, 0])
    const anew = commandShares(later, first, null)
    expect(anew.begunAnew).toEqual(['a'])
    expect(anew.commands.map(({ name, calls }) => [name, calls])).toEqual([
      ['get', 15],
      ['set', 0]
    ])
    const joined = commandShares(later, answer(1_000, [5, 50, 0, 0, 1], null), null)
    expect(joined.begunAnew).toEqual(['b'])
    expect(joined.commands[0]?.calls).toBe(110)
    expect(commandShares(answer(3_000, null, null), first, null).commands).toEqual([])
    const nothing = { ...later, commands: [], figures: [[], []], errors: [], errorCounts: [[], []] }
    expect(commandShares(nothing, first, null).begunAnew).toEqual(['a', 'b'])
  })

  test('a file has shares and microseconds as they are', () => {
    const file = commandFile(commandShares(first, null, null).commands)
    expect(file.rows[0]).toEqual(['set', 10, 10 / 210, 3_000, 0.6, 300, 4, 0, null])
    expect(file.rows[0]).toHaveLength(file.columns.length)
  })
})
