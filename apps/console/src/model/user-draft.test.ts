import type { ComparedUser } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { draftOf, draftProblem, rulesOf, typedRules, withRules } from './user-draft.ts'

const rules = ['~app:*', '%R~log:*', 'resetchannels', '&news', 'db=0,2', '-@all', '+@read', '-keys', '(~x:* resetchannels -@all +get)']
const app: ComparedUser = {
  name: 'app',
  variants: [
    { user: null, nodes: null },
    { user: { isOn: false, needsNoPassword: false, passwords: 2, rules }, nodes: [1] }
  ]
}

describe('a user that is about to be changed', () => {
  test('begins as the nodes that have it do, and makes every node so, passwords as they are', () => {
    const draft = draftOf(app)
    expect(draft).toMatchObject({
      isOn: false,
      passwords: 'keep',
      allCommands: false,
      commands: ['+@read', '-keys'],
      keys: ['~app:*', '%R~log:*'],
      channels: ['&news'],
      databases: '0,2',
      selectors: ['(~x:* resetchannels -@all +get)']
    })
    expect(rulesOf(draft, app).join(' ')).toBe(
      'off resetkeys ~app:* %R~log:* resetchannels &news db=0,2 -@all +@read -keys clearselectors (~x:* resetchannels -@all +get)'
    )
  })

  test('what is taken away is reset, and only where it was', () => {
    const bare = { ...draftOf(app), keys: [], channels: [], commands: [], selectors: [], databases: 'all', allCommands: true }
    expect(rulesOf(bare, app)).toEqual(['off', 'resetkeys', 'resetchannels', 'alldbs', '+@all', 'clearselectors'])
    const plain: ComparedUser = {
      name: 'default',
      variants: [{ user: { isOn: true, needsNoPassword: true, passwords: 0, rules: ['~*', '&*', '+@all'] }, nodes: null }]
    }
    expect(rulesOf(draftOf(plain), plain)).toEqual(['on', 'nopass', 'resetkeys', '~*', 'resetchannels', '&*', '+@all'])
    expect(
      draftOf({ ...app, variants: [{ user: { ...app.variants[1]!.user!, rules: ['resetdbs', '-@all'] }, nodes: null }] }).databases
    ).toBe('none')
  })

  test('passwords are added, taken away, replaced or not needed; a new user begins from nothing', () => {
    const draft = { ...draftOf(app), newPasswords: ['new'], removedPasswords: ['old'] }
    expect(rulesOf(draft, app).slice(0, 3)).toEqual(['off', '>new', '<old'])
    expect(rulesOf({ ...draft, passwords: 'drop' }, app).slice(0, 4)).toEqual(['off', 'resetpass', '>new', 'resetkeys'])
    expect(rulesOf({ ...draft, passwords: 'open' }, app).slice(0, 3)).toEqual(['off', 'nopass', 'resetkeys'])
    const fresh = { ...draftOf(null), name: 'bob', newPasswords: ['new'], keys: ['~*'] }
    expect(rulesOf(fresh, null)).toEqual(['reset', 'on', '>new', '~*', 'resetchannels', '-@all'])
  })

  test('rules are typed one by one or several at once, and said again of the same they take its place', () => {
    expect(typedRules('commands', ' +get -@dangerous  +config|get ')).toEqual({ rules: ['+get', '-@dangerous', '+config|get'] })
    expect(typedRules('keys', '%RW~a ~b')).toEqual({ rules: ['%RW~a', '~b'] })
    expect(typedRules('selectors', ' (~x +get) ')).toEqual({ rules: ['(~x +get)'] })
    for (const [kind, text] of [
      ['commands', 'get'],
      ['commands', '+'],
      ['keys', 'app:*'],
      ['keys', '%X~a'],
      ['channels', 'news'],
      ['selectors', '~x +get']
    ] as const)
      expect(typedRules(kind, text)).toHaveProperty('problem')
    expect(withRules('commands', ['+get', '+set'], ['-GET'])).toEqual(['+set', '-GET'])
    expect(withRules('keys', ['~a'], ['~*'])).toEqual(['~*'])
    expect(withRules('keys', ['~*'], ['~a', '~a'])).toEqual(['~a'])
    expect(withRules('channels', ['&*'], ['&a'])).toEqual(['&a'])
  })

  test('what nobody could mean is said before the nodes are asked', () => {
    const draft = { ...draftOf(null), name: 'bob' }
    expect(draftProblem(draft, ['app'])).toBeNull()
    expect(draftProblem({ ...draft, name: '' }, [])).toContain('needs a name')
    expect(draftProblem({ ...draft, name: 'a b' }, [])).toContain('no spaces')
    expect(draftProblem({ ...draft, name: 'app' }, ['app'])).toContain('already')
    expect(draftProblem({ ...draft, databases: '0, 1' }, [])).toContain('numbers with commas')
  })
})
