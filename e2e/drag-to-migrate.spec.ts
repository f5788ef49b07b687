import { sizeOf } from './fixtures/cluster-client.ts'
import { DatabaseRoom } from './fixtures/database-room.ts'
import { eventually } from './fixtures/eventually.ts'
import { fillSlots, missingOf } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { keysOf, Writer } from './fixtures/writer.ts'

const first = 1_000
const last = 1_499

test('500 slots are dragged to another shard while writes go on, and nothing is lost', async ({
  console: page,
  slotscope,
  cluster,
  databases,
  clusterKind
}) => {
  const [a, b, c] = await cluster.shards()
  const [source, target] = [a!.primary, b!.primary]
  const portOf = (address: string) => address.split(':')[1]!
  const room = new SlotRoom(page)

  await test.step('three shards are shown as the cluster has them', async () => {
    await room.untilShown()
    for (const shard of [a!, b!, c!]) expect(await room.slotsOf(portOf(shard.primary.address))).toBe(sizeOf(shard))
  })

  const filling = { first, last, databases, perSlot: 3 }
  await fillSlots(cluster, filling)
  // The sample workload of the embedded cluster goes on adding keys.
  const tolerance = clusterKind === 'embedded' ? 200 : 0
  const matrix = new DatabaseRoom(page)
  await test.step('the matrix shows the keys where they are', async () => {
    await matrix.open()
    await matrix.untilAs(cluster, [a!, b!, c!], databases, tolerance)
    await page.goBack()
    await room.untilShown()
  })

  const writer = new Writer({
    seeds: slotscope.addresses,
    keys: keysOf([first, first + 1, 1_250, last - 1, last, last + 1, 7_000], databases)
  })
  await eventually('writes are under way', async () => (writer.writes > 500 ? true : undefined))
  for (const database of databases) expect(await cluster.countKeys(source.address, first, last, database)).toBeGreaterThanOrEqual(1_500)

  const [sourceColour, targetColour] = [await room.colourOf(last + 100), await room.colourOf(7_000)]
  await test.step('brush, lift, and see what a drop would do', async () => {
    await room.brush(first, last)
    await room.carry(1_250, portOf(target.address))
    const lane = room.lane(portOf(target.address))
    await expect(lane).toContainText(`${sizeOf(b!).toLocaleString('en-US')} → ${(sizeOf(b!) + 500).toLocaleString('en-US')}`)
    await expect(room.lane(portOf(source.address))).toContainText(
      `${sizeOf(a!).toLocaleString('en-US')} → ${(sizeOf(a!) - 500).toLocaleString('en-US')}`
    )
  })

  const plan = page.getByRole('article', { name: 'Plan: move 500 slots to B' })
  await test.step('drop, and read the plan', async () => {
    await room.drop()
    await expect(plan).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE ${first} ${last} NODE ${target.id}`)
    expect(await cluster.migrations(source.address)).toEqual([])
  })

  const pictures = await room.watch([first, 1_250, last], [portOf(source.address), portOf(target.address)])
  await test.step('confirm, and watch the job to its end', async () => {
    await plan.getByRole('button', { name: 'Move slots' }).click()
    const job = page.getByRole('article', { name: /^Migration A.*B, 500 slots: Moved 500 slots/ })
    await expect(job).toBeVisible()
    await expect(job.getByRole('list', { name: 'Steps' }).getByRole('listitem')).toContainText(['connect', 'copy', 'catch up', 'hand over'])
    await expect(job.getByRole('button', { name: /^Move back/ })).toBeEnabled()
  })

  await test.step('the cluster says the same', async () => {
    await cluster.untilOwned(first, last, target.id)
    expect(await cluster.migrations(source.address)).toMatchObject([
      { operation: 'EXPORT', slotRanges: `${first}-${last}`, state: 'success' }
    ])
    expect(await cluster.migrations(target.address)).toMatchObject([
      { operation: 'IMPORT', slotRanges: `${first}-${last}`, state: 'success' }
    ])
  })

  await test.step('map and lanes flipped in one frame', async () => {
    await expect.poll(() => room.colourOf(1_250)).toBe(targetColour)
    await expect.poll(() => room.slotsOf(portOf(target.address))).toBe(sizeOf(b!) + 500)
    const count = (slots: number) => slots.toLocaleString('en-US')
    expect(await pictures.stop()).toEqual([
      [sourceColour, sourceColour, sourceColour, count(sizeOf(a!)), count(sizeOf(b!))].join(' '),
      [targetColour, targetColour, targetColour, count(sizeOf(a!) - 500), count(sizeOf(b!) + 500)].join(' ')
    ])
    for (const shard of await cluster.shards()) expect(await room.slotsOf(portOf(shard.primary.address))).toBe(sizeOf(shard))
  })

  await test.step('no write was lost or doubled, and no client saw an error but MOVED', async () => {
    const during = writer.writes
    await eventually('writes reach the new owner', async () => (writer.writes > during + 500 ? true : undefined))
    const report = await writer.stop()
    expect(report.faults).toEqual([])
    expect([...report.errors]).toEqual([])
    expect(report.linksLost).toBe(0)
    expect(report.redirects).toBeGreaterThan(0)
  })

  await test.step('all keys of all databases are with the new owner and its replica, and with nobody else', async () => {
    expect(await missingOf(cluster, filling)).toEqual([])
    for (const database of databases) {
      await expect.poll(() => cluster.countKeys(source.address, first, last, database)).toBe(0)
      await expect
        .poll(async () => {
          const [held, copied] = await Promise.all(
            [target, b!.replicas[0]!].map((node) => cluster.countKeys(node.address, first, last, database))
          )
          return held! - copied!
        })
        .toBe(0)
    }
  })

  await test.step('the matrix followed', async () => {
    await matrix.open()
    await matrix.untilAs(cluster, [a!, b!, c!], databases, tolerance)
  })
})
