import { expect, test } from './fixtures/journey.ts'

// The cluster of the journey is on this machine.
test.use({ commandArgs: ['--allow-local-targets'] })

test('a cluster is added on screen, tested, looked at and removed', async ({ console: page, slotscope }) => {
  await page.getByRole('button', { name: /switch cluster$/ }).click()
  await page.getByRole('link', { name: 'Add and change clusters' }).click()
  await page.getByRole('button', { name: 'Add a cluster' }).click()
  const form = page.getByRole('form', { name: 'Add a cluster' })
  await form.getByLabel('Name').fill('Second door')
  await expect(form.getByLabel(/^Id/)).toHaveValue('second-door')

  // A wrong door first: the reason stands beside its address, and nothing of what was typed is lost.
  const [right = ''] = slotscope.addresses
  await form.getByLabel(/^Nodes to begin with/).fill(`${right}\n127.0.0.1:1`)
  await form.getByRole('button', { name: 'Test connection' }).click()
  const result = form.getByRole('region', { name: 'Connection test' })
  await expect(result.getByRole('row', { name: /127\.0\.0\.1:1\b/ })).toContainText('ECONNREFUSED')
  await expect(result.getByRole('row', { name: new RegExp(right.replaceAll('.', '\\.')) })).toContainText('reached')
  await form.getByLabel(/^Nodes to begin with/).fill(right)
  await form.getByRole('button', { name: 'Add cluster' }).click()

  await page.getByRole('link', { name: 'Second door' }).click()
  await expect(page).toHaveURL(/\/clusters\/second-door\/slots$/)
  await expect(page.getByRole('button', { name: /^Second door.*switch cluster$/ })).toBeVisible()

  await page.goto(`${slotscope.origin}/clusters`)
  await page.getByRole('button', { name: 'Remove Second door' }).click()
  const dialog = page.getByRole('dialog', { name: 'Remove Second door?' })
  const remove = dialog.getByRole('button', { name: 'Remove cluster' })
  await expect(remove).toBeDisabled()
  await dialog.getByLabel(/to confirm$/).fill('Second door')
  await remove.click()
  await expect(page.getByRole('link', { name: 'Second door' })).toHaveCount(0)
  await page.goto(`${slotscope.origin}/clusters/second-door/slots`)
  await expect(page.getByRole('heading', { name: 'There is no such cluster' })).toBeVisible()
})
