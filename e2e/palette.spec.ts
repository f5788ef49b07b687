// Ctrl+K from everywhere: a key, a range, a shard, a room and an action are found and opened by keyboard alone.
import { accessibilityFaults } from './fixtures/accessibility.ts'
import { expect, test } from './fixtures/journey.ts'
import { slotOf } from './fixtures/slot-keys.ts'
import { SlotRoom } from './fixtures/slot-room.ts'

test('keys, slots, shards and actions are found by keyboard', async ({ console: page, cluster }) => {
  const [, b] = await cluster.shards()
  const room = new SlotRoom(page)
  await room.untilShown()
  const field = page.getByRole('combobox', { name: 'Find a key, slot, shard or command' })
  const open = async (typed: string) => {
    await page.keyboard.press('Control+k')
    await expect(field).toBeFocused()
    await page.keyboard.type(typed)
  }

  await test.step('a key: its slot as the cluster computes it', async () => {
    const key = 'creator:{4711}:tokens'
    const slot = Number(await (await cluster.at(b!.primary.address)).call('CLUSTER', 'KEYSLOT', key))
    expect(slotOf(key)).toBe(slot)
    await open(key)
    await expect(page.getByRole('listbox').getByRole('option', { selected: true })).toContainText(`slot ${slot.toLocaleString('en-US')}`)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.keyboard.press('Enter')
    const finder = page.getByRole('region', { name: 'Find a key' })
    await expect(finder.getByRole('list', { name: 'Keys' })).toContainText(`= slot ${slot.toLocaleString('en-US')}`)
    await expect(finder.locator('mark')).toHaveText('4711')
    await finder.getByRole('textbox', { name: 'Key' }).fill('other:{4711}')
    await page.keyboard.press('Enter')
    await expect(finder).toContainText('Same slot.')
    await finder.getByRole('textbox', { name: 'Key' }).fill('elsewhere')
    await page.keyboard.press('Enter')
    await expect(finder).toContainText('CROSSSLOT.')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect(finder).toHaveCount(0)
  })

  await test.step('ranges and shards become the selection', async () => {
    await open('100-220, 300')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: 'Move 122 slots' })).toBeVisible()
    await open(`:${b!.primary.address.split(':')[1]}`)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('button', { name: /^Move 5,46\d slots$/ })).toBeVisible()
  })

  await test.step('an action of the room, and a room', async () => {
    await open('rebalance')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('article', { name: /^Plan: Rebalance by slots/ })).toBeVisible()
    await open('traffic')
    await expect(page.getByRole('option', { name: 'Traffic', exact: true })).toBeVisible()
    await page.getByRole('option', { name: 'Traffic', exact: true }).click()
    await expect(page).toHaveURL(/\/traffic$/)
  })

  await test.step('the keys are listed', async () => {
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('type ranges of slots')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog', { name: 'Keys' })).toHaveCount(0)
  })
})
