// Who did what: read, filtered, saved and verified; what was changed in the file is found; who may not read it is told so.
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { newLoginLink } from './fixtures/slotscope.ts'

const data = join(tmpdir(), `slotscope-journey-audit-${process.pid}`)
test.use({ commandArgs: ['--data', data] })

test('what was sent is written down; its chain is verified, and a change in it is named', async ({ console: page, slotscope, browser }) => {
  await page.getByRole('navigation').getByRole('link', { name: 'Command line' }).click()
  const line = page.getByRole('combobox', { name: 'Command', exact: true })
  await line.fill('SET =audited:{1} "never written down"')
  await line.press('Escape')
  await line.press('Enter')
  await expect(page.getByRole('article', { name: /^SET/ })).toContainText('OK')

  await page.keyboard.press('Control+k')
  await expect(page.getByRole('combobox', { name: 'Find a key, slot, shard or command' })).toBeFocused()
  await page.keyboard.type('audit')
  await page.getByRole('option', { name: 'Audit', exact: true }).click()
  await expect(page).toHaveURL(/\/audit$/)
  const row = page.getByRole('row', { name: /Send a command/ })
  await expect(row).toContainText('database 0, owner of key =audited:{1}')
  await expect(row).toContainText('SET =audited:{1} (1 more, not written down)')
  await expect(row).toContainText('done')
  expect(await accessibilityFaults(page)).toEqual([])

  await test.step('one line in full, by keyboard', async () => {
    const opener = row.getByRole('button', { name: /^Line \d+/ })
    await opener.focus()
    await page.keyboard.press('Enter')
    await expect(opener).toHaveAttribute('aria-expanded', 'true')
    await expect(page.getByRole('definition').filter({ hasText: '127.0.0.1' })).toBeVisible()
    await page.keyboard.press('Enter')
  })

  await test.step('filters stand in the address', async () => {
    await page.getByLabel('Person').fill('somebody else')
    await expect(page.getByRole('heading', { name: 'No line fits' })).toBeVisible()
    await expect(page).toHaveURL(/user=somebody\+else/)
    await page.getByRole('button', { name: 'Show everything' }).click()
    await page.getByRole('radio', { name: 'Everything' }).click()
    await page.getByLabel('Kind').selectOption('Log in')
    await expect(page.getByRole('row', { name: /admin Log in/ })).toHaveCount(1)
    await page.reload()
    await expect(page.getByRole('row', { name: /admin Log in/ })).toHaveCount(1)
    await page.getByRole('button', { name: 'Show everything' }).click()
  })

  await test.step('as files', async () => {
    const saved = async (format: 'CSV' | 'JSON') => {
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: `Save what fits as ${format}` }).click()
      return readFile(await (await download).path(), 'utf8')
    }
    const csv = await saved('CSV')
    expect(csv.split('\r\n')[0]).toMatch(/^sequence,at,user,role/)
    expect(csv).not.toContain('never written down')
    const lines = JSON.parse(await saved('JSON'))
    expect(lines.map(({ sequence }: { sequence: number }) => sequence)).toEqual(lines.map((_: unknown, index: number) => index + 1))
  })

  await test.step('the chain holds, until somebody changes a line', async () => {
    const check = page.getByRole('region', { name: 'The chain of the audit' })
    await check.getByRole('button', { name: 'Verify the chain' }).click()
    await expect(check).toContainText(/Intact: all \d+ lines, from the first to the last/)
    const file = join(data, 'audit.jsonl')
    const lines = (await readFile(file, 'utf8')).split('\n')
    const forged = lines.findIndex((one) => one.includes('"SET"'))
    await writeFile(file, lines.map((one, index) => (index === forged ? one.replace('"SET"', '"GET"') : one)).join('\n'))
    await check.getByRole('button', { name: 'Verify the chain' }).click()
    await expect(check).toContainText(`Broken at line ${forged + 1}`)
    await expect(check).toContainText('its content is not what its hash stands for')
    await page.getByRole('button', { name: 'Read again' }).click()
    await expect(page.getByRole('alert').filter({ hasText: '1 line in this stretch does not hold what its hash stands for' })).toBeVisible()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  await test.step('an operator is told that it is for admins', async () => {
    const context = await browser.newContext()
    const other = await context.newPage()
    await other.goto(await newLoginLink(slotscope, 'operator'))
    await other.getByRole('navigation').getByRole('link', { name: 'Audit' }).click()
    await expect(other.getByRole('heading', { name: 'The audit is for admins' })).toBeVisible()
    expect(await accessibilityFaults(other)).toEqual([])
    await context.close()
  })
})
