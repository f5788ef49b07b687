import { afterAll, beforeAll, describe, test } from 'vitest'
import { Random } from '../../src/core/prng.ts'
import { Comparison } from './comparison.ts'
import { CommandGenerator } from './random-commands.ts'
import { PAST_MS } from './step.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`commands answer, notify and propagate as a real server does${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
  })
  afterAll(() => oracle.close())

  test.each([2, 3])('random commands over RESP%i', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const comparison = await Comparison.begin(oracle, protocol)
      const generator = new CommandGenerator(new Random(seed * 2 + protocol))
      for (let batch = 0; batch < 4; batch++) {
        await comparison.run(Array.from({ length: 100 }, () => generator.next()))
      }
      await comparison.compareState()
    }
  })

  test.each([2, 3])('[HFE1] random commands over RESP%i on keys and fields that have expired and are still there', async (protocol) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const comparison = await Comparison.begin(oracle, protocol)
      const generator = new CommandGenerator(new Random(seed * 2 + 1000 + protocol))
      for (let batch = 0; batch < 40; batch++) {
        const hidden = generator.chance(0.7)
          ? ['HPEXPIREAT', generator.key(), String(PAST_MS), ...generator.countedFields()]
          : ['PEXPIREAT', generator.key(), String(PAST_MS)]
        await comparison.hide(hidden)
        // Of those that name fields, the engine passes on only the fields that it changed, so that none is brought back to life.
        // COPY makes an empty hash of one whose fields have all expired: a quirk that is not followed. SORT that meets such a field
        // passes on its result.
        const commands = Array.from({ length: 10 }, () => generator.next()).filter(
          ([name, ...rest]) => name !== 'COPY' && !(name === 'SORT' && rest.some((part) => part.includes('->')))
        )
        await comparison.run(commands, (line) => !/^\d+ (HDEL|HPERSIST|HPEXPIREAT|HGETDEL) /.test(line))
      }
    }
  })
})

/** Seeds per test. */
const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 15)
