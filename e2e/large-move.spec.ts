// A move that is large enough to be noticed, asked of the cluster itself. No browser is needed.
import { eventually } from './fixtures/eventually.ts'
import { fillSlots, missingOf } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { keysOf, Writer } from './fixtures/writer.ts'

/** How long a client of other slots may wait, in milliseconds. A real server holds back all writes of the source at the hand-over. */
const mostMs = { embedded: 100, valkey: 1_000 } as const

// The sample workload would share the processor with what is measured.
test.use({ commandArgs: async ({ clusterKind }, use) => use(clusterKind === 'embedded' ? ['--no-load'] : []) })

test('1,000 slots with 200,000 keys move while other slots keep answering', async ({ slotscope, cluster, databases, clusterKind }) => {
  const [a, b] = await cluster.shards()
  const moving = databases.slice(0, 2)
  const filling = { first: 0, last: 999, databases: moving, perSlot: 200 / moving.length }
  expect(await fillSlots(cluster, filling)).toBe(200_000)

  // A pause that the cluster makes is there at every move; one that a busy machine makes is not. So the slots go there and back until
  // a move without a pause was seen, three times at most, and every one of them must lose nothing.
  const waitsMs: number[] = []
  for (const [source, target] of [
    [a!.primary, b!.primary],
    [b!.primary, a!.primary],
    [a!.primary, b!.primary]
  ] as const) {
    const slots = [1_000, 3_000, 5_000, 6_000, 12_000]
    const keys = keysOf(slots, moving).map((each) => ({ ...each, key: `${each.key}:${waitsMs.length}` }))
    const writer = new Writer({ seeds: slotscope.addresses, keys })
    await eventually('writes are under way', async () => (writer.writes > 500 ? true : undefined))
    const node = await cluster.at(source.address)
    expect(await node.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', 0, 999, 'NODE', target.id)).toBe('OK')
    await cluster.untilOwned(0, 999, target.id, 60_000)
    const report = await writer.stop()

    expect(report.faults).toEqual([])
    expect([...report.errors]).toEqual([])
    expect(await missingOf(cluster, filling)).toEqual([])
    for (const database of moving) {
      await expect.poll(() => cluster.countKeys(source.address, 0, 999, database)).toBe(0)
    }
    waitsMs.push(Math.round(report.longestWaitMs - report.ownDelayMs))
    if (waitsMs.at(-1)! < mostMs[clusterKind]) break
  }
  test.info().annotations.push({ type: 'longest waits of others', description: `${waitsMs.join(', ')} ms` })
  expect(Math.min(...waitsMs), `the longest waits were ${waitsMs.join(', ')} ms`).toBeLessThan(mostMs[clusterKind])
})
