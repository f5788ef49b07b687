// A stream as an operator works with it: its entries both ways, its groups, and what they have not acknowledged.
import type { Page } from '@playwright/test'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

const stream = 'publish:{douyin}'

async function open(page: Page): Promise<void> {
  const room = page.url().replace(/\/clusters\/([^/]+)\/.*$/, '/clusters/$1/databases')
  await page.goto(`${room}?db=0&key=${Buffer.from(stream).toString('base64url')}`)
  await expect(page.getByRole('region', { name: 'Value', exact: true })).toContainText('entries')
}

test('a stream is paged both ways, its groups are made, acknowledged and deleted', async ({ console: page, cluster }) => {
  await page.waitForURL(/\/clusters\//)
  for (let id = 1; id <= 450; id++) await cluster.call(0, 'XADD', stream, `${id}-0`, 'post', `p${id}`)
  await cluster.call(0, 'EXPIRE', stream, '5000')
  await open(page)
  const entries = page.getByRole('listbox', { name: /elements$/ })
  await expect(entries.getByRole('option').first()).toContainText('450-0')

  await test.step('older entries, newer ones that came meanwhile, and from an id', async () => {
    const listed = async () => Number(/^(\d+)/.exec((await entries.getAttribute('aria-label')) ?? '')?.[1])
    const first = await listed()
    await page.getByRole('button', { name: 'Read more' }).click()
    await expect.poll(listed).toBeGreaterThan(first)
    await cluster.call(0, 'XADD', stream, '451-0', 'post', 'late')
    await page.getByRole('button', { name: 'Newer' }).click()
    await expect(entries.getByRole('option').first()).toContainText('451-0')
    await page.getByLabel('From id or time').fill('7-0')
    await page.getByLabel('From id or time').press('Enter')
    await expect(entries.getByRole('option').first()).toContainText('7-0')
    await expect(entries.getByRole('option')).toHaveCount(7)
    await expect(page).toHaveURL(/entry=7-0/)
    await page.getByRole('button', { name: 'Newer' }).click()
    await expect.poll(listed).toBeGreaterThan(100)
  })

  await test.step('an entry is added and one deleted; the expiry stays', async () => {
    await page.getByLabel('From id or time').fill('')
    await page.getByLabel('From id or time').press('Enter')
    await page.getByRole('button', { name: 'Add entry' }).click()
    const form = page.getByRole('form', { name: 'Add the entry' })
    await form.getByLabel('Id, * for').fill('500-1')
    await form.getByLabel('Field 1', { exact: true }).fill('\\xff')
    await form.getByLabel('Value 1', { exact: true }).fill('binary')
    await expect(form).toContainText(`XADD ${stream} 500-1`)
    await form.getByRole('button', { name: 'Add the entry' }).click()
    await expect(entries.getByRole('option').first()).toContainText('500-1')
    await entries.getByRole('option').first().click()
    await page.getByRole('button', { name: 'Delete entry' }).click()
    await expect(page.getByRole('form', { name: 'Delete the entry' })).toContainText(`XDEL ${stream} 500-1`)
    expect(await accessibilityFaults(page), 'entries').toEqual([])
    await page.getByRole('button', { name: 'Delete the entry' }).click()
    await expect(entries.getByRole('option').first()).toContainText('451-0')
    expect(Number(await cluster.call(0, 'TTL', stream))).toBeGreaterThan(4_000)
  })

  await test.step('a group is made, what it was given is acknowledged, and it is deleted as it was seen', async () => {
    await page.getByRole('radio', { name: 'Groups' }).click()
    await page.getByRole('button', { name: 'New group' }).click()
    const form = page.getByRole('form', { name: 'Make the group' })
    await form.getByLabel('Name').fill('senders')
    await form.getByLabel(/^Begins after/).fill('0')
    await form.getByRole('button', { name: 'Make the group' }).click()
    const group = page.getByRole('region', { name: 'Group senders' })
    // After XDEL a server does not know how many entries a group still has before it.
    await expect(group).toContainText('0 pending · lag unknown · after 0-0')
    await cluster.call(0, 'XREADGROUP', 'GROUP', 'senders', 'ann', 'COUNT', '3', 'STREAMS', stream, '>')
    await page.getByRole('button', { name: 'Read again' }).click()
    await expect(group).toContainText('3 pending')
    await group.getByRole('button', { name: 'Pending entries' }).click()
    await group.getByLabel('Choose 1-0').check()
    await group.getByLabel('Choose 2-0').check()
    await group.getByRole('button', { name: 'Acknowledge 2 entries' }).click()
    await expect(group).toContainText(`XACK ${stream} senders 1-0 2-0`)
    expect(await accessibilityFaults(page), 'groups').toEqual([])
    await group.getByRole('button', { name: 'Acknowledge', exact: true }).click()
    await expect(group.getByLabel('Choose 1-0')).toHaveCount(0)
    await expect(group).toContainText('1 pending')

    await group.getByRole('button', { name: 'Delete group' }).click()
    await cluster.call(0, 'XREADGROUP', 'GROUP', 'senders', 'bob', 'COUNT', '1', 'STREAMS', stream, '>')
    await group.getByRole('button', { name: 'Delete group senders' }).click()
    await expect(group.getByRole('alert')).toContainText('changed meanwhile')
    await expect(group).toContainText('2 pending')
    await group.getByRole('button', { name: 'Delete group senders' }).click()
    await expect(page.getByText('No group reads this stream')).toBeVisible()
    expect(await cluster.call(0, 'XINFO', 'GROUPS', stream)).toEqual([])
  })
})

test('a viewer sees a stream and its groups, and changes nothing', async ({ page, slotscope, cluster }) => {
  await cluster.call(0, 'XADD', stream, '1-0', 'post', 'p')
  await cluster.call(0, 'XGROUP', 'CREATE', stream, 'senders', '$')
  await page.goto(await newLoginLink(slotscope, 'viewer'))
  await page.waitForURL(/\/clusters\//)
  const room = page.url().replace(/\/clusters\/([^/]+)\/.*$/, '/clusters/$1/databases')
  await page.goto(`${room}?db=0&part=groups&key=${Buffer.from(stream).toString('base64url')}`)
  const group = page.getByRole('region', { name: 'Group senders' })
  await group.getByRole('button', { name: 'Delete group' }).click()
  await expect(group.getByRole('button', { name: 'Delete group senders' })).toBeDisabled()
})
