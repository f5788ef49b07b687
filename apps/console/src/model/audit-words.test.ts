import type { AuditLine } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { intentOf, placeOf, queryOf, reasonOf, whoOf, withoutAnswered } from './audit-words.ts'

const node = 'a'.repeat(40)
const key = Buffer.from('user:{1}\n').toString('base64url')
const line = (change: Partial<AuditLine>): AuditLine => ({
  sequence: 1,
  atMs: 0,
  actor: { user: 'ann', role: 'admin' },
  peer: '127.0.0.1',
  requestId: 'req-1',
  verb: 'edit',
  resource: 'cluster main',
  outcome: 'done',
  detail: null,
  before: null,
  after: null,
  intent: null,
  ...change
})
const intended = (detail: unknown) => ({ sequence: 1, atMs: 0, detail })

describe('a line of the audit in words', () => {
  test('who', () => {
    expect(whoOf(line({}))).toBe('ann')
    expect(whoOf(line({ actor: null, outcome: 'refused' }))).toBe('nobody known')
    expect(whoOf(line({ actor: null, peer: '' }))).toBe('Slotscope itself')
  })

  test('where: keys as they read, names of nodes, without the cluster on screen', () => {
    const nodes = new Map([[node, 'node-1']])
    const place = (resource: string) => placeOf(resource, 'main', nodes)
    expect(place('cluster main')).toBe('this cluster')
    expect(place(`cluster main, database 2, key ${key} (base64url)`)).toBe('database 2, key user:{1}\\n')
    expect(place(`cluster main, database 2, owner of key ${key} (base64url)`)).toBe('database 2, owner of key user:{1}\\n')
    expect(place(`cluster main, exports of node ${node}`)).toBe('exports of node node-1')
    expect(place(`cluster main, node ${'b'.repeat(40)}`)).toBe('node bbbbbbbb…')
    expect(place(`cluster other, plan ${'0123456789abcdef'.repeat(2)}`)).toBe('cluster other, plan 01234567…')
    expect(place('account ann')).toBe('account ann')
  })

  test('what: the commands of plans, the name of a typed line, an edit with what it sent', () => {
    const moves = [{ sourceNode: node, command: ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '1', '2'] }]
    expect(intentOf(line({ intent: intended(moves), detail: { jobs: [] } }))).toBe('CLUSTER MIGRATESLOTS SLOTSRANGE 1 2')
    const steps = [{ to: [], commands: [['CLUSTER', 'FAILOVER']] }]
    expect(intentOf(line({ intent: intended({ title: 'node-4 takes over', steps }) }))).toBe('node-4 takes over · CLUSTER FAILOVER')
    expect(intentOf(line({ intent: intended({ command: 'SET', arguments: 2, keys: [key] }) }))).toBe(
      'SET user:{1}\\n (1 more, not written down)'
    )
    expect(intentOf(line({ intent: intended({ command: 'PING', arguments: 0 }) }))).toBe('PING')
    expect(intentOf(line({ intent: intended({ edit: 'string-set' }), detail: { node, effects: ['SET', 'SET'] } }))).toBe('string-set · SET')
    expect(intentOf(line({ intent: intended({ field: key, deadlineMs: null }) }))).toBe('deadline of field user:{1}\\n')
    expect(intentOf(line({ intent: intended({ on: true }) }))).toBe('on true')
    expect(intentOf(line({ outcome: 'intended', detail: { wish: 'retry' } }))).toBe('wish retry')
    expect(intentOf(line({ outcome: 'refused', detail: 'no' }))).toBeNull()
  })

  test('why not', () => {
    expect(reasonOf(line({}))).toBeNull()
    expect(reasonOf(line({ outcome: 'refused', detail: 'name or password' }))).toBe('name or password')
    expect(reasonOf(line({ outcome: 'failed', detail: { error: 'FORBIDDEN', message: 'not you' } }))).toBe('not you')
    expect(reasonOf(line({ outcome: 'failed', detail: { status: 'failed', outcome: 'it did not show' } }))).toBe('it did not show')
    expect(reasonOf(line({ outcome: 'intended' }))).toContain('Slotscope ended meanwhile')
  })

  test('an intent that was answered on another page is left out', () => {
    const lines = [line({ sequence: 5, intent: { sequence: 3, atMs: 0, detail: null } }), line({ sequence: 4 }), line({ sequence: 3 })]
    expect(withoutAnswered(lines).map(({ sequence }) => sequence)).toEqual([5, 4])
  })

  test('the question', () => {
    expect(queryOf({})).toBe('')
    expect(queryOf({ user: 'a&b', outcome: 'failed', fromMs: 5, before: '10' })).toBe('?user=a%26b&outcome=failed&fromMs=5&before=10')
  })
})
