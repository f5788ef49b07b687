import { accessibilityFaults } from './fixtures/accessibility.ts'
import { fillSlots } from './fixtures/fill.ts'
import { expect, test } from './fixtures/journey.ts'

const rooms = ['slots', 'topology', 'databases', 'expiry', 'traffic', 'nodes', 'command-line', 'audit'] as const

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

    test('plans, menus, the search for a key and hot slots have no accessibility fault', async ({ console: page, cluster }) => {
      const [a] = await cluster.shards()
      await page.waitForURL(/\/slots/)
      await fillSlots(cluster, { first: a!.ranges[0]![0], last: a!.ranges[0]![0] + 20, databases: [0] })
      await page.goto(`${page.url().split('?')[0]}?figure=keys&key=user:{42}&key=user:{43}&slots=100-220`)
      await expect(page.getByRole('region', { name: 'Slots with most keys' })).toBeVisible()
      expect(await accessibilityFaults(page), 'hot slots and keys').toEqual([])
      await page.getByRole('button', { name: 'What to do with shard B' }).click()
      expect(await accessibilityFaults(page), 'the menu of a lane').toEqual([])
      await page.getByRole('menuitem', { name: /^Drain B/ }).click()
      await expect(page.getByRole('article', { name: /^Plan: Drain B: / })).toBeVisible()
      expect(await accessibilityFaults(page), 'a plan of several moves').toEqual([])
      await page.getByRole('button', { name: 'Start the drain' }).click()
      // Where only one shard has keys, the other one takes all the slots, in one move.
      const ended = page.getByRole('article', { name: /^Queue B → A and C: all 2 moves done|^Migration .*Moved 5,462 slots/ })
      await expect(ended).toBeVisible({ timeout: 40_000 })
      expect(await accessibilityFaults(page), 'moves that ended').toEqual([])
    })
  })
}
