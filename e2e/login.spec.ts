import { expect, test } from './fixtures/journey.ts'

const room = { name: 'Shards' } as const

test('the printed link logs in, and leaves no token in the address', async ({ page, slotscope }) => {
  await page.goto(slotscope.loginLink)
  await expect(page.getByRole('region', room)).toBeVisible()
  expect(page.url()).toMatch(new RegExp(`^${slotscope.origin}/clusters/[^/]+/slots$`))

  await page.reload()
  await expect(page.getByRole('region', room)).toBeVisible()
})

test('the link works once', async ({ browser, page, slotscope }) => {
  await page.goto(slotscope.loginLink)
  await expect(page.getByRole('region', room)).toBeVisible()

  const other = await browser.newContext()
  const second = await other.newPage()
  await second.goto(slotscope.loginLink)
  await expect(second.getByRole('heading', { name: /^This link .*used/ })).toBeVisible()
  await expect(second.getByRole('region', room)).toHaveCount(0)
  await other.close()
})

test('without a session there is the login screen and nothing of the cluster', async ({ page, slotscope }) => {
  const answers: number[] = []
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/api/')) answers.push(response.status())
  })
  const sockets: string[] = []
  page.on('websocket', (socket) => sockets.push(socket.url()))

  await page.goto(slotscope.origin)
  await expect(page.getByRole('heading', { name: 'You need a login link' })).toBeVisible()
  expect(answers.length).toBeGreaterThan(0)
  expect(answers.every((status) => status === 401)).toBe(true)
  expect(sockets).toEqual([])
  for (const address of slotscope.addresses) await expect(page.getByText(address)).toHaveCount(0)
})

test('a made-up token is refused', async ({ page, slotscope }) => {
  await page.goto(`${slotscope.origin}/#login=${'A'.repeat(43)}`)
  await expect(page.getByRole('heading', { name: 'This link was not accepted' })).toBeVisible()
})

test('after logging out the page shows nothing more', async ({ page, slotscope }) => {
  await page.goto(slotscope.loginLink)
  await expect(page.getByRole('region', room)).toBeVisible()
  await page.getByRole('button', { name: /^User / }).click()
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page.getByRole('heading', { name: 'You need a login link' })).toBeVisible()
  expect((await page.request.get(`${slotscope.origin}/api/session`)).status()).toBe(401)
})
