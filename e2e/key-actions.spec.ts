// A whole key in hand: its expiry, its name, its database, and its end; each says its command and is refused when the key has changed.
import type { Page } from '@playwright/test'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

async function open(page: Page, key: string): Promise<void> {
  await page.waitForURL(/\/clusters\//)
  const room = page.url().replace(/\/clusters\/([^/]+)\/.*$/, '/clusters/$1/databases')
  await page.goto(`${room}?db=0&key=${Buffer.from(key).toString('base64url')}`)
  await expect(page.getByRole('region', { name: 'Value', exact: true })).toContainText(key)
}

async function choose(page: Page, item: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'What to do with this key' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('the expiry, the name and the database of a key are changed, and it is deleted as it was seen', async ({ console: page, cluster }) => {
  await cluster.call(0, 'HSET', 'acts:{1}:a', 'f', 'v', 'g', 'w')
  await cluster.call(0, 'HEXPIRE', 'acts:{1}:a', '5000', 'FIELDS', '1', 'f')
  await open(page, 'acts:{1}:a')
  const value = page.getByRole('region', { name: 'Value', exact: true })

  await test.step('the expiry is set, and never comes between', async () => {
    await choose(page, /^Change the expiry/)
    const form = page.getByRole('form', { name: 'Set the expiry' })
    await form.getByLabel(/^Expires: /).fill('2 h')
    await expect(form).toContainText('PEXPIREAT acts:{1}:a ')
    expect(await accessibilityFaults(page)).toEqual([])
    await cluster.call(0, 'EXPIRE', 'acts:{1}:a', '900')
    await form.getByRole('button', { name: 'Set the expiry' }).click()
    await expect(form.getByRole('alert')).toContainText('changed meanwhile')
    // It was read again, so that the second press is about what is there.
    await expect(value).toContainText(/expires in 1[45] m/)
    await form.getByRole('button', { name: 'Set the expiry' }).click()
    await expect(value).toContainText(/expires in (2 h|1 h 59)/)
    expect(Number(await cluster.call(0, 'TTL', 'acts:{1}:a'))).toBeGreaterThan(7_000)
    await choose(page, /^Change the expiry/)
    await form.getByLabel(/^Expires: /).fill('never')
    await expect(form).toContainText('PERSIST acts:{1}:a')
    await form.getByRole('button', { name: 'Set the expiry' }).click()
    await expect(value).toContainText('no expiry')
  })

  await test.step('a rename stays within the slot', async () => {
    await choose(page, /^Rename/)
    const form = page.getByRole('form', { name: 'Rename the key' })
    await form.getByLabel('New name').fill('acts:{2}:b')
    await expect(form).toContainText('a rename stays within one slot')
    await expect(form.getByRole('button', { name: 'Rename the key' })).toBeDisabled()
    await form.getByLabel('New name').fill('acts:{1}:b')
    await form.getByRole('button', { name: 'Rename the key' }).click()
    await expect(value).toContainText('acts:{1}:b')
    expect(await cluster.call(0, 'EXISTS', 'acts:{1}:a')).toBe(0)
  })

  await test.step('it is moved to another database with the deadlines of its fields', async () => {
    await choose(page, /^Copy or move/)
    await page.getByRole('form', { name: 'Copy the key' }).getByRole('radio', { name: 'Move' }).click()
    const form = page.getByRole('form', { name: 'Move the key' })
    await form.getByLabel('To database').fill('0')
    await expect(form).toContainText('in this database already')
    await form.getByLabel('To database').fill('1')
    await expect(form).toContainText('MOVE acts:{1}:b 1')
    await form.getByRole('button', { name: 'Move the key' }).click()
    await expect(page).toHaveURL(/db=1/)
    await expect(value).toContainText('2 fields')
    const [left] = (await cluster.call(1, 'HTTL', 'acts:{1}:b', 'FIELDS', '1', 'f')) as number[]
    expect(left).toBeGreaterThan(4_000)
    expect(await cluster.call(0, 'EXISTS', 'acts:{1}:b')).toBe(0)
  })

  await test.step('it is deleted as it was seen', async () => {
    await choose(page, /^Delete/)
    const form = page.getByRole('form', { name: 'Delete the key' })
    await expect(form).toContainText('UNLINK acts:{1}:b')
    await cluster.call(1, 'HSET', 'acts:{1}:b', 'h', 'x')
    await form.getByRole('button', { name: 'Delete the key' }).click()
    await expect(form.getByRole('alert')).toContainText('changed meanwhile')
    await expect(value).toContainText('3 fields')
    await form.getByRole('button', { name: 'Delete the key' }).click()
    await expect(value).toContainText('No such key now')
    expect(await cluster.call(1, 'EXISTS', 'acts:{1}:b')).toBe(0)
  })
})

test('a viewer sees why nothing of it can be done', async ({ page, slotscope, cluster }) => {
  await cluster.call(0, 'SET', 'acts:{1}:c', 'v')
  await page.goto(await newLoginLink(slotscope, 'viewer'))
  await open(page, 'acts:{1}:c')
  await page.getByRole('button', { name: 'What to do with this key' }).click()
  await expect(page.getByRole('menuitem', { name: /^Delete/ })).toHaveAttribute('aria-disabled', 'true')
})
