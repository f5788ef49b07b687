import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/journey.ts'

async function open(page: Page, key: string): Promise<void> {
  const room = page.url().replace(/\/clusters\/([^/]+)\/.*$/, '/clusters/$1/databases')
  await page.goto(`${room}?db=0&key=${Buffer.from(key).toString('base64url')}`)
  await expect(page.getByRole('region', { name: 'Value', exact: true })).toContainText(key)
}

test('values are edited as they were seen: expiries stay, and what changed meanwhile is compared', async ({ console: page, cluster }) => {
  await page.waitForURL(/\/clusters\//)
  await cluster.call(0, 'SET', 'greeting', 'hello', 'EX', '5000')
  await open(page, 'greeting')
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByLabel('New value').fill('mine')
  await cluster.call(0, 'SET', 'greeting', 'theirs', 'KEEPTTL')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const conflict = page.getByRole('region', { name: 'Changed since you opened it' })
  await expect(conflict).toContainText('theirs')
  expect(await cluster.call(0, 'GET', 'greeting')).toBe('theirs')
  await conflict.getByRole('button', { name: 'Write mine over it' }).click()
  // The editor closes when the change is made.
  await expect(page.getByRole('button', { name: 'Edit', exact: true })).toBeVisible()
  expect(await cluster.call(0, 'GET', 'greeting')).toBe('mine')
  expect(Number(await cluster.call(0, 'TTL', 'greeting'))).toBeGreaterThan(4_000)

  await cluster.call(0, 'HSET', 'person', 'name', 'Ada', 'other', 'x')
  await cluster.call(0, 'HEXPIRE', 'person', '3600', 'FIELDS', '1', 'name')
  await open(page, 'person')
  const fields = page.getByRole('listbox', { name: /elements$/ })
  await fields.getByRole('option').filter({ hasText: 'name' }).click()
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByLabel('New value').fill('Grace')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(fields.getByRole('option').filter({ hasText: 'Grace' })).toHaveCount(1)
  const [left] = (await cluster.call(0, 'HTTL', 'person', 'FIELDS', '1', 'name')) as number[]
  expect(left).toBeGreaterThan(3_000)
  await page.getByRole('button', { name: 'Edit', exact: true }).click()
  await page.getByRole('button', { name: 'Delete field' }).click()
  await expect(fields.getByRole('option')).toHaveCount(1)
  expect(await cluster.call(0, 'HEXISTS', 'person', 'name')).toBe(0)

  await cluster.call(0, 'ZADD', 'ranks', '1.5', 'ada')
  await open(page, 'ranks')
  await page
    .getByRole('listbox', { name: /elements$/ })
    .getByRole('option')
    .click()
  await page.getByRole('button', { name: 'Edit score' }).click()
  await page.getByLabel('Score').fill('-7')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('listbox', { name: /elements$/ })).toContainText('-7')
  expect(await cluster.call(0, 'ZSCORE', 'ranks', 'ada')).toBe('-7')
})
