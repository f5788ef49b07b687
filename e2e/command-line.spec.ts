import type { Page } from '@playwright/test'
import { expect, test } from './fixtures/journey.ts'

const line = (page: Page) => page.getByRole('combobox', { name: 'Command', exact: true })
const to = (page: Page, target: string) => page.getByLabel('To', { exact: true }).selectOption(target)
const send = async (page: Page, text: string) => {
  await line(page).fill(text)
  await line(page).press('Escape')
  await line(page).press('Enter')
}

test('lines to the owner of a key, to all primaries and to all nodes; what destroys is confirmed', async ({ console: page, cluster }) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Command line' }).click()
  await send(page, 'SET "a key" "two words"')
  await expect(page.getByRole('article', { name: 'SET "a key"' })).toContainText('OK')
  expect(await cluster.call(0, 'GET', 'a key')).toBe('two words')

  // Another database holds another key of this name.
  await page.getByLabel('Database', { exact: true }).selectOption('db1')
  await send(page, 'EXISTS "a key"')
  await expect(page.getByRole('article', { name: 'EXISTS' })).toContainText('(integer) 0')

  await to(page, 'all nodes, replicas too')
  await send(page, 'PING')
  const pong = page.getByRole('article', { name: 'PING' }).getByRole('region')
  await expect(pong).toHaveCount(1)
  await expect(pong).toHaveAccessibleName('Reply of 6 nodes')
  await to(page, 'all primaries')
  await send(page, 'CLUSTER MYID')
  await expect(page.getByRole('article', { name: 'CLUSTER MYID' }).getByRole('region')).toHaveCount(3)

  // By keyboard alone: complete, go back to an earlier line.
  await line(page).fill('hgeta')
  await line(page).press('Tab')
  await expect(line(page)).toHaveValue('HGETALL ')
  await line(page).fill('')
  await line(page).press('ArrowUp')
  await expect(line(page)).toHaveValue('CLUSTER MYID')

  await send(page, 'SHUTDOWN NOSAVE')
  await expect(page.getByText('SHUTDOWN is not sent for your role: it would end the server')).toBeVisible()
  await send(page, 'GET "open')
  await expect(page.getByText('The quote is not closed.')).toBeVisible()

  await send(page, 'FLUSHALL')
  const dialog = page.getByRole('dialog', { name: 'Send this?' })
  await expect(dialog).toContainText(/It reaches 3 nodes with [\d,]+ keys/)
  await dialog.getByRole('button', { name: 'Do not send' }).click()
  expect(await cluster.call(0, 'EXISTS', 'a key')).toBe(1)
  await send(page, 'FLUSHALL')
  const field = dialog.getByLabel(/^Type .* to confirm$/)
  const name = /^Type (.*) to confirm$/.exec((await dialog.locator('label').textContent()) ?? '')?.[1] ?? ''
  const button = dialog.getByRole('button', { name: 'Send to 3 nodes' })
  await expect(button).toBeDisabled()
  await field.fill(name)
  await button.click()
  await expect(page.getByRole('article', { name: 'FLUSHALL' })).toContainText('OK')
  expect(await cluster.call(0, 'EXISTS', 'a key')).toBe(0)
})
