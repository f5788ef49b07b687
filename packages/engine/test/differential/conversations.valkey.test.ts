import { afterAll, beforeAll, describe, test } from 'vitest'
import { Random } from '../../src/core/prng.ts'
import { ACL_CONVERSATIONS, drawAcl } from './acl-conversations.ts'
import { BLOCKING_CONVERSATIONS, drawBlocking } from './blocking-conversations.ts'
import { Conversation } from './conversation.ts'
import { STREAM_CONVERSATIONS } from './stream-conversations.ts'
import { drawTracking, TRACKING_CONVERSATIONS } from './tracking-conversations.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`several clients hear what they hear from a real server${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
  })
  afterAll(() => oracle.close())

  const scripts = Object.entries({ ...BLOCKING_CONVERSATIONS, ...STREAM_CONVERSATIONS, ...TRACKING_CONVERSATIONS, ...ACL_CONVERSATIONS })
  const cases = scripts.flatMap(([name, script]) => [2, 3].map((protocol) => [name, protocol, script] as const))
  test.each([2, 3])('random pops, moves and pushes of five clients, RESP%i', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++)
      await Conversation.runRandom(oracle, protocol, new Random(seed * 2 + protocol), 60, drawBlocking)
  })

  test('random reads and writes of five clients that track, RESP3', async () => {
    for (let seed = 1; seed <= RUNS; seed++) await Conversation.runRandom(oracle, 3, new Random(seed), 80, drawTracking)
  })

  test.each([2, 3])('random rules of two users and what they allow, RESP%i', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      await Conversation.runRandom(oracle, protocol, new Random(seed * 2 + protocol), 150, drawAcl)
      await oracle.call(['ACL', 'DELUSER', 'u', 'v'])
    }
  })

  test.each(cases)('%s, RESP%i', async (_, protocol, script) => Conversation.run(oracle, protocol, script))
})

/** Seeds per test. */
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 10)
