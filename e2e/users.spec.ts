// Users of the servers: made, changed and deleted by way of what would be different at each node. No secret comes back to the page.
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { NodeClient } from './fixtures/node-client.ts'

const password = 'a long password of the journey'

test('a user is made, changed on some nodes, refused by one, and deleted', async ({ console: page, cluster }) => {
  const shards = await cluster.shards()
  const addresses = shards.flatMap(({ primary, replicas }) => [primary, ...replicas].map(({ address }) => address))
  const lineAt = async (address: string) => {
    const client = await NodeClient.connect(address)
    const lines = await client.list('ACL', 'LIST')
    client.close()
    return lines.map(String).find((line) => line.startsWith('user reporter ')) ?? null
  }
  await page.waitForURL(/\/slots/)
  await page.goto(page.url().replace(/\/slots.*/, '/nodes?view=users'))
  await page.getByRole('button', { name: 'Ask 6 nodes' }).click()
  const dialog = page.getByRole('dialog')
  const type = async (into: string, text: string) => {
    await dialog.getByLabel(`Add to ${into}`).fill(text)
    await dialog.getByLabel(`Add to ${into}`).press('Enter')
  }
  const changes = dialog.getByRole('list', { name: 'What changes' })
  const said = dialog.getByRole('list', { name: 'What the nodes said' }).getByRole('listitem')
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^reporter/ }) })

  await test.step('made on all nodes; the preview hides the password and changes nothing', async () => {
    await page.getByRole('button', { name: 'Add a user' }).click()
    await expect(dialog.getByRole('button', { name: 'See what changes' })).toBeDisabled()
    await dialog.getByLabel('Name').fill('reporter')
    await dialog.getByLabel('Password', { exact: true }).fill(password)
    await dialog.getByRole('button', { name: 'Add password' }).click()
    await type('keys', 'report')
    await expect(dialog.getByText(/report: write ~app/)).toBeVisible()
    await type('keys', '~report:* %R~log:*')
    await type('commands', '+@read +ping')
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: 'See what changes' }).click()
    await expect(dialog.locator('code').first()).toHaveText(
      'ACL SETUSER reporter reset on #(hidden) ~report:* %R~log:* resetchannels -@all +@read +ping'
    )
    await expect(changes.getByRole('listitem')).toContainText('it is made; 1 password more')
    for (const address of addresses) expect(await lineAt(address)).toBeNull()
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Add on 6 nodes' }).click()
    await expect(said).toHaveCount(1)
    await expect(said).toContainText('Done')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await expect(row).toContainText('on, 1 password')
    for (const address of addresses)
      expect(await lineAt(address)).toMatch(/^user reporter on #[0-9a-f]{64} ~report:\* %R~log:\* resetchannels -@all \+@read \+ping$/)
    const hash = /#([0-9a-f]{64})/.exec((await lineAt(addresses[0]!)) ?? '')![1]!
    const html = await page.content()
    expect([html.includes(hash), html.includes(password)]).toEqual([false, false])
  })

  await test.step('changed on one node, where it then differs', async () => {
    await page.getByRole('button', { name: 'Change reporter' }).click()
    await dialog.getByRole('button', { name: 'Take %R~log:* away' }).click()
    await type('selectors', '(~cache:* +get)')
    await dialog.getByLabel('Password', { exact: true }).fill('another long password')
    await dialog.getByRole('button', { name: 'Add password' }).click()
    await dialog.getByLabel('Password', { exact: true }).fill(password)
    await dialog.getByRole('button', { name: 'Take away' }).click()
    await dialog.getByRole('radio', { name: 'Some' }).click()
    await dialog
      .getByRole('checkbox', { name: /replica/ })
      .first()
      .check()
    await dialog.getByRole('button', { name: 'See what changes' }).click()
    await expect(changes.getByRole('deletion')).toHaveText('− %R~log:*')
    await expect(changes.getByRole('insertion')).toHaveText(/^\+ \(~cache:\* .*\+get\)$/)
    await expect(changes).toContainText('1 password more; 1 password less')
    await dialog.getByRole('button', { name: 'Change on 1 node' }).click()
    await expect(said).toContainText('Done')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await expect(row).toContainText('differs')
    const lines = await Promise.all(addresses.map(lineAt))
    expect(lines.filter((line) => line?.includes('(~cache:*'))).toHaveLength(1)
  })

  await test.step('a change that one node cannot make is made by the others, and says which', async () => {
    await page.getByRole('button', { name: 'Change reporter' }).click()
    await dialog.getByLabel('Password', { exact: true }).fill(password)
    await dialog.getByRole('button', { name: 'Take away' }).click()
    await dialog.getByRole('button', { name: 'See what changes' }).click()
    await expect(changes.getByRole('listitem').filter({ hasText: 'would refuse it' })).toContainText('the user has no such password')
    await dialog.getByRole('button', { name: 'Change on 6 nodes' }).click()
    await expect(said.first()).toContainText(/Not done .*: ERR .*'!\(hidden\)'/)
    await expect(said.last()).toContainText('Done')
    await dialog.getByRole('button', { name: 'Close' }).click()
  })

  await test.step('a user that became another meanwhile is looked at again', async () => {
    await page.getByRole('button', { name: 'Delete reporter' }).click()
    await dialog.getByRole('button', { name: 'See what changes' }).click()
    const client = await NodeClient.connect(addresses[0]!)
    await client.call('ACL', 'SETUSER', 'reporter', '+dbsize')
    client.close()
    await dialog.getByLabel('Type reporter to confirm').fill('reporter')
    await dialog.getByRole('button', { name: 'Delete on 6 nodes' }).click()
    await expect(dialog.getByRole('alert')).toContainText('it has changed since: look again')
    await dialog.getByRole('button', { name: 'Try again' }).click()
    await dialog.getByRole('button', { name: 'See what changes' }).click()
    await expect(dialog.getByRole('button', { name: 'Delete on 6 nodes' })).toBeDisabled()
    await dialog.getByLabel('Type reporter to confirm').fill('reporter')
    await dialog.getByRole('button', { name: 'Delete on 6 nodes' }).click()
    await expect(said).toContainText('Deleted')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await expect(row).toHaveCount(0)
    for (const address of addresses) expect(await lineAt(address)).toBeNull()
  })

  await test.step('default says what a change does to others and to us, and is not deleted', async () => {
    await expect(page.getByRole('button', { name: 'Delete default' })).toBeDisabled()
    await page.getByRole('button', { name: 'Change default' }).click()
    await dialog.getByRole('radio', { name: 'off', exact: true }).click()
    await dialog.getByRole('button', { name: 'See what changes' }).click()
    await expect(dialog).toContainText('Clients that do not log in are the user default: from then on they are refused')
    await expect(dialog).toContainText('Slotscope itself is connected as this user')
    await expect(dialog.getByRole('button', { name: 'Change on 6 nodes' })).toBeDisabled()
    await dialog.getByRole('button', { name: 'Back' }).click()
    await expect(dialog.getByRole('radio', { name: 'off', exact: true })).toBeChecked()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await expect(dialog).toHaveCount(0)
  })

  await test.step('the audit has what was done, and no secret', async () => {
    await page.getByRole('link', { name: 'Audit' }).click()
    await expect(page.getByText('user reporter').first()).toBeVisible()
    const lines = await page.evaluate(async () => (await fetch('/api/audit/export?format=json')).text())
    expect(lines).toContain('#(hidden)')
    expect(lines).not.toContain(password)
    expect(lines).not.toMatch(/[#!][0-9a-f]{64}/)
  })
})
