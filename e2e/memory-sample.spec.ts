// What takes the memory of a database: sampled on request, paused and resumed, by prefix and by key, with what it cost.
import { readFile } from 'node:fs/promises'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'

test('memory is sampled by prefix, and the biggest keys are found', async ({ console: page, cluster }) => {
  for (let index = 0; index < 120; index++) await cluster.call(5, 'SET', `cart:{${index}}:items`, 'x'.repeat(40))
  await cluster.call(5, 'SET', 'blob:one', 'y'.repeat(300_000))
  await cluster.call(5, 'RPUSH', 'queue', ...Array.from({ length: 900 }, (_, index) => `job ${index}`))
  await page.waitForURL(/\/slots/)
  await page.goto(page.url().replace(/\/slots.*/, '/databases?db=5'))
  const panel = page.getByRole('region', { name: 'db5 on all shards' })
  await panel.getByRole('radio', { name: 'Memory' }).click()
  await expect(page).toHaveURL(/view=memory/)
  await expect(panel).toContainText('four commands a key')
  await panel.getByRole('button', { name: 'Sample', exact: true }).click()
  const prefixes = panel.getByRole('region', { name: 'Memory by prefix' })
  await expect(prefixes.getByRole('row').filter({ hasText: 'cart:' })).toBeVisible()
  await panel.getByRole('button', { name: 'Pause' }).click()
  await expect(panel.getByRole('button', { name: 'Go on' })).toBeVisible()
  // How many there are is what the stream last heard of, so it may grow yet.
  const sampled = async () => Number(/([\d,]+) sampled of about \d/.exec((await panel.textContent()) ?? '')?.[1]?.replaceAll(',', ''))
  const held = await sampled()
  expect(held).toBeGreaterThan(50)
  await panel.getByRole('button', { name: 'Go on' }).click()
  await expect(panel.getByRole('button', { name: 'Sample 2,000 more' })).toBeVisible({ timeout: 60_000 })
  await expect(panel).toContainText('sampled of about 122')
  await expect.poll(sampled).toBeGreaterThan(held)
  expect(await sampled()).toBeLessThanOrEqual(2_000)
  await expect(panel).toContainText(/[\d,]{5,} commands sent/)
  await expect(panel).toContainText(/about \d.* in keys and values sampled/)

  await expect(prefixes.getByRole('row').nth(1)).toContainText(/blob:.*± .*KiB/)
  await prefixes.getByRole('button', { name: 'cart:' }).click()
  await expect(prefixes.getByRole('row')).toHaveCount(2)
  await expect(prefixes.getByRole('row').nth(1)).toContainText('cart:{*}:')
  const download = page.waitForEvent('download')
  await prefixes.getByRole('button', { name: 'Save memory by prefix as CSV' }).click()
  expect(await readFile(await (await download).path(), 'utf8')).toMatch(
    /^prefix,sampled,keys,keys_error,bytes,bytes_error\r\ncart:\{\*\}:,/
  )
  await prefixes.getByRole('button', { name: 'All' }).click()

  const big = panel.getByRole('region', { name: 'Biggest keys that were met' })
  await expect(big.getByRole('row').nth(1)).toContainText(/blob:one.*string.*29\d KiB/)
  await big.getByLabel('Type of the biggest').selectOption('list')
  await big.getByRole('radio', { name: 'Elements' }).click()
  await expect(big.getByRole('row')).toHaveCount(2)
  await expect(big.getByRole('row').nth(1)).toContainText('900 elements')
  expect(await accessibilityFaults(page)).toEqual([])
  await big.getByRole('button', { name: 'queue' }).click()
  await expect(page).toHaveURL(/key=cXVldWU/)
  await expect(page.getByText('job 0')).toBeVisible()
})
