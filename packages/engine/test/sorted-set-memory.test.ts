import { expect, test } from 'vitest'
import { CommandLine } from './command-line.ts'

test('what a sorted set is said to take follows its form', () => {
  const line = new CommandLine()
  line.run('ZADD one 1 member')
  line.call(['ZADD', 'many', ...Array.from({ length: 100 }, (_, index) => [String(index), `member:${index}`]).flat()])
  const usage = (key: string) => line.run(`MEMORY USAGE ${key}`) as number
  const [one, many] = [usage('one'), usage('many')]
  expect(one).toBeLessThan(450)
  expect(many).toBeLessThan(3200)
  // They become skiplists: SORT by reading them, ZADD before it finds that nothing comes in.
  line.run('SORT one ALPHA')
  line.call(['ZADD', 'many', 'XX', ...Array.from({ length: 129 }, (_, index) => ['1', `other:${index}`]).flat()])
  expect(usage('one')).toBeGreaterThan(one + 100)
  expect(usage('many')).toBeGreaterThan(many + 3000)
})

test('used_memory hears of a form that changed though no member did', () => {
  const line = new CommandLine()
  for (let key = 0; key < 50; key++) line.call(['ZADD', `k${key}`, '1', 'member'])
  const { records } = line.memory.node.keyspace.store
  const weigh = () => {
    records.weigh((value) => (value.type === 'zset' && value.encoding === 'skiplist' ? 1000 : 1), 1000)
    return records.objectBytes
  }
  expect(weigh()).toBe(50)
  line.run('SORT k0 ALPHA')
  line.call(['ZADD', 'k1', 'XX', ...Array.from({ length: 129 }, (_, index) => ['1', `other:${index}`]).flat()])
  expect(weigh()).toBe(48 + 2000)
})
