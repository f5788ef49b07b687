import { describe, expect, test } from 'vitest'
import { clusterOf, jobOf } from './core.fixture.ts'
import { copiedShare, exportsOf, jobTitle, outcomeWords, sortJobs, timeLeft, viewSteps, waitsFor } from './migration-progress.ts'

const job = jobOf('j', 'A', 'B', [[0, 511]])
const short = (each: ReturnType<typeof viewSteps>) => each.map((step) => [step.state, step.time])

describe('the four steps', () => {
  test('what ended has its time, what runs has the wire state and its age, the rest waits', () => {
    const view = viewSteps(job, 2_850)
    expect(short(view)).toEqual([
      ['done', '50 ms'],
      ['now', '1.8 s'],
      ['todo', ''],
      ['todo', '']
    ])
    expect(view[1]?.wire).toBe('snapshotting')
  })

  test('a step that no poll met reads "not seen", never a made-up time', () => {
    const moved = jobOf('j', 'A', 'B', [[0, 9]], { outcome: 'moved', endedAtMs: 1_400, step: 'hand-over', stepsMs: { copy: 300 } })
    expect(short(viewSteps(moved, 9_000))).toEqual([
      ['unseen', 'not seen (< 100 ms)'],
      ['done', '300 ms'],
      ['unseen', 'not seen (< 100 ms)'],
      ['unseen', 'not seen (< 100 ms)']
    ])
  })

  test('a failed job shows where it stopped, with the server’s word', () => {
    const failed = jobOf('j', 'A', 'B', [[0, 9]], {
      outcome: 'not-moved',
      endedAtMs: 1_400,
      export: { state: 'failed', message: 'x', sinceMs: 1_400 }
    })
    expect(viewSteps(failed, 9_000).map((step) => step.state)).toEqual(['done', 'stopped', 'todo', 'todo'])
    expect(viewSteps(failed, 9_000)[1]?.wire).toBe('failed')
  })
})

describe('progress', () => {
  test('is keys copied of keys in all, and not known is not zero', () => {
    expect(copiedShare(job)).toBeNull()
    expect(copiedShare({ ...job, keysDone: 30, keysTotal: 40 })).toBe(0.75)
    expect(copiedShare({ ...job, keysDone: 50, keysTotal: 40 })).toBe(1)
    expect(copiedShare({ ...job, keysDone: 0, keysTotal: 0 })).toBe(0)
    expect(copiedShare({ ...job, outcome: 'moved' })).toBe(1)
  })

  test('time left is a range, and nothing for short jobs or at the very begin', () => {
    const slow = { ...job, keysDone: 500, keysTotal: 1_000 }
    expect(timeLeft(slow, 1_050 + 10_000)).toBe('8–13 s left')
    expect(timeLeft(slow, 1_050 + 600)).toBeNull()
    expect(timeLeft({ ...slow, keysDone: 10 }, 20_000)).toBeNull()
    expect(timeLeft({ ...slow, endedAtMs: 5 }, 20_000)).toBeNull()
  })
})

test('outcomes in words', () => {
  const seen = { ...job, history: [{ side: 'export', state: 'snapshotting', atMs: 1_500 }] } as const
  expect(outcomeWords({ ...seen, outcome: 'moved', endedAtMs: 2_800 })).toBe('Moved 512 slots in 1.8 s')
  // It was over when it was first seen.
  expect(outcomeWords({ ...job, history: [], outcome: 'moved', endedAtMs: 1_000 })).toBe('Moved 512 slots')
  expect(outcomeWords({ ...job, outcome: 'not-moved', endedAtMs: 2_800 })).toBe('Failed, nothing moved')
  expect(outcomeWords({ ...job, outcome: 'not-moved', endedAtMs: 2_800, export: { state: 'cancelled', message: '', sinceMs: 0 } })).toBe(
    'Cancelled, nothing moved'
  )
  expect(outcomeWords({ ...job, outcome: 'unclear', endedAtMs: 2_800 })).toBe('Unclear whether it moved')
})

describe('several jobs', () => {
  const first = jobOf('a', 'A', 'B', [[0, 9]], { startedAtMs: 1_000 })
  const second = jobOf('b', 'A', 'C', [[20, 29]], {
    startedAtMs: 2_000,
    export: { state: 'waiting-to-snapshot', message: '', sinceMs: 2_000 }
  })
  const ended = jobOf('c', 'A', 'C', [[40, 49]], { startedAtMs: 3_000, endedAtMs: 3_500, outcome: 'moved' })
  const jobs = { a: first, b: second, c: ended }

  test('newest first, finished ones stay', () => {
    expect(sortJobs(jobs).map((each) => each.name)).toEqual(['c', 'b', 'a'])
  })

  test('an unclear outcome stays on top until somebody takes note', () => {
    const unclear = jobOf('d', 'A', 'B', [[90, 99]], { startedAtMs: 500, endedAtMs: 600, outcome: 'unclear' })
    expect(sortJobs({ ...jobs, d: unclear }).map((each) => each.name)).toEqual(['d', 'c', 'b', 'a'])
    expect(sortJobs({ ...jobs, d: { ...unclear, acknowledged: true } }).map((each) => each.name)).toEqual(['c', 'b', 'a', 'd'])
  })

  test('a cancel concerns all running exports of the node', () => {
    expect(exportsOf(jobs, 'node-A').map((each) => each.name)).toEqual(['b', 'a'])
  })

  test('a second export of one source waits for the first', () => {
    expect(waitsFor(second, jobs)?.name).toBe('a')
    expect(waitsFor(first, jobs)).toBeNull()
  })

  test('a shard that is gone is named by its key', () => {
    const { shards } = clusterOf({ A: [[0, 9]] })
    expect(jobTitle({ sourceShard: 'shard-A', targetShard: '0123456789abcdef' }, shards)).toBe('A → 01234567')
  })
})
