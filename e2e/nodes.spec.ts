// The servers themselves: their figures sorted, what one of them says of itself in words, and files of both.
import { readFile } from 'node:fs/promises'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { NodeClient } from './fixtures/node-client.ts'
import { openAnew } from './fixtures/pictures.ts'
import { newLoginLink } from './fixtures/slotscope.ts'
import { stageCore } from './fixtures/staged-stream.ts'

test('nodes are compared, and one of them is read in words', async ({ console: page, cluster, slotscope, browser }) => {
  const [shard] = await cluster.shards()
  const address = shard!.primary.address
  await page.getByRole('navigation').getByRole('link', { name: 'Nodes' }).click()
  await expect(page).toHaveURL(/\/nodes$/)
  const rows = page.getByRole('region', { name: 'Figures of the nodes' }).getByRole('row')
  await expect(rows).toHaveCount(7)
  const row = rows.filter({ hasText: address }).first()
  await expect(row).toContainText('primary')
  await expect(row).toContainText(/\d (s|ms)|\d+ m/)
  await expect(row).toContainText(/[MK]iB/)

  await test.step('a click sorts, and stands in the address', async () => {
    await page.getByRole('button', { name: 'role', exact: true }).click()
    await expect(page.getByRole('columnheader', { name: 'role' })).toHaveAttribute('aria-sort', 'ascending')
    await expect(page).toHaveURL(/sort=role/)
    await expect(rows.nth(1)).toContainText('primary')
    await page.getByRole('button', { name: 'role', exact: true }).click()
    await expect(page).toHaveURL(/sort=-role/)
    await expect(rows.nth(1)).toContainText('replica')
    await page.getByRole('textbox', { name: 'Find' }).fill('primary')
    await expect(rows).toHaveCount(4)
  })

  await test.step('as files', async () => {
    const saved = async (format: 'CSV' | 'JSON') => {
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: `Save the nodes as ${format}` }).click()
      return readFile(await (await download).path(), 'utf8')
    }
    const csv = await saved('CSV')
    expect(csv.split('\r\n')[0]).toMatch(/^id,name,shard,role,version/)
    expect(csv.trimEnd().split('\r\n')).toHaveLength(4)
    expect(JSON.parse(await saved('JSON')).find((node: { address: string }) => node.address === address)).toMatchObject({
      role: 'primary',
      shard: 'A',
      clusterDatabases: expect.any(Number),
      uptimeSeconds: expect.any(Number)
    })
    await page.getByRole('textbox', { name: 'Find' }).fill('')
    await expect(rows).toHaveCount(7)
  })

  await test.step('INFO in words, asked when it is opened, found by its meaning, and a URL', async () => {
    const opener = row.getByRole('button', { name: /all that it says of itself/ })
    await opener.focus()
    await page.keyboard.press('Enter')
    await expect(opener).toHaveAttribute('aria-expanded', 'true')
    const memory = page.getByRole('region', { name: 'Memory' })
    await expect(memory).toContainText('taken by data and everything around it')
    await expect(memory).toContainText('used_memory')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('searchbox', { name: 'Find in INFO' }).fill('time since its start')
    await expect(page.getByText('uptime_in_seconds')).toBeVisible()
    await expect(memory).toHaveCount(0)
    await page.reload()
    await expect(page.getByRole('region', { name: 'Memory', exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Close INFO' }).click()
    await expect(page).not.toHaveURL(/node=/)
  })

  await test.step('a viewer sees the figures and is told who may see more', async () => {
    const context = await browser.newContext()
    const other = await context.newPage()
    await other.goto(await newLoginLink(slotscope, 'viewer'))
    await other.getByRole('navigation').getByRole('link', { name: 'Nodes' }).click()
    await other
      .getByRole('button', { name: /all that it says of itself/ })
      .first()
      .click()
    await expect(other.getByRole('heading', { name: 'INFO is for operators' })).toBeVisible()
    await context.close()
  })
})

test('the configuration of all nodes is compared on request; what differs stands first', async ({ console: page, cluster }) => {
  const [shard] = await cluster.shards()
  const client = await NodeClient.connect(shard!.primary.address)
  await client.call('CONFIG', 'SET', 'timeout', 777)
  client.close()
  await page.waitForURL(/\/slots/)
  await page.goto(page.url().replace(/\/slots.*/, '/nodes?view=configuration'))
  await page.getByRole('button', { name: 'Ask 6 nodes' }).click()
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name}( |$|differs)`) }) })
  await expect(page.getByRole('row').nth(1)).toContainText('differs')
  await expect(row('timeout')).toContainText('777')
  await expect(row('timeout')).toContainText(/1 node: \S+/)
  await expect(row('port')).toHaveCount(0)
  await page.getByLabel('Only what differs').check()
  await page.getByLabel('Also what is each node’s own').check()
  await expect(row('port')).toContainText('differs, as it should')
  await expect(page).toHaveURL(/only=unequal/)
  expect(await accessibilityFaults(page)).toEqual([])
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save the settings as CSV' }).click()
  expect(await readFile(await (await download).path(), 'utf8')).toMatch(/\r\ntimeout,true,777,\S+\r\n/)
})

test('users of the servers are compared and tested; no hash reaches the page', async ({ console: page, cluster, slotscope, browser }) => {
  const [shard] = await cluster.shards()
  const client = await NodeClient.connect(shard!.primary.address)
  await client.call('ACL', 'SETUSER', 'reporter', 'on', '>a long password of the journey', '~report:*', '-@all', '+get', '(~log:* +xadd)')
  const hash = /#([0-9a-f]{64})/.exec(
    String((await client.list('ACL', 'LIST')).find((line) => String(line).includes('user reporter')))
  )![1]!
  client.close()
  await page.waitForURL(/\/slots/)
  const address = page.url().replace(/\/slots.*/, '/nodes?view=users')
  await page.goto(address)
  await expect(page.getByRole('radio', { name: 'Users' })).toBeChecked()
  await page.getByRole('button', { name: 'Ask 6 nodes' }).click()
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^reporter/ }) })
  await expect(row).toContainText('differs')
  await expect(row).toContainText('on, 1 password')
  await expect(row).toContainText('~report:*')
  await expect(row).toContainText('(~log:*')
  await expect(row).toContainText('not there')
  expect(await page.content()).not.toContain(hash)

  const test = async (command: string) => {
    await page.getByLabel('As', { exact: true }).selectOption('reporter')
    await page.getByLabel('Command to test').fill(command)
    await page.getByLabel('Command to test').press('Enter')
  }
  const said = page.getByRole('list', { name: 'What the nodes say' }).getByRole('listitem')
  await test('GET report:1')
  await expect(said.filter({ hasText: 'Allowed' })).toHaveCount(1)
  await expect(said.filter({ hasText: 'Cannot say' })).toContainText("User 'reporter' not found")
  await test('SET report:1 "a b"')
  await expect(said.filter({ hasText: 'Refused' })).toContainText(/no permissions to run the 'set' command/)
  expect(await accessibilityFaults(page)).toEqual([])

  const context = await browser.newContext()
  const other = await context.newPage()
  await other.goto(await newLoginLink(slotscope, 'operator'))
  await other.waitForURL(/\/slots/)
  await other.goto(address)
  await expect(other.getByRole('heading', { name: 'The users of the servers are for admins' })).toBeVisible()
  await context.close()
})

test('unequal versions are flagged, with the way to Health; a refused INFO names its rule', async ({ browser, console: page }) => {
  await page.waitForURL(/\/slots/)
  const { page: staged, close } = await openAnew(browser, page, {})
  await stageCore(staged, (core) => {
    const [odd] = Object.keys(core.nodes)
    return {
      ...core,
      nodes: { ...core.nodes, [odd!]: { ...core.nodes[odd!]!, version: '9.0.4' } },
      denied: { '+info': { words: "NOPERM User x has no permissions to run the 'info' command", panels: ['nodes'], nodes: [odd!] } },
      health: {
        versions: {
          id: 'versions',
          severity: 'warning',
          title: 'Nodes run different versions',
          evidence: '9.0.4, 9.1.2',
          sinceMs: Date.now(),
          node: null,
          repair: null
        }
      }
    }
  })
  await staged.goto(page.url().replace(/\/slots.*/, '/nodes'))
  await expect(staged.getByRole('row').filter({ hasText: '9.0.4' })).toContainText('unlike others')
  await expect(staged.getByText('The rule that is missing for our user: +info')).toBeVisible()
  await staged.getByRole('button', { name: 'See Health' }).click()
  const health = staged.getByRole('dialog', { name: 'Health of the cluster' })
  await expect(health).toContainText('Nodes run different versions')
  await expect(staged).toHaveURL(/health=open/)
  expect(await accessibilityFaults(staged)).toEqual([])
  await staged.keyboard.press('Escape')
  await expect(health).toHaveCount(0)
  await close()
})
