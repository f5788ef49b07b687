import type { Problem } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { countProblems, healthAge, healthWords, oldHealthWords, placeOf, sortProblems } from './health.ts'

const problem = (id: string, severity: Problem['severity'], sinceMs: number): Problem => ({
  id,
  severity,
  sinceMs,
  title: id,
  evidence: '',
  node: null,
  repair: null
})

test('the worst comes first, and of one severity the newest', () => {
  const health = {
    a: problem('a', 'warning', 10),
    b: problem('b', 'critical', 5),
    c: problem('c', 'warning', 20),
    d: problem('d', 'info', 99)
  }
  expect(sortProblems(health).map((each) => each.id)).toEqual(['b', 'c', 'a', 'd'])
  expect(healthWords(countProblems(health))).toBe('1 critical, 2 warnings')
})

test('a cluster with notes only is healthy', () => {
  expect(healthWords({ critical: 0, warning: 0, info: 0 })).toBe('Healthy')
  expect(healthWords({ critical: 0, warning: 0, info: 1 })).toBe('Healthy, 1 note')
})

const readAgo = (...ages: readonly number[]) => ages.map((age) => ({ readAtMs: 1_000_000 - age }))

test('health is of now while news comes and most nodes were read lately', () => {
  expect(healthAge(readAgo(900, 4_000, 5_000), 1_000_000, null)).toBeNull()
  // One that does not answer is a problem of its own, and no doubt about the others.
  expect(healthAge(readAgo(900, 4_000, 95_000), 1_000_000, null)).toBeNull()
  expect(healthAge([], 1_000_000, null)).toBeNull()
})

test('health that cannot be of now has an age: of the link, or of the readings where they are older', () => {
  expect(healthAge(readAgo(900, 4_000, 5_000), 1_000_000, 7_000)).toBe(7_000)
  expect(healthAge(readAgo(900, 94_000, 95_000), 1_000_000, null)).toBe(94_000)
  expect(healthAge(readAgo(900, 94_000, 95_000), 1_000_000, 7_000)).toBe(94_000)
  expect(healthAge([{ readAtMs: 0 }, { readAtMs: 0 }], 1_000_000, null)).toBe('never')
})

test('old health is told with its age and claims nothing of now', () => {
  expect(oldHealthWords('Healthy', 12_000)).toBe('Unknown, healthy 12 s ago')
  expect(oldHealthWords('1 critical, 2 warnings', 120_000)).toBe('Unknown, 1 critical, 2 warnings 2 m ago')
  expect(oldHealthWords('Healthy', 'never')).toBe('Health not read yet')
})

test('a problem leads to the room where it is seen, with its slots selected', () => {
  const core = {
    shards: {},
    jobs: {},
    unassigned: [
      [5, 9],
      [12, 12]
    ] as const,
    disputed: []
  }
  expect(placeOf(problem('uncovered', 'critical', 0), core)).toEqual({ words: 'See these slots', room: 'slots', slots: '5-9,12' })
  expect(placeOf(problem('open-slots:abc', 'warning', 0), core)).toMatchObject({ room: 'slots', slots: null })
  expect(placeOf(problem('no-replica:abc', 'warning', 0), core)).toMatchObject({ room: 'topology' })
  expect(placeOf(problem('lag:abc', 'warning', 0), core)).toMatchObject({ room: 'traffic' })
  // What we may not read is told in the list alone.
  expect(placeOf(problem('denied:+info', 'info', 0), core)).toBeNull()
})
