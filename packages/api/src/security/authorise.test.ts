import type { Role } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { ApiFailure } from '../errors.ts'
import { authorise, leastRole, mayDo, type Verb } from './authorise.ts'

const cluster = { kind: 'cluster', cluster: 'main' } as const

describe('[T9] authorise', () => {
  test('a viewer looks and plans, an operator also moves and edits, an admin also has accounts, clusters and the audit', () => {
    const allowed = (role: Role) => (Object.keys(leastRole) as Verb[]).filter((verb) => mayDo({ user: 'x', role }, verb, cluster)).sort()
    expect(allowed('viewer')).toEqual(['browse', 'command', 'leave', 'plan', 'scrape', 'see', 'withdraw'])
    expect(allowed('operator')).toEqual([
      'acknowledge',
      'browse',
      'command',
      'diagnose',
      'disconnect',
      'edit',
      'label',
      'leave',
      'migrate',
      'operate',
      'plan',
      'play',
      'probe',
      'scrape',
      'see',
      'withdraw'
    ])
    expect(allowed('admin')).toEqual([...allowed('operator'), 'connect', 'entitle', 'inspect', 'manage', 'restructure'].sort())
  })
  test('what is not in the table is denied', () => {
    for (const role of ['none', '', 'Admin', 'constructor', '__proto__'])
      expect(mayDo({ user: 'x', role: role as Role }, 'see', cluster)).toBe(false)
    for (const verb of ['drop', '', 'constructor', '__proto__'])
      expect(mayDo({ user: 'x', role: 'admin' }, verb as Verb, cluster)).toBe(false)
  })
  test('the plan of somebody else is for an operator to withdraw', () => {
    const plan = { kind: 'plan', cluster: 'main', owner: 'ann' } as const
    expect(mayDo({ user: 'ann', role: 'viewer' }, 'withdraw', plan)).toBe(true)
    expect(mayDo({ user: 'bob', role: 'viewer' }, 'withdraw', plan)).toBe(false)
    expect(mayDo({ user: 'bob', role: 'operator' }, 'withdraw', plan)).toBe(true)
  })
  test('a refusal says which role it takes', () => {
    expect(() => authorise({ user: 'x', role: 'viewer' }, 'migrate', cluster)).toThrow(ApiFailure)
    expect(() => authorise({ user: 'x', role: 'viewer' }, 'migrate', cluster)).toThrow('a viewer may not move slots')
  })
})
