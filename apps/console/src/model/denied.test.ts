import { expect, test } from 'vitest'
import { deniedFor } from './denied.ts'

test('a panel is told the rule that it lacks, on any node or on one', () => {
  const words = "NOPERM User console has no permissions to run the 'info' command"
  const denied = { '+info': { words, panels: ['nodes', 'traffic'] as const, nodes: ['n1'] } }
  expect(deniedFor(denied, 'traffic')).toEqual({ rule: '+info', words })
  expect(deniedFor(denied, 'traffic', 'n1')).toEqual({ rule: '+info', words })
  expect(deniedFor(denied, 'traffic', 'n2')).toBeNull()
  expect(deniedFor(denied, 'slots')).toBeNull()
  expect(deniedFor(undefined, 'slots')).toBeNull()
})
