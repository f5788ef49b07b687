import { describe, expect, test } from 'vitest'
import type { Command } from './command-runs.ts'
import { Coverage } from './coverage.ts'
import { Duel } from './duel.ts'
import { PAYLOADS } from './dumped-payloads.ts'
import { EngineSide } from './engine-side.ts'
import { type Find, LongRun } from './long-run.ts'
import { Normalising } from './normalising.ts'
import { elementsOf, frameEnd, type ReplyTree } from './reply-frame.ts'
import { shrink } from './shrink.ts'
import type { Side, Step } from './step.ts'

/** An engine that miscounts members, as a real server would not. */
class MiscountingSide extends EngineSide {
  override async commands(steps: readonly Step[]): Promise<string[]> {
    const replies = await super.commands(steps)
    return replies.map((reply, index) =>
      steps[index]?.[0] === 'SCARD' && reply.startsWith(':') && reply !== ':0\r\n' ? ':999\r\n' : reply
    )
  }
}

const listener = { seen: () => {}, found: () => {}, progress: () => {} }

describe('a long run', () => {
  test('finds nothing between an engine and itself, and the digests are one', async () => {
    const run = new LongRun(new EngineSide(), listener)
    const digests = await run.run(7, 2_000)
    expect(run.finds).toEqual([])
    expect(digests.ours).toBe(digests.theirs)
    expect(run.steps).toBe(2_000)
  })

  test('finds what differs, makes it short, goes on, and does not tell of it twice', async () => {
    const found: Find[] = []
    const run = new LongRun(new MiscountingSide(), { ...listener, found: (find) => found.push(find) })
    await run.run(7, 4_000)
    expect(found.map(({ difference }) => difference.step[0])).toEqual(['SCARD'])
    expect(found[0]?.difference.theirs).toBe(':999\r\n')
    expect(found[0]?.steps.length).toBeLessThanOrEqual(3)
    expect(run.repeated).toBeGreaterThan(0)
    expect(run.steps).toBe(4_000)
  })
})

test('replies inside a transaction are compared each by its command', async () => {
  const [ours, theirs]: Side[] = [new EngineSide(), new MiscountingSide()]
  const duel = new Duel(ours as Side, theirs as Side, new Normalising())
  await duel.reset()
  const seen: Command[] = []
  const watched = new Duel(ours as Side, theirs as Side, new Normalising(), (command) => seen.push(command))
  expect(await watched.firstDifference([['MULTI'], ['SADD', 'a', '1'], ['SMEMBERS', 'a'], ['EXEC']])).toBeUndefined()
  expect(seen).toEqual([['MULTI'], ['EXEC'], ['SADD', 'a', '1'], ['SMEMBERS', 'a']])
  const { index, difference } = (await watched.firstDifference([['PING'], ['SADD', 'a', '2'], ['SCARD', 'a']])) ?? {}
  expect([index, difference?.step]).toEqual([2, ['SCARD', 'a']])
})

test('what is taken away until nothing can be is the shortest that still fails', async () => {
  const steps = Array.from({ length: 500 }, (_, index) => index)
  const fails = async (some: readonly number[]) => [17, 230, 499].every((needed) => some.includes(needed))
  expect(await shrink(steps, fails)).toEqual([17, 230, 499])
})

describe('what may differ', () => {
  test('is one field of one command: nothing else of the reply, nothing of other commands', () => {
    const normalising = new Normalising()
    const [one, other] = ['*2\r\n$1\r\na\r\n$1\r\nb\r\n', '*2\r\n$1\r\nb\r\n$1\r\na\r\n']
    expect(normalising.areAlike(['SMEMBERS', 'k'], one, other)).toBe(true)
    expect(normalising.areAlike(['LRANGE', 'k', '0', '-1'], one, other)).toBe(false)
    expect(normalising.areAlike(['SMEMBERS', 'k'], one, one.replace('a', 'c'))).toBe(false)
    expect(normalising.areAlike(['TTL', 'k'], ':1005\r\n', ':1001\r\n')).toBe(true)
    expect(normalising.areAlike(['TTL', 'k'], ':1005\r\n', ':-1\r\n')).toBe(false)
    expect(normalising.areAlike(['TTL', 'k'], ':1005\r\n', ':1205\r\n')).toBe(false)
    const used = normalising.uses().filter(([, times]) => times > 0)
    expect(used).toEqual([
      ['SMEMBERS: order of the elements', 1],
      ['TTL: seconds left', 1]
    ])
  })

  test('of DUMP is the form, not the value', async () => {
    const side = new EngineSide()
    await side.reset()
    // As a real 9.1 writes it, in another form than the engine's.
    const [theirs = ''] = PAYLOADS.filter((payload) => payload.includes('\x81a\x02\x0a'))
    const steps = [
      ['RPUSH', 'a', 'a', '10', '', '-300'],
      ['RPUSH', 'b', 'a', '10', '', '-301'],
      ['DUMP', 'a'],
      ['DUMP', 'b']
    ]
    const [, , same = '', other = ''] = await side.commands(steps)
    const reply = (payload: string) => `$${payload.length}\r\n${payload}\r\n`
    const alike = (ours: string, payload: string) => new Normalising().areAlike(['DUMP', 'a'], ours, reply(payload))
    expect(alike(same, theirs)).toBe(true)
    expect(alike(other, theirs)).toBe(false)
    // Not a payload: its checksum is wrong.
    expect(alike(same, `${theirs.slice(0, -1)}x`)).toBe(false)
  })
})

test('coverage counts options once per command, and what is no error', () => {
  const text = (word: string): ReplyTree => `$${word}`
  const list = (...items: ReplyTree[]): ReplyTree => ({ kind: '*', items })
  const option = (token: string) => list(text('name'), text(token), text('token'), text(token))
  const docs = list(text('get'), list(text('group'), text('string'), text('arguments'), list(option('NX'), option('EX'))))
  const coverage = new Coverage(docs)
  coverage.count(['GET', 'k', 'nx', 'NX'], '$1\r\nv\r\n')
  coverage.count(['get', 'k', 'EX'], '-ERR no\r\n')
  coverage.count(['PING'], '+PONG\r\n')
  expect([...coverage.rows()].map(([name, { count, served }]) => [name, count, served])).toEqual([
    ['GET', 2, 1],
    ['GET … NX', 1, 1],
    ['GET … EX', 1, 0]
  ])
})

test('frames of every type end where they end', () => {
  for (const frame of [
    '+OK\r\n',
    '$-1\r\n',
    '$3\r\na\r\n\r\n',
    '*2\r\n*1\r\n:1\r\n$0\r\n\r\n',
    '%1\r\n+a\r\n~2\r\n_\r\n#t\r\n',
    '*-1\r\n',
    '=5\r\ntxt:a\r\n'
  ]) {
    expect(frameEnd(`${frame}+`, 0)).toBe(frame.length)
    for (let length = 0; length < frame.length; length++) expect(frameEnd(frame.slice(0, length), 0)).toBe(-1)
  }
  expect(elementsOf('*2\r\n*1\r\n:1\r\n$0\r\n\r\n')).toEqual(['*1\r\n:1\r\n', '$0\r\n\r\n'])
})
