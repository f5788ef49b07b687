import type { QueuedMove, QueueState } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { clusterOf, jobOf } from './core.fixture.ts'
import { comparisonOf, hasOwnCard, moveWords, queueTitle, queueWords, sortQueues, wishesFor } from './queue-words.ts'

const { shards } = clusterOf({ A: [[0, 99]], B: [[100, 199]], C: [[200, 299]], D: [[300, 399]] })

function moveOf(from: string, to: string, progress: QueuedMove['progress'], change: Partial<QueuedMove> = {}): QueuedMove {
  return {
    sourceShard: `shard-${from}`,
    targetShard: `shard-${to}`,
    sourceNode: `node-${from}`,
    targetNode: `node-${to}`,
    slots: [[0, 9]],
    slotCount: 10,
    command: [],
    progress,
    job: null,
    waitsFor: null,
    detail: null,
    atMs: 0,
    ...change
  }
}

function queueOf(status: QueueState['status'], moves: readonly QueuedMove[], change: Partial<QueueState> = {}): QueueState {
  return { planId: 'p', actor: 'ada', confirmedAtMs: 0, status, because: null, moves, ...change }
}

describe('a title', () => {
  test.each([
    [['AB'], 'A → B'],
    [['AC', 'AB'], 'A → B and C'],
    [['BA', 'CA'], 'B and C → A'],
    [['AB', 'CD', 'AD'], '3 moves between 4 shards']
  ])('%j is %s', (pairs, words) => {
    expect(
      queueTitle(
        pairs.map((pair) => moveOf(pair[0]!, pair[1]!, 'planned')),
        shards
      )
    ).toBe(words)
  })
})

test('how far it has come counts every fate once', () => {
  expect(queueWords(queueOf('ended', [moveOf('A', 'B', 'done'), moveOf('A', 'C', 'done')]))).toBe('all 2 moves done')
  expect(queueWords(queueOf('running', [moveOf('A', 'B', 'done'), moveOf('A', 'C', 'sent'), moveOf('A', 'D', 'planned')]))).toBe(
    '1 of 3 moves done, 1 running'
  )
  expect(queueWords(queueOf('ended', [moveOf('A', 'B', 'failed'), moveOf('A', 'C', 'unknown'), moveOf('A', 'D', 'skipped')]))).toBe(
    '0 of 3 moves done, 1 failed, 1 unclear, 1 skipped'
  )
})

describe('what may be wished', () => {
  const none = { stop: false, retry: false, skip: false, moveBack: false }
  test.each<[string, QueueState, Partial<typeof none>]>([
    ['runs with more to come', queueOf('running', [moveOf('A', 'B', 'running'), moveOf('A', 'C', 'planned')]), { stop: true }],
    ['runs its last', queueOf('running', [moveOf('A', 'B', 'done'), moveOf('A', 'C', 'running')]), {}],
    ['is stopping', queueOf('stopping', [moveOf('A', 'B', 'running'), moveOf('A', 'C', 'planned')]), {}],
    [
      'stopped at a failure',
      queueOf('stopped', [moveOf('A', 'B', 'done'), moveOf('A', 'C', 'failed'), moveOf('A', 'D', 'planned')]),
      { retry: true, skip: true, moveBack: true }
    ],
    [
      'was stopped by a person',
      queueOf('stopped', [moveOf('A', 'B', 'done'), moveOf('A', 'C', 'planned')]),
      { retry: true, moveBack: true }
    ],
    ['stopped without knowing', queueOf('stopped', [moveOf('A', 'B', 'unknown'), moveOf('A', 'C', 'planned')]), { skip: true }],
    ['ended in a failure', queueOf('ended', [moveOf('A', 'B', 'failed')]), { retry: true }],
    ['ended well', queueOf('ended', [moveOf('A', 'B', 'done')]), { moveBack: true }]
  ])('of one that %s', (_, queue, may) => {
    expect(wishesFor(queue)).toEqual({ ...none, ...may })
  })
})

test('a single move is its job’s affair, unless it has none', () => {
  const jobs = { j: jobOf('j', 'A', 'B', [[0, 9]]) }
  expect(hasOwnCard(queueOf('running', [moveOf('A', 'B', 'running', { job: 'j' })]), jobs)).toBe(false)
  expect(hasOwnCard(queueOf('running', [moveOf('A', 'B', 'planned', { waitsFor: 'A → C' })]), jobs)).toBe(true)
  expect(hasOwnCard(queueOf('stopped', [moveOf('A', 'B', 'planned')]), jobs)).toBe(true)
  expect(hasOwnCard(queueOf('running', [moveOf('A', 'B', 'planned')]), jobs)).toBe(false)
  expect(hasOwnCard(queueOf('running', [moveOf('A', 'B', 'sent')]), jobs)).toBe(false)
  expect(hasOwnCard(queueOf('running', [moveOf('A', 'B', 'sent', { detail: 'no reply came' })]), jobs)).toBe(true)
  expect(hasOwnCard(queueOf('ended', [moveOf('A', 'B', 'failed', { detail: 'ERR no' })]), jobs)).toBe(true)
  expect(hasOwnCard(queueOf('ended', [moveOf('A', 'B', 'done', { job: 'forgotten' })]), jobs)).toBe(true)
  expect(hasOwnCard(queueOf('ended', [moveOf('A', 'B', 'done', { job: 'j' })]), jobs)).toBe(false)
  expect(hasOwnCard(queueOf('ended', [moveOf('A', 'B', 'done', { job: 'j' }), moveOf('A', 'C', 'done')]), jobs)).toBe(true)
})

test('what waits says for what, and what failed in whose words', () => {
  expect(moveWords(moveOf('A', 'B', 'planned', { waitsFor: 'A → C' }))).toBe('waits for A → C')
  expect(moveWords(moveOf('A', 'B', 'failed', { detail: 'ERR Target node is not known' }))).toBe('ERR Target node is not known')
})

test('a job that has ended says more than a queue that is still making sure', () => {
  const job = jobOf('j', 'A', 'B', [[0, 9]], { endedAtMs: 2_000, outcome: 'not-moved' })
  expect(moveWords(moveOf('A', 'B', 'running', { job: 'j' }), job)).toBe('Failed, nothing moved; both nodes are asked')
  expect(moveWords(moveOf('A', 'B', 'done', { job: 'j' }), job)).toBe('moved')
})

test('those that wait for a person stand first, then the newest', () => {
  const queues = {
    old: queueOf('ended', [moveOf('A', 'B', 'done')], { planId: 'old', confirmedAtMs: 1 }),
    stuck: queueOf('stopped', [moveOf('A', 'B', 'failed')], { planId: 'stuck', confirmedAtMs: 2 }),
    new: queueOf('running', [moveOf('A', 'B', 'running')], { planId: 'new', confirmedAtMs: 3 })
  }
  expect(sortQueues(queues).map(({ planId }) => planId)).toEqual(['stuck', 'new', 'old'])
  expect(sortQueues(undefined)).toEqual([])
})

test('a comparison is found by the job that it looked at', () => {
  const comparison = { text: 'equal', wrongReplicas: [] }
  const queues = { p: queueOf('ended', [moveOf('A', 'B', 'done', { job: 'j', comparison })]) }
  expect(comparisonOf(queues, { name: 'j', planId: 'p' })).toBe(comparison)
  expect(comparisonOf(queues, { name: 'k', planId: 'p' })).toBeNull()
  expect(comparisonOf(queues, { name: 'j', planId: null })).toBeNull()
})
