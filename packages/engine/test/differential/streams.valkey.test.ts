import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/prng.ts'
import { Comparison } from './comparison.ts'
import { CommandGenerator } from './random-commands.ts'
import { AROUND_STREAMS, NODE_DEFAULTS, STREAM_TEMPLATES } from './random-stream-commands.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`
/** Seeds per test. */
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 15)

describe.skipIf(!hasValkey())(`streams, as a real server has them${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
    // So that both write the same bytes: the engine does not compress.
    await oracle.call(['CONFIG', 'SET', 'rdbcompression', 'no'])
  })
  afterAll(() => oracle.close())

  test.each([2, 3])('[TYPE18] [TYPE19] random stream commands over RESP%i, and the bytes of DUMP', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      for (let tries = 1; ; tries++) {
        const comparison = await Comparison.begin(oracle, protocol)
        try {
          await compareSeed(comparison, seed, protocol)
          break
        } catch (error) {
          if (tries === 5 || !comparison.wasHeldUp) throw error
        }
      }
    }
  })

  async function compareSeed(comparison: Comparison, seed: number, protocol: number): Promise<void> {
    await comparison.run([NODE_DEFAULTS])
    const generator = new CommandGenerator(new Random(seed * 2 + 5000 + protocol), [
      ...STREAM_TEMPLATES,
      ...STREAM_TEMPLATES,
      ...AROUND_STREAMS
    ])
    for (let batch = 0; batch < 8; batch++) {
      await comparison.run(Array.from({ length: 50 }, () => generator.next()))
      await comparison.compareState()
      await comparison.run([['SELECT', '0']])
    }
    await comparison.run([NODE_DEFAULTS])
    await compareDumps(comparison)
  }

  test('[TYPE18] entries of any size: a node ends where theirs does', async () => {
    const comparison = await Comparison.begin(oracle)
    const random = new Random(77)
    const size = () => random.below(random.below(10) === 0 ? 5000 : 80)
    for (let batch = 0; batch < 20; batch++) {
      const adds = Array.from({ length: 100 }, (_, index) => {
        const fields = Array.from({ length: 1 + random.below(3) }, (_, field) => [`f${field}`, 'x'.repeat(size())])
        const id = `${batch * 100 + index}-${1 + random.below(2 ** 31)}`
        return ['XADD', 's', ...(random.below(20) === 0 ? ['MAXLEN', '~', '400'] : []), id, ...fields.flat()]
      })
      await comparison.run(adds)
      await comparison.run([
        ['XDEL', 's', ...adds.slice(90).map((add) => add.find((part) => /^\d+-/.test(part)) ?? '')],
        ['XTRIM', 's', 'MINID', '~', String(batch * 70)],
        ['XINFO', 'STREAM', 's'],
        ['DUMP', 's']
      ])
    }
  })

  test.each([2, 3])('BLOCK in a transaction does not wait, RESP%i', async (protocol) => {
    const comparison = await Comparison.begin(oracle, protocol)
    await comparison.run([
      ['XADD', 's', '1', 'f', 'v'],
      ['XGROUP', 'CREATE', 's', 'g', '0'],
      ['MULTI'],
      ['XREAD', 'BLOCK', '0', 'STREAMS', 's', '$'],
      ['XREAD', 'BLOCK', '0', 'STREAMS', 's', '0'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's', '>'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's', '>'],
      ['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's', '0'],
      ['EXEC']
    ])
  })

  test('WATCH looks at entries, not at groups', async () => {
    const comparison = await Comparison.begin(oracle)
    await comparison.run([
      ['XADD', '{s}', '1', 'f', 'v'],
      ['XGROUP', 'CREATE', '{s}', 'g', '0'],
      ...[
        ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', '{s}', '>'],
        ['XCLAIM', '{s}', 'g', 'd', '0', '1'],
        ['XACK', '{s}', 'g', '1'],
        ['XGROUP', 'SETID', '{s}', 'g', '0'],
        ['XSETID', '{s}', '5'],
        ['XGROUP', 'CREATE', '{s}n', 'g', '0', 'MKSTREAM'],
        ['XADD', '{s}', '6', 'f', 'v'],
        ['XTRIM', '{s}', 'MAXLEN', '1'],
        ['XDEL', '{s}', '6']
      ].flatMap((command) => [['WATCH', '{s}', '{s}n'], command, ['MULTI'], ['PING'], ['EXEC']])
    ])
  })

  /** Each server takes the other's payload and gives it back byte for byte. */
  async function compareDumps(comparison: Comparison): Promise<void> {
    for (const key of ['{t}a', '{t}b', '{t}c']) {
      for (const [giver, taker] of [
        [ask, answer],
        [answer, ask]
      ] as const) {
        const payload = /^\$\d+\r\n(.*)\r\n$/s.exec(await giver(comparison, ['DUMP', key]))?.[1]
        if (payload === undefined) continue
        expect(await taker(comparison, ['RESTORE', '{t}restored', '0', payload, 'REPLACE'])).toBe('+OK\r\n')
        expect(await taker(comparison, ['DUMP', '{t}restored'])).toBe(`$${payload.length}\r\n${payload}\r\n`)
      }
    }
  }

  async function ask(_: Comparison, command: readonly string[]): Promise<string> {
    return (await oracle.run([command])).replies[0] ?? ''
  }

  async function answer({ subject }: Comparison, command: readonly string[]): Promise<string> {
    return subject.run([command]).replies[0] ?? ''
  }
})
