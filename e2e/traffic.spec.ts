// What the servers are asked in the traffic room: who is connected, and ending connections.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { LinkLost, NodeClient } from './fixtures/node-client.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

/** Opens a view of the room by its address. */
async function openView(page: Page, view: string): Promise<void> {
  await page.waitForURL(/\/slots/)
  await page.goto(page.url().replace(/\/slots.*/, `/traffic?view=${view}`))
}

const askNodes = (page: Page) => page.getByRole('button', { name: /^Ask \d+ nodes$/ }).click()

test('clients are asked on request, filtered, and one of them is ended', async ({ console: page, cluster, slotscope, browser }) => {
  const [shard] = await cluster.shards()
  const worker = await NodeClient.connect(shard!.primary.address)
  await worker.call('CLIENT', 'SETNAME', 'nightly-report')
  const other = await NodeClient.connect(shard!.primary.address)
  await other.call('CLIENT', 'SETNAME', '=formula')
  await openView(page, 'clients')
  await expect(page.getByRole('heading', { name: 'Not asked yet' })).toBeVisible()
  await askNodes(page)
  const table = page.getByRole('region', { name: 'Connections' })
  const row = (name: string) => table.getByRole('row').filter({ hasText: name })
  await expect(row('nightly-report')).toHaveCount(1)

  await test.step('filters and the order stand in the address', async () => {
    await page.getByRole('textbox', { name: 'Find' }).fill('nightly')
    await expect(table.getByRole('row')).toHaveCount(2)
    await expect(page.getByText(/^1 of \d+ connections$/)).toBeVisible()
    await page.getByLabel('Type').selectOption('replica')
    await expect(page.getByRole('heading', { name: 'No connection fits' })).toBeVisible()
    await expect(page).toHaveURL(/find=nightly&type=replica/)
    await page.getByRole('button', { name: 'Show everything' }).click()
    await page.getByRole('button', { name: 'memory', exact: true }).click()
    await expect(table.getByRole('columnheader', { name: 'memory' })).toHaveAttribute('aria-sort', 'descending')
    await expect(page).toHaveURL(/sort=-memory/)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  await test.step('a file has what is shown, and no formula', async () => {
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save the clients as CSV' }).click()
    const csv = await readFile(await (await download).path(), 'utf8')
    expect(csv).toMatch(/^node,nodeName,id,address,name,user/)
    expect(csv).toContain(",'=formula,")
  })

  await test.step('a link of a node is left alone unless its address is typed', async () => {
    await page.getByLabel('Type').selectOption('replica')
    await table
      .getByRole('checkbox', { name: /^Choose 127/ })
      .first()
      .check()
    await page.getByRole('button', { name: 'End 1 connection…' }).click()
    const dialog = page.getByRole('dialog', { name: 'End 1 connection?' })
    await expect(dialog).toContainText('will be left alone')
    await expect(dialog.getByRole('button', { name: 'End 0 connections' })).toBeDisabled()
    const field = dialog.getByRole('textbox', { name: /^replica on / })
    const address = /type (\S+)$/.exec((await dialog.getByText(/^replica on /).textContent()) ?? '')![1]!
    await field.fill(address)
    await expect(dialog.getByRole('button', { name: 'End 1 connection' })).toBeEnabled()
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Keep them' }).click()
    await page.getByRole('button', { name: 'Show everything' }).click()
  })

  await test.step('one is ended by its number, the command in sight, and it is told', async () => {
    await row('nightly-report').getByRole('checkbox').check()
    await page.getByRole('button', { name: /^End \d connections?…$/ }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('region', { name: 'Connections that will be ended' })).toContainText(
      /nightly-report on .*CLIENT KILL ID \d+ ADDR 127\.0\.0\.1:\d+/
    )
    await dialog.getByRole('button', { name: 'End 1 connection' }).click()
    await expect(dialog).toContainText('1 connection ended.')
    await expect(page.getByRole('log', { name: 'Announcements' })).toContainText('1 connection ended.')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await expect(row('nightly-report')).toHaveCount(0)
    await expect(worker.call('PING')).rejects.toBeInstanceOf(LinkLost)
    expect(await other.text('PING')).toBe('PONG')
  })

  await test.step('it stands in the audit', async () => {
    await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).click()
    const line = page.getByRole('row').filter({ hasText: 'End connections' }).first()
    await expect(line).toContainText(/CLIENT KILL ID \d+ ADDR/)
    await expect(line).toContainText('done')
  })

  await test.step('a viewer is told who may ask', async () => {
    const context = await browser.newContext()
    const viewer = await context.newPage()
    await viewer.goto(await newLoginLink(slotscope, 'viewer'))
    await openView(viewer, 'clients')
    await expect(viewer.getByRole('heading', { name: 'The list of clients is for operators' })).toBeVisible()
    await context.close()
  })
  other.close()
})

test('slow commands of all nodes are one list with its thresholds, read in full, saved and emptied', async ({ console: page, cluster }) => {
  const [shard] = await cluster.shards()
  const { address } = shard!.primary
  const client = await NodeClient.connect(address)
  // For a moment only: the sample load must not push out what is looked for.
  await client.pipeline([
    ['CONFIG', 'SET', 'commandlog-execution-slower-than', 0],
    ['CONFIG', 'GET', 'a "quoted" setting'],
    ['CONFIG', 'SET', 'commandlog-execution-slower-than', 1_000_000]
  ])
  await openView(page, 'logs')
  await askNodes(page)
  await expect(page.getByText(/^Written down: what takes 1 s or longer, the last 128 entries kept \(\S+\)$/)).toBeVisible()
  await expect(page.getByText(/^Written down: what takes 10 ms or longer/)).toBeVisible()
  await page.getByRole('textbox', { name: 'Find' }).fill('quoted')
  const table = page.getByRole('region', { name: 'Entries of the log' })
  await expect(table.getByRole('row')).toHaveCount(2)
  await table.getByRole('button', { name: /^CONFIG GET/i }).click()
  const full = page.getByRole('region', { name: 'The command in full' })
  await expect(full.getByRole('listitem')).toHaveText(['GET', 'a "quoted" setting'])
  expect(await accessibilityFaults(page)).toEqual([])
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the slow commands as CSV' }).click()
  expect(await readFile(await (await download).path(), 'utf8')).toMatch(/^at,node,nodeName,id,microseconds,command,/)

  await page.getByRole('button', { name: 'Empty the log…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('COMMANDLOG RESET slow')
  await dialog.getByRole('button', { name: 'Empty it on 6 nodes' }).click()
  await expect(dialog).toContainText('Emptied on 6 nodes.')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('heading', { name: /^No entry fits|^Nothing was written down/ })).toBeVisible()
  await page.getByRole('radio', { name: 'Large replies' }).click()
  await expect(page.getByRole('heading', { name: 'Not asked yet' })).toBeVisible()
  await expect(page).toHaveURL(/kind=large-reply/)
  client.close()
})

test('commands by share, and what they are just now; latencies drawn as they spread', async ({ console: page, cluster }) => {
  const [shard] = await cluster.shards()
  const client = await NodeClient.connect(shard!.primary.address)
  const echo = () => client.pipeline(Array.from({ length: 40 }, () => ['ECHO', 'x'] as const))
  await echo()
  await openView(page, 'commands')
  await askNodes(page)
  const table = page.getByRole('region', { name: 'Commands by share' })
  const row = table.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'ECHO', exact: true }) })
  await page.getByRole('textbox', { name: 'Command' }).fill('echo')
  const calls = row.getByRole('cell').first()
  await expect(calls).toHaveText('40')

  await page.getByRole('radio', { name: 'Since first asked here' }).click()
  await expect(page.getByRole('heading', { name: 'Asked once so far' })).toBeVisible()
  await echo()
  await echo()
  // Whoever asks again within three seconds is told the same.
  await expect(async () => {
    await page.getByRole('button', { name: 'Ask again' }).click()
    await expect(calls).toHaveText('80', { timeout: 2_000 })
  }).toPass()
  await expect(table.getByRole('columnheader', { name: 'calls/s' })).toBeVisible()
  await expect(page).toHaveURL(/since=first/)
  expect(await accessibilityFaults(page)).toEqual([])

  await page.getByRole('radio', { name: 'Latency', exact: true }).click()
  await askNodes(page)
  await page.getByRole('textbox', { name: 'Command' }).fill('echo')
  await page.getByRole('button', { name: 'ECHO' }).click()
  const drawing = page.getByRole('figure')
  await expect(drawing).toContainText(/ECHO 120 calls by how long they took/)
  await expect(drawing).toContainText('p99')
  await expect(page).toHaveURL(/command=echo/)
  expect(await accessibilityFaults(page)).toEqual([])
  client.close()
})

test('memory is told by part: a bar for each node, and its databases', async ({ console: page }) => {
  await openView(page, 'memory')
  await askNodes(page)
  const table = page.getByRole('region', { name: 'Memory of the nodes' })
  await expect(table.getByRole('row')).toHaveCount(7)
  await expect(table.getByRole('img', { name: /^data [\d.]+ [KM]?i?B, tables of databases / })).toHaveCount(6)
  await page.getByRole('button', { name: 'used', exact: true }).click()
  await expect(page).toHaveURL(/sort=-used/)
  await table.getByRole('rowheader').first().getByRole('button').click()
  await expect(page.getByRole('region', { name: /^Memory of (?!the nodes)/ })).toContainText('by database')
  expect(await accessibilityFaults(page)).toEqual([])
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the memory as JSON' }).click()
  const rows = JSON.parse(await readFile(await (await download).path(), 'utf8'))
  expect(rows).toHaveLength(6)
  expect(rows[0]).toMatchObject({ usedBytes: expect.any(Number), datasetBytes: expect.any(Number) })
})

test('channels are listed, and one is listened to until the room is left', async ({ console: page, cluster }) => {
  const [shard] = await cluster.shards()
  const publisher = await NodeClient.connect(shard!.primary.address)
  const subscriber = await NodeClient.connect(shard!.primary.address)
  await subscriber.subscribe('journey:news')
  const listeners = async () => {
    const counts = await Promise.all(
      (await cluster.shards()).map(async ({ primary }) => {
        const client = await NodeClient.connect(primary.address)
        const [, count] = await client.list('PUBSUB', 'NUMSUB', 'journey:news')
        client.close()
        return Number(count)
      })
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }
  await openView(page, 'pubsub')
  await askNodes(page)
  const channels = page.getByRole('region', { name: 'Channels with subscribers' })
  await expect(channels.getByRole('row').filter({ hasText: 'journey:news' })).toContainText('channel')
  await channels.getByRole('button', { name: 'journey:news' }).click()
  await expect(page.getByLabel('Name')).toHaveValue('journey:news')
  expect(await listeners()).toBe(1)
  await page.getByRole('button', { name: 'Listen' }).click()
  await expect(page.getByText('Nothing has come yet.')).toBeVisible()
  expect(await listeners()).toBe(2)

  await publisher.call('PUBLISH', 'journey:news', 'first "quoted" message')
  const messages = page.getByRole('region', { name: 'Messages, the newest first' })
  await expect(messages.getByRole('row').nth(1)).toContainText('first "quoted" message')
  await publisher.call('PUBLISH', 'journey:news', 'second\nline')
  await expect(messages.getByRole('row').nth(1)).toContainText('second\\nline')
  await expect(page.getByText(/^2 messages, 33 B, /)).toBeVisible()
  expect(await accessibilityFaults(page)).toEqual([])

  await page.getByRole('button', { name: 'Stop' }).click()
  await expect.poll(listeners).toBe(1)
  await expect(messages.getByRole('row')).toHaveCount(3)
  await page.getByLabel('To', { exact: true }).selectOption('pattern')
  await page.getByLabel('Name').fill('journey:*')
  await page.getByRole('button', { name: 'Listen' }).click()
  await expect(page.getByText('Nothing has come yet.')).toBeVisible()
  await publisher.call('PUBLISH', 'journey:other', 'by pattern')
  await expect(messages.getByRole('row').nth(1)).toContainText('journey:other')

  // Leaving the room gives the connection back.
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByLabel('To', { exact: true }).selectOption('channel')
  await page.getByLabel('Name').fill('journey:news')
  await page.getByRole('button', { name: 'Listen' }).click()
  await expect.poll(listeners).toBe(2)
  await page.getByRole('navigation').getByRole('link', { name: 'Nodes' }).click()
  await expect.poll(listeners).toBe(1)
  subscriber.close()
  publisher.close()
})
