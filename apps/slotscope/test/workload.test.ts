import { LatencyInterval } from '@slotscope/observer'
import { expect, test } from 'vitest'
import { CREATORS, NETWORKS, type Operation, Publishing } from '../src/workload/publishing.ts'
import { Dice } from '../src/workload/random.ts'

test('the same seed makes the same world', () => {
  const make = () => [...new Publishing(new Dice(7), 16).foundation()].slice(0, 2_000)
  expect(make()).toEqual(make())
  expect([...new Publishing(new Dice(8), 16).foundation()].slice(0, 2_000)).not.toEqual(make())
})

test('the world fills four databases, has fields with deadlines for every network, and all creators', () => {
  const operations = [...new Publishing(new Dice(1), 16).foundation()]
  expect(new Set(operations.map(({ database }) => database))).toEqual(new Set([0, 1, 2, 3]))
  const creators = operations.filter(({ key }) => key.endsWith(':profile')).length
  expect(creators).toBe(CREATORS)
  const tokens = operations.filter(({ command }) => command === 'HSETEX')
  expect(new Set(tokens.map(({ args }) => args[4]))).toEqual(new Set(NETWORKS))
})

test('with fewer databases the rest falls into the last one', () => {
  const world = new Publishing(new Dice(1), 1)
  const later: Operation[] = Array.from({ length: 1_000 }, () => world.next())
  expect(new Set([...world.foundation(), ...later].map(({ database }) => database))).toEqual(new Set([0]))
})

test('an interval tells what was noticed, once', () => {
  const interval = new LatencyInterval()
  for (let i = 1; i <= 100; i++) interval.add(i)
  interval.notice('moved')
  interval.notice('try-again')
  expect(interval.take(5_000, 500)).toEqual({
    atMs: 5_000,
    intervalMs: 500,
    operationsPerSecond: 200,
    p50Ms: 51,
    p99Ms: 100,
    maxMs: 100,
    moved: 1,
    ask: 0,
    tryAgain: 1,
    otherErrors: 0
  })
  expect(interval.take(6_000, 500)).toMatchObject({ operationsPerSecond: 0, maxMs: 0, moved: 0 })
})
