import { expect, test } from 'vitest'
import { Clock } from './clock.ts'

test('before the first frame the clock is the browser’s', () => {
  expect(new Clock(() => 5_000).now()).toBe(5_000)
})

test('the fastest frame decides the offset, later slow ones do not move it', () => {
  let local = 1_000
  const clock = new Clock(() => local)
  clock.observe(10_900)
  local = 2_000
  clock.observe(11_980)
  local = 3_000
  clock.observe(12_500)
  expect(clock.now()).toBe(3_000 + 9_980)
  expect(clock.toLocal(12_980)).toBe(3_000)
})

test('frames that are minutes old do not set the clock back; the next stream does', () => {
  let local = 100_000
  const clock = new Clock(() => local)
  clock.observe(500_000)
  local = 101_000
  clock.observe(200_000)
  expect(clock.now()).toBe(501_000)
  clock.asked()
  clock.begin(200_000)
  expect(clock.now()).toBe(200_000)
})

test('a first frame that was long on its way makes the clock fast, not slow: what is old does not look new', () => {
  let local = 1_000
  const clock = new Clock(() => local)
  clock.asked()
  local = 61_000
  clock.begin(500_000)
  expect(clock.now()).toBe(560_000)
})

test('a recording that is played has the time of its own, and instants in it are read as they are', () => {
  let local = 1_000
  const clock = new Clock(() => local)
  clock.begin(500_000)
  clock.follow(70_000, 0.5)
  local = 3_000
  expect([clock.now(), clock.toLocal(70_500)]).toEqual([71_000, 70_500])
  clock.follow(71_000, 0)
  local = 9_000
  expect(clock.now()).toBe(71_000)
})
