import { expect, test } from 'vitest'
import { nodeOf } from './core.fixture.ts'
import { nodeTrouble, oldFigures } from './node-words.ts'

const node = nodeOf('A', 0)

test('a healthy node needs no words; a paused one says so', () => {
  expect(nodeTrouble(node)).toBeNull()
  expect(nodeTrouble({ ...node, paused: 'slot_migration' })).toBe('writes paused')
  expect(nodeTrouble({ ...node, health: 'fail', paused: 'slot_migration' })).toBe('failed')
  expect(nodeTrouble({ ...node, health: 'unreachable' })).toBe('does not answer')
})

test('figures older than two periods say their age, and in a large cluster later', () => {
  expect(oldFigures({ ...node, readAtMs: 100_000 }, 110_000, 6)).toBeNull()
  expect(oldFigures({ ...node, readAtMs: 100_000 }, 120_000, 6)).toBe('read 20 s ago')
  expect(oldFigures({ ...node, readAtMs: 100_000 }, 120_000, 1_000)).toBeNull()
  expect(oldFigures({ ...node, readAtMs: 0 }, 120_000, 6)).toBe('not read yet')
  expect(oldFigures({ ...node, readAtMs: 110_000, staleSinceMs: 100_000 }, 110_000, 6)).toBe('read 10 s ago')
})
