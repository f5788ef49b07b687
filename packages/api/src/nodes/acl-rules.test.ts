import { describe, expect, test } from 'vitest'
import { type AclUserState, applyRules, compareStates, describeState, newUser } from './acl-rules.ts'

const hash = `#${'ab'.repeat(32)}`
const made = (rules: readonly string[], from: AclUserState = newUser): AclUserState => {
  const user = applyRules(from, rules)
  if ('problem' in user) throw new Error(user.problem)
  return user
}

describe('what rules make of a user', () => {
  test.each([
    [['on', 'nopass', 'allkeys', 'allchannels', 'allcommands'], 'on nopass ~* &* +@all'],
    [['+@read', '+set', '-get', '+get', '+config|get', '-config'], 'off -@all +@read +set +get -config'],
    [['+GET|x', '+@DANGEROUS', '-@dangerous'], 'off -@all +get|x -@dangerous'],
    [['~a:*', '%R~b', '%W~b', '%RW~c', '%w~d'], 'off ~a:* ~b ~c %W~d -@all'],
    [['~a', '~*', 'resetkeys', '%R~*'], 'off %R~* -@all'],
    [['&a', '&b', '&a'], 'off &a &b -@all'],
    [['db=3,0,3', 'DB=5,1'], 'off db=1,5 -@all'],
    [['resetdbs'], 'off resetdbs -@all'],
    [['db=1', 'alldbs'], 'off -@all'],
    [['(~x:* +get db=2)', '(+@all)'], 'off -@all (~x:* db=2 -@all +get) (+@all)'],
    [['(~x +get)', 'clearselectors', 'on'], 'on -@all'],
    [['on', '~a', '+get', 'reset'], 'off -@all']
  ])('%j', (rules, described) => expect(describeState(made(rules)).join(' ')).toBe(described))

  test('passwords come and go by their hashes; nopass drops them and a password ends nopass', () => {
    expect(made([hash, hash]).passwordHashes).toEqual([hash])
    expect(made([hash, 'nopass'])).toMatchObject({ needsNoPassword: true, passwordHashes: [] })
    expect(made(['nopass', hash])).toMatchObject({ needsNoPassword: false, passwordHashes: [hash] })
    expect(made([hash, `!${hash.slice(1)}`]).passwordHashes).toEqual([])
  })

  test.each([
    [[`!${hash.slice(1)}`], '!(hidden): the user has no such password'],
    [['#my password'], '#(hidden): a hash is 64 digits'],
    [['>plain'], '>(hidden): this is no rule'],
    [['hunter2'], 'hunter2: this is no rule'],
    [['~*', '~a'], '~a: all keys are allowed already'],
    [['&*', '&a'], '&a: all channels are allowed already'],
    [['db=x'], 'db=x: this is no rule'],
    [['(~x +get'], 'is not closed'],
    [['(on)'], '(on): this is no rule']
  ])('%j is refused, without a secret in the words', (rules, words) => {
    expect(applyRules(newUser, rules)).toEqual({ problem: expect.stringContaining(words) })
  })

  test('a difference is told by rule; the order counts where only it differs', () => {
    const before = made(['on', '~a', '+get', hash])
    const after = made(['off', 'resetkeys', '~b', 'resetpass'], before)
    expect(compareStates(before, after)).toEqual({
      removed: ['on', '~a'],
      added: ['off', '~b'],
      passwordsRemoved: 1,
      passwordsAdded: 0
    })
    expect(compareStates(null, before)).toMatchObject({ removed: [], added: ['on', '~a', '-@all', '+get'], passwordsAdded: 1 })
    expect(compareStates(before, null)).toMatchObject({ removed: ['on', '~a', '-@all', '+get'], passwordsRemoved: 1 })
    const reordered = compareStates(made(['+get', '-@read']), made(['-@read', '+get']))
    expect(reordered).toMatchObject({ removed: ['off -@all +get -@read'], added: ['off -@all -@read +get'] })
    expect(compareStates(before, before)).toMatchObject({ removed: [], added: [] })
  })
})
