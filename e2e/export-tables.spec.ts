// Every table as a file: what is on screen, figures as they are, and nothing that a spreadsheet would run.
import { readFile } from 'node:fs/promises'
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'

test('databases, keys, the soonest, the topology and the slots are saved as CSV and JSON', async ({ console: page, cluster }) => {
  await cluster.call(6, 'SET', '=cmd|calc', 'x')
  await cluster.call(6, 'HSET', 'cart', 'item', 'book')
  await cluster.call(6, 'HEXPIRE', 'cart', 600, 'FIELDS', 1, 'item')
  await page.waitForURL(/\/slots/)
  const root = page.url().replace(/\/slots.*/, '')
  const saved = async (what: string, format: 'CSV' | 'JSON') => {
    await page.getByRole('button', { name: `Save ${what}` }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: `As ${format}` }).click()
    return readFile(await (await download).path(), 'utf8')
  }

  await page.goto(`${root}/databases?db=6`)
  const panel = page.getByRole('region', { name: 'db6 on all shards' })
  await expect(page.getByRole('rowheader', { name: 'db6' })).toBeVisible()
  const matrix = await saved('the matrix', 'CSV')
  expect(matrix.split('\r\n')[0]).toBe('database,name,shard,keys,withExpiry,hashesWithVolatileFields,averageTtlMs')
  const cells = matrix.split('\r\n').filter((line) => line.startsWith('6,'))
  expect(cells).toHaveLength(3)
  expect(cells.reduce((sum, line) => sum + Number(line.split(',')[3]), 0)).toBe(2)
  await panel.getByRole('button', { name: 'Scan', exact: true }).click()
  await expect(panel.getByRole('listbox', { name: /^Keys/ }).getByRole('option')).toHaveCount(2)
  await expect(panel.getByText('1 field')).toBeVisible()
  expect(await saved('the listed keys', 'CSV')).toContain("'=cmd|calc,string,")
  const keys = JSON.parse(await saved('the listed keys', 'JSON'))
  expect(keys.find((row: { key: string }) => row.key === 'cart')).toMatchObject({
    type: 'hash',
    size: 1,
    ttlMs: null,
    keyBase64url: 'Y2FydA'
  })
  expect(await accessibilityFaults(page)).toEqual([])

  await page.goto(`${root}/expiry`)
  // The embedded cluster's own workload has much that expires sooner than ours.
  await expect(page.getByRole('list', { name: 'What expires soonest' }).getByRole('listitem').first()).toBeVisible({ timeout: 60_000 })
  expect(await saved('the soonest', 'CSV')).toMatch(
    /^database,shard,key,field,expiresAt,keyBase64url\r\n\d+,[ABC],[^,]+,[^,]*,20\d\d-\S+Z,[\w-]+\r\n/
  )

  await page.goto(`${root}/topology`)
  const nodes = JSON.parse(await saved('the nodes by shard', 'JSON'))
  expect(nodes).toHaveLength(6)
  expect(nodes.filter(({ role }: { role: string }) => role === 'primary').map(({ shard }: { shard: string }) => shard)).toEqual([
    'A',
    'B',
    'C'
  ])
  expect(nodes[0]).toMatchObject({ slotCount: expect.any(Number), slots: expect.stringMatching(/^\d+-\d+/) })
  expect(await accessibilityFaults(page)).toEqual([])

  await page.goto(`${root}/slots`)
  await page.getByRole('button', { name: 'Table' }).click()
  const ranges = (await saved('the ranges', 'CSV')).trimEnd().split('\r\n')
  expect(ranges[0]).toBe('first,last,count,owner,keys,movingTo')
  expect(ranges.slice(1).reduce((sum, line) => sum + Number(line.split(',')[2]), 0)).toBe(16_384)
})
