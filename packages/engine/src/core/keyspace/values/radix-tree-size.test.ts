import fc from 'fast-check'
import { expect, test } from 'vitest'
import { radixTreeNodes } from './radix-tree-size.ts'
import type { StreamId } from './stream-id.ts'

type Trie = Map<string, Trie>

/** Counts in a tree that is really there: leaves, branches, and a node for each run of bytes without either. */
function counted(ids: readonly StreamId[]): number {
  const root: Trie = new Map()
  for (const id of ids) {
    let at = root
    for (const byte of id.toString(16).padStart(32, '0').match(/../g) ?? []) {
      const next = at.get(byte) ?? new Map()
      at.set(byte, next)
      at = next
    }
  }
  const count = (trie: Trie, runs: boolean): number => {
    if (trie.size === 1) return (runs ? 0 : 1) + count([...trie.values()][0] as Trie, true)
    return 1 + [...trie.values()].reduce((sum, child) => sum + count(child, false), 0)
  }
  return count(root, false)
}

test('the size of a radix tree is told without building it', () => {
  expect(radixTreeNodes([])).toBe(1)
  const id = fc.oneof(fc.bigInt(0n, 70_000n), fc.bigInt(0n, 2n ** 128n - 1n))
  fc.assert(
    fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 40 }), (given) => {
      const ids = [...given].sort((a, b) => (a < b ? -1 : 1))
      expect(radixTreeNodes(ids)).toBe(counted(ids))
    }),
    { numRuns: 500 }
  )
})
