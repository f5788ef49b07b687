// Finding keys: by pattern, type and expiry, as a list and as a tree, page by page and to the end.
import type { Page } from '@playwright/test'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'

async function open(page: Page, search: string): Promise<void> {
  await page.waitForURL(/\/clusters\//)
  await page.goto(`${page.url().replace(/\/clusters\/([^/]+)\/.*$/, '/clusters/$1/databases')}?db=0${search}`)
}

test('keys are listed page by page or to the end, what it costs in sight, and as a tree by any delimiter', async ({
  console: page,
  cluster
}) => {
  for (let at = 0; at < 900; at += 1) await cluster.call(0, 'SET', `j:${at % 3}/${at}`, 'x')
  await open(page, '&pattern=j:*')
  const panel = page.getByRole('region', { name: 'db0 on all shards' })
  await expect(panel).toContainText('Nothing is scanned yet')
  await panel.getByRole('button', { name: 'Scan', exact: true }).click()
  await expect(panel).toContainText(/seen [\d,]+ of about [\d,]+/)
  await expect(panel).toContainText(/[\d,]+ commands? sent/)
  await panel.getByRole('button', { name: 'Scan all' }).click()
  await expect(panel.getByRole('button', { name: 'Complete' })).toBeVisible()
  const list = panel.getByRole('listbox', { name: 'Keys, 900 listed' })
  await expect(list).toBeVisible()

  await test.step('the list by keyboard, to its end', async () => {
    await list.focus()
    await page.keyboard.press('End')
    await expect(list.locator('[data-active]')).toHaveAttribute('aria-posinset', '900')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('region', { name: 'Value', exact: true })).toContainText('j:')
    await page.getByRole('button', { name: 'Close the value' }).click()
  })

  await test.step('the tree by keyboard', async () => {
    await panel.getByRole('radio', { name: 'Tree' }).click()
    const tree = panel.getByRole('tree')
    await expect(tree.getByRole('treeitem')).toHaveText([/^j:.*900 keys/])
    await panel.getByLabel('Delimiter of the tree').fill('/')
    await expect(tree.getByRole('treeitem')).toHaveText([/j:0\/.*300 keys/, /j:1\/.*300 keys/, /j:2\/.*300 keys/])
    await tree.focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    // In natural order, whatever order they were found in.
    await expect(tree.getByRole('treeitem').nth(2)).toContainText('1')
    await expect(tree.getByRole('treeitem').nth(3)).toContainText('4')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowLeft')
    await expect(tree.locator('[data-active]')).toContainText('j:1/')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.keyboard.press('ArrowLeft')
    await expect(tree.getByRole('treeitem')).toHaveCount(3)
  })
})

test('keys that expire soon are found among those that do not', async ({ console: page, cluster }) => {
  for (let at = 0; at < 60; at++) {
    await cluster.call(0, 'SET', `e:${at}`, 'x')
    if (at % 20 === 0) await cluster.call(0, 'EXPIRE', `e:${at}`, at === 0 ? '50' : '3000')
  }
  await cluster.call(0, 'HSET', 'e:hash', 'f', 'v')
  await cluster.call(0, 'EXPIRE', 'e:hash', '3000')
  await open(page, '&pattern=e:*')
  const panel = page.getByRole('region', { name: 'db0 on all shards' })
  await panel.getByLabel('Expires within').selectOption('expires within an hour')
  await expect(panel).toContainText('one PTTL for each key that is walked over')
  await panel.getByRole('button', { name: 'Scan', exact: true }).click()
  await expect(panel.getByRole('button', { name: 'Complete' })).toBeVisible()
  const keys = panel.getByRole('listbox', { name: /^Keys/ }).getByRole('option')
  await expect(keys).toHaveCount(4)
  await expect(keys.filter({ hasText: 'e:hash' })).toHaveCount(1)
  await panel.getByLabel('Type').selectOption('string')
  await panel.getByLabel('Expires within').selectOption('expires within a minute')
  await panel.getByRole('button', { name: 'Scan', exact: true }).click()
  await expect(panel.getByRole('button', { name: 'Complete' })).toBeVisible()
  await expect(keys).toHaveCount(1)
  await expect(keys).toContainText('e:0')
})
