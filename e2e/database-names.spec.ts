// What people call a database: given once, it stands beside the number in every room, for everybody, until it is taken away.
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

test('a database is named, seen by others in every room, and has its number alone again', async ({
  console: page,
  cluster,
  slotscope,
  browser
}) => {
  // An embedded cluster begins with a workload of its own; the database of this journey is another one.
  await cluster.call(1, 'HSET', 'cart', 'item', 'book')
  await cluster.call(1, 'HEXPIRE', 'cart', 600, 'FIELDS', 1, 'item')
  await page.waitForURL(/\/slots/)
  const root = page.url().replace(/\/slots.*/, '')
  const context = await browser.newContext()
  const viewer = await context.newPage()
  await viewer.goto(await newLoginLink(slotscope, 'viewer'))
  await viewer.waitForURL(/\/slots/)
  await viewer.goto(`${root}/databases?db=1`)
  await expect(viewer.getByRole('button', { name: 'Name db1' })).toBeDisabled()

  await page.goto(`${root}/databases?db=1`)
  await page.getByRole('button', { name: 'Name db1' }).click()
  const dialog = page.getByRole('dialog', { name: 'Name db1' })
  await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled()
  await dialog.getByLabel('Name').fill('carts <of> the shop')
  expect(await accessibilityFaults(page)).toEqual([])
  await dialog.getByLabel('Name').press('Enter')
  await expect(dialog).toHaveCount(0)

  for (const one of [page, viewer]) {
    await expect(one.getByRole('region', { name: 'db1 carts <of> the shop on all shards' })).toBeVisible()
    await expect(one.getByRole('rowheader', { name: 'db1 carts <of> the shop' })).toBeVisible()
  }
  expect(await accessibilityFaults(viewer)).toEqual([])
  await page.getByRole('link', { name: 'Command line' }).click()
  await expect(page.getByLabel('Database').getByRole('option', { name: 'db1 carts <of> the shop' })).toBeAttached()
  await page.getByRole('link', { name: 'Expiry' }).click()
  await expect(page.getByRole('region', { name: 'What expires when' })).toContainText('db1 carts <of> the shop fields', { timeout: 30_000 })
  await page.goto(`${root}/expiry?db=1&key=${Buffer.from('cart').toString('base64url')}`)
  await expect(page.getByRole('region', { name: /^Fields of/ })).toContainText('db1 carts <of> the shop')

  await page.goto(`${root}/databases?db=1`)
  await page.getByRole('button', { name: 'Name db1' }).click()
  await dialog.getByLabel('Name').fill('')
  await dialog.getByRole('button', { name: 'Take the name away' }).click()
  for (const one of [page, viewer]) await expect(one.getByRole('region', { name: 'db1 on all shards' })).toBeVisible()
  await context.close()
})
