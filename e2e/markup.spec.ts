// What people and programs write into a cluster is shown as it is and never becomes part of the page.
import { expect, test } from './fixtures/journey.ts'

const tags = ['script', 'img', 'svg', 'iframe', 'a', 'body', 'math', 'details', 'object', 'style', 'base', 'template']
/** The payloads of packages/api/test/threats.test.ts. */
const payloads = tags.flatMap((tag) => [
  `<${tag} src=x onerror=alert(1) onload=alert(1)>`,
  `"><${tag}>alert(1)</${tag}>`,
  `</script><${tag} href="javascript:alert(1)">\u2028`,
  `';alert(1)//<${tag}\0>\u202e`,
  `{{${tag}.constructor('alert(1)')()}}\r\nset-cookie: x=1`
])
const base64url = (text: string) => Buffer.from(text).toString('base64url')

declare global {
  interface Window {
    violations: string[]
  }
}

test('[T7] names, fields, values and errors that look like markup stay text', async ({ console: page, cluster, slotscope }) => {
  const dialogs: string[] = []
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  const foreign: string[] = []
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url())
    if (protocol !== 'data:' && origin !== slotscope.origin && origin !== slotscope.origin.replace('http', 'ws'))
      foreign.push(request.url())
  })
  await page.addInitScript(() => {
    window.violations = []
    document.addEventListener('securitypolicyviolation', (event) => {
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  const nothingHappened = async (where: string) => {
    expect(dialogs, where).toEqual([])
    expect(foreign, where).toEqual([])
    expect(await page.evaluate(() => window.violations), where).toEqual([])
    // No element of a payload has come to be: the console itself makes none of these.
    const foreignElements = 'main :is(iframe, object, base, template, math, [onerror], [onload], a[href^="javascript:"], img[src="x"])'
    await expect(page.locator(foreignElements), where).toHaveCount(0)
  }

  const entries = payloads.flatMap((payload) => [payload, payload])
  for (const [index, payload] of payloads.entries()) {
    const key = `markup:${payload}`
    if (index % 5 === 0) await cluster.call(0, 'HSET', key, ...entries)
    else if (index % 5 === 1) await cluster.call(0, 'RPUSH', key, ...payloads)
    else if (index % 5 === 2) await cluster.call(0, 'SADD', key, ...payloads)
    else if (index % 5 === 3) await cluster.call(0, 'ZADD', key, ...payloads.flatMap((member, score) => [score, member]))
    else await cluster.call(0, 'SET', key, payloads.join('\n'))
  }
  await cluster.call(0, 'HPEXPIRE', `markup:${payloads[0]}`, 600_000, 'FIELDS', payloads.length, ...payloads)

  await page.waitForURL(/\/clusters\/[^/]+/)
  const room = new URL(page.url()).pathname.replace(/(\/clusters\/[^/]+).*/, '$1')
  await page.goto(`${slotscope.origin}${room}/databases?db=0`)
  const list = page.getByRole('listbox', { name: /^Keys, / }).or(page.getByRole('tree', { name: /^Keys, / }))
  if (!(await list.isVisible()))
    await page
      .getByRole('button', { name: /^(Scan|List|Begin)/ })
      .first()
      .click()
  await expect(list).toBeVisible()
  await nothingHappened('the list of keys')

  for (const [index, payload] of payloads.slice(0, 15).entries()) {
    await page.goto(`${slotscope.origin}${room}/databases?db=0&key=${base64url(`markup:${payload}`)}`)
    await expect(page.getByRole('button', { name: 'Close the value' })).toBeVisible()
    // The text itself can be read; a string with a zero in it is shown as bytes.
    const shown = ['onerror=alert(1)', 'onerror=alert(1)', 'onerror=alert(1)', '<script', 'vascript'][index % 5] as string
    await expect(page.locator('main')).toContainText(shown)
    await nothingHappened(`the value of key ${index}`)
  }

  await page.goto(`${slotscope.origin}${room}/expiry?db=0&key=${base64url(`markup:${payloads[0]}`)}`)
  await expect(page.locator('main')).toContainText('onerror=alert(1)')
  await nothingHappened('the timeline of fields')

  for (const payload of payloads.slice(0, 5)) {
    await page.goto(`${slotscope.origin}${room}/databases?db=0&shard=${encodeURIComponent(payload)}&figure=${encodeURIComponent(payload)}`)
    await expect(page.locator('main')).toBeVisible()
    await nothingHappened(`the address with ${payload}`)
  }

  // What the api says of itself is a page of ours too.
  await page.goto(`${slotscope.origin}/api/docs`)
  await expect(page.getByRole('heading', { name: 'The api of Slotscope' })).toBeVisible()
  expect(await page.evaluate(() => window.violations)).toEqual([])
  expect(await page.evaluate(() => getComputedStyle(document.querySelector('main')!).maxWidth)).toBe('900px')
})
