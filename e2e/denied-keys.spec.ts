// A user of the servers who may not look: the key browser says which rule is missing, and goes on once it is given.
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { NodeClient } from './fixtures/node-client.ts'

test('keys and values that are denied by ACL name the rule that is missing', async ({ page, slotscope, cluster }) => {
  // What a server refuses is answered with 502, which the browser reports.
  await page.goto(slotscope.loginLink)
  await cluster.call(2, 'HSET', 'cart', 'item', 'book')
  const shards = await cluster.shards()
  const onAll = async (...rules: string[]) => {
    for (const { primary } of shards) {
      const client = await NodeClient.connect(primary.address)
      await client.call('ACL', 'SETUSER', 'default', ...rules)
      client.close()
    }
  }
  await page.waitForURL(/\/slots/)
  await page.goto(page.url().replace(/\/slots.*/, '/databases?db=2'))
  const panel = page.getByRole('region', { name: 'db2 on all shards' })

  await test.step('scanning', async () => {
    await onAll('-scan')
    await panel.getByRole('button', { name: 'Scan', exact: true }).click()
    const note = panel.getByRole('alert')
    await expect(note).toContainText('The server does not allow us to scan')
    await expect(note).toContainText('The rule that is missing for our user: +scan')
    expect(await accessibilityFaults(page)).toEqual([])
    await onAll('+@all')
    await note.getByRole('button', { name: 'Try again' }).click()
    await expect(panel.getByRole('listbox', { name: /^Keys/ })).toContainText('cart')
  })

  await test.step('a value', async () => {
    await onAll('-hscan')
    await panel.getByRole('option', { name: /cart/ }).click()
    const value = page.getByRole('region', { name: 'Value' })
    await expect(value.getByRole('alert')).toContainText('The rule that is missing for our user: +hscan')
    await onAll('+@all')
    await value.getByRole('button', { name: 'Try again' }).click()
    await expect(value).toContainText('book')
  })

  await test.step('a sample of their memory', async () => {
    await onAll('-memory|usage')
    await panel.getByRole('radio', { name: 'Memory' }).click()
    await panel.getByRole('button', { name: 'Sample', exact: true }).click()
    await expect(panel.getByRole('alert')).toContainText('The rule that is missing for our user: +memory|usage')
    await onAll('+@all')
    await panel.getByRole('button', { name: 'Go on' }).click()
    await expect(panel.getByRole('region', { name: 'Memory by prefix' })).toContainText('cart')
  })

  await test.step('keys whose names are not for us', async () => {
    await onAll('resetkeys', '~other:*')
    await page.goto(page.url().replace(/\?.*/, '?db=2'))
    await panel.getByRole('button', { name: 'Scan', exact: true }).click()
    await expect(panel.getByRole('alert')).toContainText(/No permissions to access a key/)
    await onAll('resetkeys', '~*')
  })
})
