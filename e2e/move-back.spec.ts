// What was moved goes back by a new plan, with today's keys; and the command that the plan prints does the same in valkey-cli.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fillSlots, missingOf } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { valkeyFolder } from './fixtures/valkey-cluster.ts'

const run = promisify(execFile)

test('a move is taken back, and the printed command moves the same slots again', { tag: '@valkey' }, async ({
  console: page,
  cluster,
  databases,
  context
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const [a, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const filling = { first: 1_000, last: 1_199, databases }
  await fillSlots(cluster, filling)
  await room.brush(1_000, 1_199)
  await room.carry(1_100, b!.primary.address.split(':')[1]!)
  await room.drop()
  const plan = page.getByRole('article', { name: 'Plan: move 200 slots to B' })
  await plan.getByRole('button', { name: 'Copy', exact: true }).click()
  const command = await page.evaluate(() => navigator.clipboard.readText())
  expect(command).toMatch(/^valkey-cli -h 127\.0\.0\.1 -p \d+ CLUSTER MIGRATESLOTS SLOTSRANGE 1000 1199 NODE [0-9a-f]{40}$/)
  await plan.getByRole('button', { name: 'Move slots' }).click()
  await expect(page.getByRole('article', { name: /^Migration A → B, 200 slots: Moved 200 slots/ })).toBeVisible()
  await cluster.untilOwned(1_000, 1_199, b!.primary.id)

  await test.step('back', async () => {
    await page.getByRole('button', { name: 'Move back A → B' }).click()
    const back = page.getByRole('article', { name: 'Plan: move 200 slots to A' })
    await expect(back).toContainText(`CLUSTER MIGRATESLOTS SLOTSRANGE 1000 1199 NODE ${a!.primary.id}`)
    await back.getByRole('button', { name: 'Move slots' }).click()
    await expect(page.getByRole('article', { name: /^Migration B → A, 200 slots: Moved 200 slots/ })).toBeVisible()
    await cluster.untilOwned(1_000, 1_199, a!.primary.id)
    expect(await missingOf(cluster, filling)).toEqual([])
  })

  await test.step('the command that was copied, pasted into valkey-cli, has the same effect; the room shows who did it', async () => {
    const [, ...args] = command.split(' ')
    const { stdout } = await run(join(valkeyFolder(), 'valkey-cli'), args)
    expect(stdout.trim()).toBe('OK')
    await cluster.untilOwned(1_000, 1_199, b!.primary.id)
    await expect(page.getByRole('article', { name: /^Migration A → B, 200 slots: Moved 200 slots/ }).first()).toContainText(
      'started elsewhere'
    )
    expect(await missingOf(cluster, filling)).toEqual([])
  })
})
