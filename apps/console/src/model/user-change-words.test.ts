import { expect, test } from 'vitest'
import { changeWords, commandText, differenceLines, resultLines } from './user-change-words.ts'

const names = new Map(['1', '2', '3'].map((id) => [id, `node-${id}`]))
const asked = ['1', '2', '3'].map((node) => ({ node, atMs: 0, error: null, hasAclFile: null }))
const same = { isThere: true, removed: [], added: [], passwordsRemoved: 0, passwordsAdded: 0, problem: null }
const preview = (command: string[], differences: object[]) => ({
  command,
  nodes: asked,
  differences: differences.map((one, at) => ({ ...same, nodes: [at], ...one })),
  warnings: [],
  typedName: null,
  nonce: '',
  expiresInMs: 1
})

test('what would be different is said by node: made, nothing, passwords, refused', () => {
  const lines = differenceLines(
    preview(
      ['ACL', 'SETUSER', 'app'],
      [{ isThere: false, added: ['on'], passwordsAdded: 1 }, {}, { problem: '!(hidden): the user has no such password', removed: ['~a'] }]
    ),
    names
  )
  expect(lines.map(({ nodes, words }) => [nodes.join(), words])).toEqual([
    ['node-1', 'it is made; 1 password more'],
    ['node-2', 'nothing changes'],
    ['node-3', 'would refuse it: !(hidden): the user has no such password']
  ])
  const deleted = differenceLines(preview(['ACL', 'DELUSER', 'app'], [{ passwordsRemoved: 2 }, { isThere: false }]), names)
  expect(deleted.map(({ words }) => words)).toEqual(['it is deleted, and its connections end', 'it is not there'])
})

test('answers are told together, refusals first', () => {
  const result = { atMs: 0, error: null, saved: null, saveError: null }
  const results = [
    { ...result, node: '2', saved: true },
    { ...result, node: '1', saved: true },
    { ...result, node: '3', error: 'NOPERM no' }
  ]
  expect(resultLines(results, 'edit', names)).toEqual([
    { isDone: false, title: 'Not done', words: 'NOPERM no', nodes: ['node-3'] },
    { isDone: true, title: 'Done and saved', words: '', nodes: ['node-1', 'node-2'] }
  ])
  expect(resultLines([{ ...result, node: '1', saved: false, saveError: 'ERR disk' }], 'delete', names)[0]).toMatchObject({
    isDone: false,
    title: 'Deleted, not saved',
    words: 'ERR disk'
  })
  expect(changeWords(results, 'edit')).toBe('changed on 2 nodes and not done on 1 node')
})

test('a selector is one word of the command', () => {
  expect(commandText(['ACL', 'SETUSER', 'app', '~a', '(~x +get)'])).toBe('ACL SETUSER app ~a "(~x +get)"')
})
