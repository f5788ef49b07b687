import { expect, test } from 'vitest'
import { InMemoryNode } from './in-memory-node.ts'

test('[EXP7] in import mode nothing expires by itself, and everything that is due goes afterwards', () => {
  const memory = new InMemoryNode({ config: { 'import-mode': 'yes' } })
  const [source, reader] = [memory.connect(), memory.connect()]
  expect(memory.command(source, 'CLIENT', 'IMPORT-SOURCE', 'ON')).toBe('+OK\r\n')
  memory.command(source, 'SET', '{t}k', 'v', 'PX', '5')
  memory.advance(1_000)
  expect([memory.command(source, 'GET', '{t}k'), memory.command(reader, 'GET', '{t}k')]).toEqual(['$1\r\nv\r\n', '$-1\r\n'])
  expect(memory.command(reader, 'DBSIZE')).toBe(':1\r\n')
  expect(memory.command(source, 'CLIENT', 'INFO')).toContain(' flags=I ')
  memory.command(reader, 'CONFIG', 'SET', 'import-mode', 'no')
  memory.advance(300)
  expect(memory.command(reader, 'DBSIZE')).toBe(':0\r\n')
})

test('[EXP7] [EVI1] in import mode nothing is evicted, and what would add is refused', () => {
  const memory = new InMemoryNode({ config: { 'import-mode': 'yes', 'maxmemory-policy': 'allkeys-lru' } })
  const client = memory.connect()
  memory.command(client, 'SET', 'a', 'x'.repeat(10_000))
  memory.command(client, 'CONFIG', 'SET', 'maxmemory', '1000')
  expect(memory.command(client, 'SET', 'b', 'x')).toMatch(/^-OOM /)
  expect(memory.command(client, 'DBSIZE')).toBe(':1\r\n')
})
