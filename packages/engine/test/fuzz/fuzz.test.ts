import { expect, test } from 'vitest'
import { Random } from '../../src/core/prng.ts'
import { encodeCommand } from '../differential/command-runs.ts'
import { FuzzRun } from './fuzz-run.ts'
import { FuzzedNode } from './fuzzed-node.ts'
import { Mutator, requestsOf } from './mutator.ts'

test('a short run of `pnpm fuzz`: no exception, no stall, no growth past the limits', { timeout: 600_000 }, () => {
  const run = new FuzzRun(5)
  run.run(Number(process.env.FUZZ_INPUTS ?? 50_000))
  expect(run.finds.map(({ what, inputs }) => ({ what, last: inputs.at(-1) }))).toEqual([])
  // Mutants that a node does not even take for commands would find nothing: most bring about another answer than an error of the protocol.
  expect(run.learnt.length).toBeGreaterThan(200)
})

test('a fuzzed node tells when a client has more in its query buffer than the limit allows', () => {
  const node = new FuzzedNode(1)
  const client = node.accept('client')
  expect(node.passedLimit()).toBeUndefined()
  const { decoder } = node.node.clients.get(client) ?? {}
  decoder?.push(new Uint8Array(3 * 1_048_576).fill(0x61))
  expect(node.passedLimit()).toMatch(/^the query buffer of a client holds 3145728 bytes$/)
})

test('a fuzzed node has answers, passes time and opens the link to its primary', () => {
  const node = new FuzzedNode(1)
  const client = node.accept('client')
  node.takeOutput()
  node.give(client, encodeCommand(['SET', 'a', '1']))
  expect(node.takeOutput()).toEqual({ bytes: 5, head: '+OK\r\n' })
  node.give(client, encodeCommand(['QUIT']))
  expect(node.isOpen(client)).toBe(false)
})

test('requests are read as they were written, and mutants of them differ', () => {
  const text = encodeCommand(['SET', '', 'a\r\nb']) + encodeCommand(['PING'])
  expect(requestsOf(text)).toEqual([['SET', '', 'a\r\nb'], ['PING']])
  expect(requestsOf(text.slice(0, -1))).toBeUndefined()
  expect(requestsOf('PING\r\n')).toBeUndefined()
  const mutator = new Mutator(new Random(1))
  for (const target of ['client', 'payload', 'bus', 'replication'] as const) mutator.learn({ target, text })
  const mutants = new Set(Array.from({ length: 200 }, () => mutator.next().text))
  expect(mutants.size).toBeGreaterThan(150)
})
