import { afterAll, beforeAll, describe, test } from 'vitest'
import { Random } from '../../src/core/prng.ts'
import { BLOCKING_CONVERSATIONS, drawBlocking } from './blocking-conversations.ts'
import { Comparison } from './comparison.ts'
import { Conversation } from './conversation.ts'
import { CommandGenerator } from './random-commands.ts'
import { STANDALONE_CONVERSATIONS } from './standalone-conversations.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'

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

  test.each([2, 3])('random commands, RESP%i', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const comparison = await Comparison.begin(oracle, protocol)
      const generator = new CommandGenerator(new Random(seed * 2 + protocol))
      for (let batch = 0; batch < 4; batch++) await comparison.run(Array.from({ length: 100 }, () => generator.next()))
      await comparison.compareState()
    }
  })
})

/** Seeds per test. */
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 5)
