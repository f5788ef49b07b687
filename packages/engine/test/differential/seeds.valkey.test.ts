import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Duel } from './duel.ts'
import { EngineSide } from './engine-side.ts'
import { differenceOf, LongRun } from './long-run.ts'
import { Normalising } from './normalising.ts'
import { keptSeeds, seedsFolder } from './seeds.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'
import { ValkeySide } from './valkey-side.ts'

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`sequences of commands, as a real server answers them${reason}`, () => {
  let theirs: ValkeySide
  beforeAll(async () => {
    theirs = await ValkeySide.start()
  })
  afterAll(() => theirs.close())

  test.each(keptSeeds(seedsFolder))('%s, which once differed', async (_, { steps }) => {
    const ours = new EngineSide()
    expect(await differenceOf(new Duel(ours, theirs, new Normalising()), ours, steps)).toBeUndefined()
  })

  test('a short run of `pnpm differential`', { timeout: 120_000 }, async () => {
    const run = new LongRun(theirs, { seen: () => {}, found: () => {}, progress: () => {} })
    for (const seed of [1, 2, 3]) {
      const digests = await run.run(seed, 2_000)
      expect(run.finds).toEqual([])
      expect(digests.ours).toBe(digests.theirs)
    }
  })
})
