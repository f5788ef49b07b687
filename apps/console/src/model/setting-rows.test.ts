import type { NodeSettingsAnswer } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { inOrder, isOwnSetting, newerName, settingRows, someNames, unanswered } from './setting-rows.ts'

const names = new Map([
  ['1', 'node-1'],
  ['2', 'node-2']
])
const answer: NodeSettingsAnswer = {
  nodes: [
    { node: '1', atMs: 0, error: null },
    { node: '2', atMs: 0, error: null },
    { node: '3'.repeat(40), atMs: 0, error: "NOPERM User x has no permissions to run the 'config|get' command" }
  ],
  settings: [
    { name: 'maxmemory', isSecret: false, values: [{ kind: 'shown', value: '0', nodes: null }] },
    {
      name: 'port',
      isSecret: false,
      values: [
        { kind: 'shown', value: '7001', nodes: null },
        { kind: 'shown', value: '7002', nodes: [1] }
      ]
    },
    {
      name: 'requirepass',
      isSecret: true,
      values: [
        { kind: 'hidden', value: null, nodes: null },
        { kind: 'hidden', value: null, nodes: [1] }
      ]
    },
    {
      name: 'save',
      isSecret: false,
      values: [
        { kind: 'shown', value: '', nodes: null },
        { kind: 'absent', value: null, nodes: [0] }
      ]
    },
    { name: 'repl-ping-slave-period', isSecret: false, values: [{ kind: 'shown', value: '10', nodes: null }] },
    { name: 'repl-ping-replica-period', isSecret: false, values: [{ kind: 'shown', value: '10', nodes: null }] }
  ]
}
const shown = (find = '', own = false, equal = true) => settingRows(answer, names, { find, own, equal })

describe('settings of all nodes', () => {
  test('unequal ones stand first, each value with its nodes; those of a node itself are hidden until they are asked for', () => {
    expect(shown().map(({ name }) => name)).toEqual(['requirepass', 'save', 'maxmemory', 'repl-ping-replica-period'])
    expect(shown('', true, false).map(({ name }) => name)).toEqual(['port', 'requirepass', 'save'])
    expect(shown('', true, false)[0]!.groups).toEqual([
      { kind: 'shown', words: '7001', nodes: ['node-1'] },
      { kind: 'shown', words: '7002', nodes: ['node-2'] }
    ])
    expect(shown('requirepass')[0]!.groups.map(({ words }) => words)).toEqual(['set, not shown (a)', 'set, not shown (b)'])
    expect(shown('SAVE')[0]!.groups.map(({ words, nodes }) => [words, nodes])).toEqual([
      ['empty', ['node-2']],
      ['not known there', ['node-1']]
    ])
  })

  test('an older name of the same setting says nothing new', () => {
    expect(newerName('masterauth')).toBe('primaryauth')
    expect(newerName('min-slaves-to-write')).toBe('min-replicas-to-write')
    expect(newerName('hash-max-ziplist-entries')).toBe('hash-max-listpack-entries')
    expect(newerName('aof_rewrite_cpulist')).toBe('aof-rewrite-cpulist')
    expect(newerName('maxmemory')).toBe('maxmemory')
    expect(newerName('constructor')).toBe('constructor')
  })

  test.each(['port', 'bind', 'cluster-announce-ip', 'pidfile', 'dir', 'replicaof', 'server-cpulist'])('%s is each node’s own', (name) => {
    expect(isOwnSetting(name)).toBe(true)
  })

  test.each(['maxmemory', 'save', 'requirepass', 'cluster-databases', 'tls-cert-file', 'cluster-announce'])('%s is not', (name) => {
    expect(isOwnSetting(name)).toBe(false)
  })

  test('who did not answer is told with the rule that is missing', () => {
    expect(unanswered(answer.nodes, names)).toEqual([{ words: answer.nodes[2]!.error, rule: '+config|get', nodes: ['33333333'] }])
    expect(someNames(['a', 'b', 'c'], 2)).toBe('a, b and 1 more')
    expect(inOrder(['node-10', 'node-2'])).toEqual(['node-2', 'node-10'])
  })
})
