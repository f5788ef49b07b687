// Two nodes tell different stories of one move: that stays on top until a person takes note. The page sees a staged job, since no cluster
// can be made to disagree on request.
import { expect, test } from './fixtures/journey.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { stageCore, withUnclearJob } from './fixtures/staged-stream.ts'

test('an unclear outcome says both stories, and waits for a person', async ({ console: page, cluster }) => {
  await new SlotRoom(page).untilShown()
  expect(await cluster.shards()).toHaveLength(3)
  const name = 'c'.repeat(40)
  await stageCore(page, withUnclearJob(name))
  const noted: string[] = []
  await page.route('**/jobs/*/acknowledge', async (route) => {
    noted.push(new URL(route.request().url()).pathname)
    await route.fulfill({ status: 204 })
  })
  await page.reload()
  await new SlotRoom(page).untilShown()

  const card = page.getByRole('article', { name: 'Migration A → B, 512 slots: Unclear whether it moved' })
  await test.step('the card has the server’s words, the cause, and what each side says', async () => {
    await expect(card).toContainText('Unpaused before migration completed')
    await expect(card).toContainText('Compare the keys per database on both nodes before going on.')
    await expect(card).toContainText('A says failed, B says success.')
    // Nobody knows what a retry would do.
    await expect(card.getByRole('button', { name: /^(Retry|Move back)/ })).toHaveCount(0)
  })

  await test.step('it stands before newer moves that ended well', async () => {
    const cards = page.getByRole('region', { name: 'Migrations' }).getByRole('article')
    await expect(cards.first()).toHaveAccessibleName(/Unclear/)
    await expect(cards).toHaveCount(2)
  })

  await test.step('a person takes note', async () => {
    await card.getByRole('button', { name: 'Take note' }).click()
    await expect.poll(() => noted).toEqual([expect.stringMatching(new RegExp(`/jobs/${name}/acknowledge$`))])
  })
})
