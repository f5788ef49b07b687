import { describe, expect, test } from 'vitest'
import { groupRules, testLines, testWords, userRows } from './user-rows.ts'

const names = new Map([
  ['1', 'node-1'],
  ['2', 'node-2'],
  ['3', 'node-3']
])
const nodes = ['1', '2', '3'].map((node) => ({ node, atMs: 0, error: node === '3' ? 'NOPERM' : null }))
const app = { isOn: true, needsNoPassword: false, passwords: 1, rules: ['~app:*', 'resetchannels', '-@all', '+get'] }

describe('users of all nodes', () => {
  test('unequal ones stand first, each variant with its nodes; who did not answer is in none', () => {
    const answer = {
      nodes,
      users: [
        {
          name: 'default',
          variants: [{ user: { isOn: true, needsNoPassword: true, passwords: 0, rules: ['~*', '&*', '+@all'] }, nodes: null }]
        },
        {
          name: 'zoe',
          variants: [
            { user: { ...app, passwords: 0, isOn: false }, nodes: null },
            { user: null, nodes: [1] }
          ]
        }
      ]
    }
    const rows = userRows(answer, names, '')
    expect(rows.map(({ name, isUnequal }) => [name, isUnequal])).toEqual([
      ['zoe', true],
      ['default', false]
    ])
    expect(rows[0]!.variants.map(({ state, nodes: of }) => [state, of])).toEqual([
      ['off, no password: nobody logs in', ['node-1']],
      ['not there', ['node-2']]
    ])
    expect(rows[1]!.variants[0]).toMatchObject({ state: 'on, needs no password', nodes: ['node-1', 'node-2'] })
    expect(userRows(answer, names, '+GET').map(({ name }) => name)).toEqual(['zoe'])
  })

  test('rules stand by what they are about', () => {
    expect(groupRules(['sanitize-payload', '~a:*', '%R~b', 'resetchannels', '&news', 'db=0,1', '-@all', '+get', '(~x +set)'])).toEqual({
      commands: 'sanitize-payload -@all +get',
      keys: '~a:* %R~b',
      channels: 'resetchannels &news',
      databases: 'db=0,1',
      selectors: ['(~x +set)']
    })
    expect(groupRules(['-@all'])).toMatchObject({ keys: 'none', channels: 'none', databases: 'all', selectors: [] })
  })

  test('a test is told by answer: where it is allowed, where not and why, and where that is not known', () => {
    const lines = testLines(
      {
        results: [
          { node: '1', atMs: 0, error: null, allowed: true, refused: null },
          { node: '2', atMs: 0, error: null, allowed: false, refused: 'no permissions' },
          { node: '3', atMs: 0, error: null, allowed: false, refused: 'no permissions' },
          { node: '4'.repeat(40), atMs: 0, error: 'ERR User not found', allowed: null, refused: null }
        ]
      },
      names
    )
    expect(lines).toEqual([
      { outcome: 'refused', words: 'no permissions', nodes: ['node-2', 'node-3'] },
      { outcome: 'allowed', words: '', nodes: ['node-1'] },
      { outcome: 'unknown', words: 'ERR User not found', nodes: ['44444444'] }
    ])
    expect(testWords(lines)).toBe('refused on 2 nodes, allowed on 1 node and not known of 1 node')
  })
})
