import type { Problem } from '@slotscope/observer/stream'
import { expect, test } from 'vitest'
import { countProblems, healthWords, sortProblems } from './health.ts'

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
