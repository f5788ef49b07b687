import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'

const rooms = ['slots', 'topology', 'databases', 'expiry', 'traffic', 'command-line'] as const

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme })

    test('the login screen has no accessibility fault', async ({ page, slotscope }) => {
      await page.goto(slotscope.origin)
      await expect(page.getByRole('heading', { name: 'You need a login link' })).toBeVisible()
      expect(await accessibilityFaults(page)).toEqual([])
    })

    test('no room has an accessibility fault', async ({ console: page }) => {
      await expect(page.getByRole('region', { name: 'Shards' })).toBeVisible()
      for (const room of rooms) {
        await page
          .getByRole('navigation')
          .getByRole('link', { name: new RegExp(`^${room.replace('-', ' ')}`, 'i') })
          .click()
        await expect(page).toHaveURL(new RegExp(`/${room}$`))
        await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0)
        expect(await accessibilityFaults(page), room).toEqual([])
      }
    })
  })
}
