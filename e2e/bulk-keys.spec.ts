// Many keys at once: a file of them first, deleted with a typed name, and made again out of the file as they were.
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

async function list(page: Page, pattern: string, count: number): Promise<void> {
  await page.waitForURL(/\/clusters\//)
  await page.goto(`${page.url().replace(/\/clusters\/([^/]+)\/.*$/, '/clusters/$1/databases')}?db=0&pattern=${pattern}`)
  await page.getByRole('button', { name: 'Scan', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Complete' })).toBeVisible()
  await expect(page.getByRole('listbox', { name: `Keys, ${count} listed` })).toBeVisible()
}

test('keys are exported, deleted after their name is typed, and restored with every expiry', async ({ console: page, cluster }) => {
  const names = Array.from({ length: 120 }, (_, index) => `bulk:${index}`)
  for (const name of names) await cluster.call(0, 'SET', name, `value of ${name}`, 'EX', '9000')
  await cluster.call(0, 'HSET', 'bulk:hash', 'short', 'v', 'plain', 'w')
  await cluster.call(0, 'HEXPIRE', 'bulk:hash', '5000', 'FIELDS', '1', 'short')
  await cluster.call(0, 'XADD', 'bulk:stream', '5-1', 'f', 'v')
  await cluster.call(0, 'XGROUP', 'CREATE', 'bulk:stream', 'g', '0')
  const deadlines = async () => [
    await cluster.call(0, 'PEXPIRETIME', 'bulk:7'),
    await cluster.call(0, 'HPEXPIRETIME', 'bulk:hash', 'FIELDS', '2', 'short', 'plain'),
    await cluster.call(0, 'XINFO', 'GROUPS', 'bulk:stream')
  ]
  const before = await deadlines()
  await list(page, 'bulk:*', 122)

  await test.step('rows are chosen by box, by keyboard and all at once', async () => {
    const rows = page.getByRole('listbox', { name: /^Keys/ })
    const tools = page.getByRole('toolbar', { name: 'Many keys at once' })
    await rows.getByRole('option').nth(1).locator('[data-choose]').click()
    await expect(tools).toContainText('1 chosen')
    await rows.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await expect(tools).toContainText('3 chosen')
    await page.keyboard.press('Space')
    await expect(tools).toContainText('2 chosen')
    await tools.getByRole('button', { name: 'Choose none' }).click()
    await tools.getByRole('button', { name: 'Choose all 122' }).click()
    await expect(tools).toContainText('122 chosen')
  })

  let file = ''
  await test.step('nothing is deleted before a file is there and the name is typed', async () => {
    await page.getByRole('button', { name: 'Delete…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete 122 keys of db0?' })
    const confirm = dialog.getByRole('button', { name: 'Delete 122 keys' })
    await expect(confirm).toBeDisabled()
    await expect(dialog.getByLabel(/^2. Type /)).toBeDisabled()
    const download = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Export' }).click()
    file = await (await download).path()
    await expect(dialog).toContainText('122 exported of 122 · done')
    const name = /^2. Type (.*) to confirm$/.exec((await dialog.getByText(/^2. Type /).textContent()) ?? '')?.[1] ?? ''
    await dialog.getByLabel(/^2. Type /).fill(`${name}x`)
    await expect(confirm).toBeDisabled()
    await dialog.getByLabel(/^2. Type /).fill(name)
    expect(await accessibilityFaults(page), 'the dialog').toEqual([])
    await confirm.click()
    await expect(dialog).toContainText('122 deleted of 122 · done')
    await dialog.getByRole('button', { name: 'Close' }).click()
    for (const key of ['bulk:7', 'bulk:hash', 'bulk:stream']) expect(await cluster.call(0, 'EXISTS', key)).toBe(0)
    await expect(page.getByText('Nothing is scanned yet')).toBeVisible()
  })

  await test.step('the file makes them again, as they were', async () => {
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ end: true, keys: 122 })
    await cluster.call(0, 'SET', 'bulk:3', 'somebody was quicker')
    await page.getByRole('button', { name: 'Import…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Import keys into db0' })
    await dialog.getByLabel('A file that was exported here').setInputFiles(file)
    await dialog.getByRole('button', { name: 'Import', exact: true }).click()
    await expect(dialog).toContainText('121 imported · 1 were there and are kept · done')
    await dialog.getByRole('button', { name: 'Close' }).click()
    expect(await deadlines()).toEqual(before)
    expect(await cluster.call(0, 'GET', 'bulk:7')).toBe('value of bulk:7')
    expect(await cluster.call(0, 'GET', 'bulk:3')).toBe('somebody was quicker')
  })
})

test('a viewer may export, and neither delete nor import', async ({ page, slotscope, cluster }) => {
  for (let at = 0; at < 3; at++) await cluster.call(0, 'SET', `seen:${at}`, 'x')
  await page.goto(await newLoginLink(slotscope, 'viewer'))
  await list(page, 'seen:*', 3)
  await page.getByRole('button', { name: 'Choose all 3' }).click()
  await expect(page.getByRole('button', { name: 'Delete…' })).toBeDisabled()
  await expect(page.getByRole('button', { name: 'Import…' })).toBeDisabled()
  await page.getByRole('button', { name: 'Export…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Export 3 keys of db0' })
  await dialog.getByRole('radio', { name: 'JSON where it can be read' }).click()
  const download = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  const [, first = ''] = (await readFile(await (await download).path(), 'utf8')).split('\n')
  expect(JSON.parse(first)).toMatchObject({ type: 'string', deadlineMs: null, value: { type: 'string', value: 'eA' } })
  const status = await page.evaluate(async () => {
    const headers = { 'content-type': 'application/json', 'x-slotscope': '1' }
    const { clusters } = await (await fetch('/api/session')).json()
    const body = JSON.stringify({ database: 0, count: 3 })
    return (await fetch(`/api/clusters/${clusters[0].id}/keys/deletion`, { method: 'POST', headers, body })).status
  })
  expect(status).toBe(403)
})
