import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Random } from '../../src/core/prng.ts'
import { BLOCKING_CONVERSATIONS, drawBlocking } from './blocking-conversations.ts'
import { Conversation } from './conversation.ts'
import { Duel } from './duel.ts'
import { EngineSide } from './engine-side.ts'
import { EXPLAINED } from './explained.ts'
import { differenceOf } from './long-run.ts'
import { Normalising } from './normalising.ts'
import { SequenceGenerator } from './random-sequence.ts'
import { STANDALONE_CONVERSATIONS } from './standalone-conversations.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'
import { ValkeySide } from './valkey-side.ts'

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`[DB3] outside of a cluster a node is what a real server is there${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start('standalone')
  })
  afterAll(() => oracle.close())

  const scripts = Object.entries({ ...STANDALONE_CONVERSATIONS, ...BLOCKING_CONVERSATIONS })
  const cases = scripts.flatMap(([name, script]) => [2, 3].map((protocol) => [name, protocol, script] as const))
  test.each(cases)('%s, RESP%i', async (_, protocol, script) => Conversation.run(oracle, protocol, script))

  test.each([2, 3])('random pops, moves and pushes of five clients, RESP%i', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++)
      await Conversation.runRandom(oracle, protocol, new Random(seed * 2 + protocol), 60, drawBlocking)
  })

  test('random commands of every group, and the dataset that they leave', async () => {
    const theirs = await ValkeySide.start('standalone')
    try {
      const ours = new EngineSide('standalone')
      const duel = new Duel(ours, theirs, new Normalising())
      for (let seed = 1; seed <= RUNS; seed++) {
        const generator = new SequenceGenerator(seed)
        const steps = Array.from({ length: 400 }, () => generator.next())
        const difference = await differenceOf(duel, ours, steps)
        if (difference && !EXPLAINED.some((one) => one.is(difference))) expect({ seed, ...difference }).toBeUndefined()
      }
    } finally {
      await theirs.close()
    }
  }, 60_000)
})

/** Seeds per test. */
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 5)
