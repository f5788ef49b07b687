// A database of very many keys and a hash of very many fields: the first page is there at once, one key among all is found, and nothing walks
// the whole. 100,000 of each; HUGE_KEYS=10000000 HUGE_FIELDS=5000000 makes it as large as `pnpm bench browse`.
import type { ClusterClient } from './fixtures/cluster-client.ts'
import { ownerOf } from './fixtures/cluster-client.ts'
import { expect, test } from './fixtures/journey.ts'
import { slotOf, tagOf } from './fixtures/slot-keys.ts'

const DATABASE = 8
const KEYS = Number(process.env.HUGE_KEYS ?? 100_000)
const FIELDS = Number(process.env.HUGE_FIELDS ?? 100_000)
/** Of one command. */
const PER_COMMAND = 500
const PIPELINE = 20
const nameOf = (index: number) => `many:{${tagOf(Math.floor(index / PER_COMMAND) % 16_384)}}:${index}`
const words = (count: number) => count.toLocaleString('en-US')

test.setTimeout(120_000 + (KEYS + FIELDS) / 20)

async function fill(cluster: ClusterClient): Promise<void> {
  const shards = await cluster.shards()
  const at = async (key: string) => cluster.at(ownerOf(shards, slotOf(key))?.address ?? '', DATABASE)
  let waiting: Promise<unknown>[] = []
  const send = async (key: string, command: string, ...args: string[]) => {
    waiting.push((await at(key)).call(command, ...args))
    if (waiting.length < PIPELINE) return
    await Promise.all(waiting)
    waiting = []
  }
  for (let from = 0; from < KEYS; from += PER_COMMAND) {
    const pairs = Array.from({ length: Math.min(PER_COMMAND, KEYS - from) }, (_, index) => [nameOf(from + index), 'v']).flat()
    await send(pairs[0]!, 'MSET', ...pairs)
  }
  for (let from = 0; from < FIELDS; from += PER_COMMAND) {
    const pairs = Array.from({ length: Math.min(PER_COMMAND, FIELDS - from) }, (_, index) => [`field-${from + index}`, 'v']).flat()
    await send('huge', 'HSET', 'huge', ...pairs)
  }
  await Promise.all(waiting)
}

test(`${words(KEYS)} keys and a hash of ${words(FIELDS)} fields are browsed`, async ({ console: page, cluster }) => {
  await fill(cluster)
  await page.waitForURL(/\/slots/)
  const root = page.url().replace(/\/slots.*/, '')
  await page.goto(`${root}/databases?db=${DATABASE}`)
  const panel = page.getByRole('region', { name: `db${DATABASE} on all shards` })
  await expect(panel).toContainText(`holds ${words(KEYS + 1)} keys`)

  await test.step('a page costs little, the list goes on, stops and resumes', async () => {
    await panel.getByRole('button', { name: 'Scan', exact: true }).click()
    await expect(panel.getByRole('button', { name: 'Scan more' })).toBeVisible()
    await expect(panel).toContainText(new RegExp(`seen [\\d,]+ of about ${words(KEYS + 1)}`))
    const listed = async () =>
      Number(
        /([\d,]+) listed/
          .exec((await panel.getByRole('contentinfo').or(panel.locator('footer')).first().textContent()) ?? '')?.[1]
          ?.replaceAll(',', '')
      )
    const first = await listed()
    await panel.getByRole('button', { name: 'Scan all' }).click()
    await expect.poll(listed).toBeGreaterThan(first + 1_000)
    await panel.getByRole('button', { name: 'Stop' }).click()
    await expect(panel.getByRole('button', { name: 'Resume' })).toBeVisible()
    const held = await listed()
    expect(held).toBeLessThan(KEYS)
    await panel.getByRole('button', { name: 'Resume' }).click()
    await expect.poll(listed).toBeGreaterThanOrEqual(held)
  })

  await test.step('one of them is looked up without a scan', async () => {
    const wanted = nameOf(KEYS - 1)
    await page
      .getByLabel(/key/i)
      .and(page.getByPlaceholder(/^a key/))
      .fill(wanted)
    await page.getByRole('button', { name: 'Look up' }).click()
    await page.getByRole('button', { name: `Open in database ${DATABASE}` }).click()
    await expect(page.getByRole('region', { name: 'Value', exact: true })).toContainText(wanted)
  })

  await test.step('the hash says how many fields it has and is read page by page', async () => {
    await page.goto(`${root}/databases?db=${DATABASE}&key=${Buffer.from('huge').toString('base64url')}`)
    const value = page.getByRole('region', { name: 'Value', exact: true })
    await expect(value).toContainText(`${words(FIELDS)} fields`)
    const rows = value.getByText(/^field-\d+$/)
    await expect(rows.first()).toBeVisible()
    await expect(value).toContainText(new RegExp(`[\\d,]+ of ${words(FIELDS)}`))
    await value.getByRole('button', { name: 'Read more' }).click()
    await expect(value.getByRole('button', { name: 'Read more' })).toBeEnabled()
  })

  await test.step('its timeline shows the first of them and says so', async () => {
    await page.goto(`${root}/expiry?db=${DATABASE}&key=${Buffer.from('huge').toString('base64url')}`)
    const fields = page.getByRole('region', { name: 'Fields of huge' })
    await expect(fields).toContainText(new RegExp(`[\\d,]+ of ${words(FIELDS)} fields shown`), { timeout: 30_000 })
    await expect(fields.getByRole('listitem').first()).toBeVisible()
  })
})
