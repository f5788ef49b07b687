import type { Locator, Page } from '@playwright/test'
import { eventually } from './fixtures/eventually.ts'
import { expect, test } from './fixtures/journey.ts'
import { NodeClient } from './fixtures/node-client.ts'

/** Asks one node without our api. */
async function ask(address: string, ...command: string[]): Promise<string> {
  const client = await NodeClient.connect(address)
  try {
    return await client.text(...(command as [string, ...string[]]))
  } finally {
    client.close()
  }
}

async function openTopology(page: Page): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'Topology' }).click()
  await expect(page.getByRole('list', { name: 'Shards' }).getByRole('heading')).toHaveCount(3)
}

/** Opens the menu of a node, by the keyboard alone, and chooses from it. */
async function choose(page: Page, node: string, action: string): Promise<Locator> {
  await page.getByRole('button', { name: `Plan for ${node}`, exact: true }).focus()
  await page.keyboard.press('Enter')
  await page
    .getByRole('dialog', { name: `What to do with ${node}` })
    .getByRole('button', { name: action })
    .press('Enter')
  return page.getByRole('article', { name: /^Plan: / })
}

const deedOf = (page: Page, title: RegExp) =>
  page.getByRole('list', { name: 'Deeds' }).getByRole('listitem').filter({ hasText: title }).first()

test('a replica takes its shard over, where the servers can do that, and is shown as its primary', async ({
  console: page,
  slotscope,
  clusterKind
}) => {
  await openTopology(page)
  const address = slotscope.addresses[3] ?? ''
  const name = clusterKind === 'embedded' ? 'node-4' : address
  const plan = await choose(page, name, 'Take over shard A')
  await expect(plan).toContainText('CLUSTER FAILOVER')
  const confirm = plan.getByRole('button', { name: 'Take over' })
  if (clusterKind === 'embedded') {
    await expect(plan).toContainText('does not know CLUSTER FAILOVER')
    await expect(confirm).toBeDisabled()
    return
  }
  await confirm.press('Enter')
  await expect(deedOf(page, /takes over shard A/)).toContainText('done')
  await expect(deedOf(page, /takes over shard A/)).toContainText(`${name} is the primary of A`)
  expect(await ask(address, 'INFO', 'replication')).toContain('role:master')
  const nodes = page.getByRole('list', { name: 'Nodes of shard A' }).getByRole('listitem')
  await expect(nodes.first()).toContainText(name)
  await expect(nodes.nth(1)).toContainText(slotscope.addresses[0] ?? '')
})

test('a node leaves by its name typed, and those that are left are seen to know it', async ({ console: page, slotscope, clusterKind }) => {
  await openTopology(page)
  const address = slotscope.addresses[5] ?? ''
  const [first = ''] = slotscope.addresses
  const row = () =>
    page
      .getByRole('list', { name: 'Nodes of shard C' })
      .getByRole('listitem')
      .filter({ hasText: address.split(':')[1] ?? '' })
  if (clusterKind === 'embedded') {
    const kill = await choose(page, 'node-6', 'Kill it')
    await kill.getByRole('button', { name: 'Kill it' }).click()
    await expect(deedOf(page, /is killed/)).toContainText('done')
    await expect(row()).toContainText(/failed, say node-\d/, { timeout: 30_000 })
    const start = await choose(page, 'node-6', 'Start it')
    await start.getByRole('button', { name: 'Start it again' }).click()
    await expect(deedOf(page, /is started again/)).toContainText('done')
    await expect(row()).toContainText('online', { timeout: 30_000 })
    return
  }
  const id = await ask(address, 'CLUSTER', 'MYID')
  const plan = await choose(page, address, 'Forget and reset it')
  const confirm = plan.getByRole('button', { name: 'Forget it' })
  await expect(confirm).toBeDisabled()
  await plan.getByLabel(`Type ${address} to confirm`).fill('node-x')
  await expect(confirm).toBeDisabled()
  await plan.getByLabel(`Type ${address} to confirm`).fill(address)
  await confirm.click()
  await expect(deedOf(page, /is forgotten by all/)).toContainText('5 of 5 nodes do not list it any more')
  expect(await ask(first, 'CLUSTER', 'NODES')).not.toContain(id)
  await expect(row()).toHaveCount(0)
  await eventually('it is alone', async () => ((await ask(address, 'CLUSTER', 'NODES')).trim().split('\n').length === 1 ? true : undefined))
})
