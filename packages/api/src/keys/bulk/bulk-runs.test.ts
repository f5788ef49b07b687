import { expect, test } from 'vitest'
import type { Session } from '../../security/sessions.ts'
import { BulkRuns } from './bulk-runs.ts'

const session = {} as Session

test('a run takes what was confirmed and no more, of its own session and place', () => {
  const runs = new BulkRuns()
  const id = runs.begin(session, 'a 0', 10, 0)
  runs.take(session, id, 'a 0', 7, 1)
  expect(() => runs.take(session, id, 'a 0', 4, 2)).toThrow('3 are left')
  expect(() => runs.take(session, id, 'a 1', 1, 2)).toThrow('not confirmed')
  expect(() => runs.take({} as Session, id, 'a 0', 1, 2)).toThrow('not confirmed')
  runs.take(session, id, 'a 0', 3, 2)
})

test('a run ends when a minute passes between two parts, and the oldest when there are many', () => {
  const runs = new BulkRuns()
  const id = runs.begin(session, 'a 0', 100, 0)
  runs.take(session, id, 'a 0', 1, 59_000)
  runs.take(session, id, 'a 0', 1, 118_000)
  expect(() => runs.take(session, id, 'a 0', 1, 178_000)).toThrow('too long ago')
  const first = runs.begin(session, 'a 0', 1, 200_000)
  for (let more = 0; more < 10; more++) runs.begin(session, 'a 0', 1, 200_001)
  expect(() => runs.take(session, first, 'a 0', 1, 200_002)).toThrow('not confirmed')
})
