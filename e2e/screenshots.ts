// Not a test: takes the pictures that the documents show, and that one looks at after a change of the screen.
import type { Page } from '@playwright/test'
import { test } from './fixtures/journey.ts'
import { NodeClient } from './fixtures/node-client.ts'
import { laptop, openAnew, phone, shoot, wide } from './fixtures/pictures.ts'
import { SlotRoom } from './fixtures/slot-room.ts'
import { stageCore, stageGoodbye, stageSilence, withOldReadings, withShards, withUnassigned } from './fixtures/staged-stream.ts'

// Always the same cluster and the same sample data, and enough of a load to see.
test.use({ commandArgs: async ({ clusterKind }, use) => use(clusterKind === 'embedded' ? ['--seed', '7', '--rate', '800'] : []) })

test('slots: a move, what is in the hand, a plan, and the past', async ({ console: page, cluster }) => {
  const room = new SlotRoom(page)
  await room.untilShown()
  const [, b, c] = await cluster.shards()
  const portOf = (address: string) => address.split(':')[1] as string
  // Charts need some past to show.
  await page.waitForTimeout(60_000)

  // One finished move, then one that is about to be dropped.
  await room.brush(512, 1_535)
  await room.carry(612, portOf(b!.primary.address))
  await room.drop()
  await page
    .getByRole('article', { name: /^Plan: move/ })
    .getByRole('button', { name: /^Move/ })
    .click()
  await page.getByText(/^Moved 1,024 slots/).waitFor()
  await room.brush(2_304, 2_815)
  await room.carry(2_500, portOf(c!.primary.address))
  await shoot(page, 'slots-lifted')
  await room.drop()
  const plan = page.getByRole('article', { name: /^Plan: move 512 slots/ })
  await plan.waitFor()
  await shoot(page, 'slots')
  await plan.getByRole('button', { name: 'Discard' }).click()
  await page.getByRole('button', { name: 'Rebalance…' }).click()
  await page.getByRole('button', { name: 'Weights…' }).click()
  await page.getByRole('spinbutton', { name: /^Weight of shard A/ }).fill('2')
  const weighed = page.getByRole('article', { name: /^Plan: Rebalance by slots and weights: / })
  await weighed.waitFor()
  await shoot(page, 'slots-weights')
  await weighed.getByRole('button', { name: 'Discard' }).click()
  // A fiftieth, so that the move is still running when the second picture is taken.
  await page.getByRole('button', { name: 'Replay slowly A → B' }).click()
  await page.getByRole('menuitem', { name: /1\/50/ }).click()
  await page.getByRole('article', { name: /^Migration A → B, .*: Running/ }).waitFor({ timeout: 30_000 })
  await shoot(page, 'room-replay')
  await page.getByRole('button', { name: '10 seconds back' }).click()
  await shoot(page, 'room-past')
})

test('the other rooms', async ({ console: page, browser }) => {
  await new SlotRoom(page).untilShown()
  await page.waitForTimeout(60_000)
  const rooms: readonly [room: string, settle?: (page: Page) => Promise<unknown>][] = [
    ['Topology'],
    ['Databases', (shown) => shown.getByRole('button', { name: /^Scan/ }).first().click()],
    // A sample of hashes takes a while.
    ['Expiry', (shown) => shown.waitForTimeout(17_000)],
    ['Traffic'],
    ['Command line', sendSome],
    ['Audit', (shown) => shown.getByRole('button', { name: 'Verify the chain' }).click()]
  ]
  const onPhone = await openAnew(browser, page, phone)
  await onPhone.page.goto(page.url())
  for (const shown of [page, onPhone.page])
    for (const [room, settle] of rooms) {
      await shown.getByRole('link', { name: room }).click()
      await settle?.(shown)
      await shown.waitForTimeout(3_000)
      await shoot(shown, `${shown === page ? '' : 'phone-'}${room.toLowerCase().replace(' ', '-')}`)
    }
  await onPhone.close()
})

test('nodes: figures and INFO, settings, users', async ({ console: page, browser, cluster }) => {
  await new SlotRoom(page).untilShown()
  const [shard] = await cluster.shards()
  const client = await NodeClient.connect(shard!.primary.address)
  await client.call('CONFIG', 'SET', 'timeout', 300)
  await client.call('ACL', 'SETUSER', 'reporter', 'on', '>for the picture', '~report:*', '-@all', '+@read')
  client.close()
  const onPhone = await openAnew(browser, page, phone)
  await onPhone.page.goto(page.url())
  for (const shown of [page, onPhone.page]) {
    const name = shown === page ? 'nodes' : 'phone-nodes'
    await shown.getByRole('link', { name: 'Nodes' }).click()
    await shown
      .getByRole('button', { name: /all that it says of itself$/ })
      .first()
      .click()
    await shown.getByRole('region', { name: 'Memory' }).waitFor()
    await shoot(shown, name)
    for (const view of ['Configuration', 'Users']) {
      await shown.getByRole('radio', { name: view }).click()
      await shown.getByRole('button', { name: /^Ask \d/ }).click()
      await shown.getByRole('table').waitFor()
      if (view === 'Users') {
        await shown.getByLabel('As', { exact: true }).selectOption('reporter')
        await shown.getByLabel('Command to test').fill('SET report:7 done')
        await shown.getByRole('button', { name: 'Test', exact: true }).click()
        await shown.getByRole('list', { name: 'What the nodes say' }).waitFor()
      }
      await shoot(shown, `${name}-${view.toLowerCase()}`)
    }
    await shown.getByRole('button', { name: 'Change reporter' }).click()
    const dialog = shown.getByRole('dialog')
    await dialog.getByLabel('Add to keys').fill('%R~log:*')
    await dialog.getByLabel('Add to keys').press('Enter')
    await shoot(shown, `${name}-user-change`)
    await dialog.getByRole('button', { name: 'See what changes' }).click()
    await dialog.getByRole('list', { name: 'What changes' }).waitFor()
    await shoot(shown, `${name}-user-preview`)
  }
  await onPhone.close()
})

test('traffic: clients, logs, commands, latency, memory, channels', async ({ console: page, browser, cluster }) => {
  await new SlotRoom(page).untilShown()
  const [shard] = await cluster.shards()
  const client = await NodeClient.connect(shard!.primary.address)
  await client.call('CLIENT', 'SETNAME', 'nightly-report')
  await client.call('CONFIG', 'SET', 'commandlog-execution-slower-than', 100)
  const subscriber = await NodeClient.connect(shard!.primary.address)
  await subscriber.subscribe('creator:published')
  const settles: Readonly<Record<string, (shown: Page) => Promise<unknown>>> = {
    clients: (shown) =>
      shown
        .getByRole('checkbox', { name: /^Choose 127/ })
        .nth(2)
        .check(),
    logs: (shown) => shown.getByRole('rowheader').first().getByRole('button').click(),
    commands: async () => undefined,
    latency: (shown) => shown.getByRole('button', { name: 'HSET', exact: true }).click(),
    memory: (shown) => shown.getByRole('rowheader').first().getByRole('button').click(),
    pubsub: async (shown) => {
      await shown.getByRole('button', { name: 'creator:published' }).click()
      await shown.getByRole('button', { name: 'Listen' }).click()
      await shown.getByText('Nothing has come yet.').waitFor()
      for (let creator = 1; creator <= 6; creator++)
        await client.call('PUBLISH', 'creator:published', JSON.stringify({ creator, network: 'Douyin', post: `draft-${creator}` }))
      await shown.getByRole('region', { name: /^Messages/ }).waitFor()
    }
  }
  const onPhone = await openAnew(browser, page, phone)
  await page.waitForTimeout(5_000)
  for (const shown of [page, onPhone.page]) {
    for (const [view, settle] of Object.entries(settles)) {
      await shown.goto(page.url().replace(/\/(slots|traffic).*/, `/traffic?view=${view}`))
      await shown.getByRole('button', { name: /^Ask \d/ }).click()
      await shown.getByRole('table').first().waitFor()
      await settle(shown)
      await shoot(shown, `${shown === page ? '' : 'phone-'}traffic-${view}`)
    }
    // A session listens to one thing: it is left before the other page begins.
    await shown.getByRole('radio', { name: 'Figures' }).click()
  }
  await onPhone.close()
  subscriber.close()
  client.close()
})

test('states of the slot room', async ({ browser, page, slotscope }) => {
  await page.goto(slotscope.loginLink)
  await new SlotRoom(page).untilShown()
  /** Opens the room anew, in a page that sees what is staged. */
  const state = async (
    name: string,
    size: typeof laptop,
    settle: (page: Page) => Promise<unknown>,
    stage?: (page: Page) => Promise<unknown>
  ) => {
    const staged = await openAnew(browser, page, size)
    await stage?.(staged.page)
    await staged.page.goto(page.url())
    await settle(staged.page)
    await staged.page.waitForTimeout(700)
    await shoot(staged.page, `room-${name}`)
    await staged.close()
  }
  const shown = (staged: Page) => new SlotRoom(staged).map.waitFor()
  const says = (text: string) => (staged: Page) => staged.getByText(text).waitFor()
  await state('wide', wide, shown)
  await state('laptop', laptop, shown)
  await state('phone', phone, shown)
  await state('loading', laptop, (staged) => staged.getByRole('status', { name: /^Loading/ }).waitFor(), stageSilence)
  await state('empty', laptop, says('No shard yet'), (staged) =>
    stageCore(staged, (core) => ({ ...core, nodes: {}, shards: {}, health: {} }))
  )
  await state('denied', laptop, says('You may not see this cluster'), (staged) => stageGoodbye(staged, 'forbidden'))
  await state(
    'unassigned',
    laptop,
    async (staged) => {
      await shown(staged)
      await new SlotRoom(staged).brush(15_616, 15_871)
      const [lane, target] = [staged.getByRole('region', { name: /^Unassigned/ }), staged.getByRole('listitem', { name: /^Shard B/ })]
      const [from, to] = [(await lane.boundingBox())!, (await target.boundingBox())!]
      await staged.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
      await staged.mouse.down()
      await staged.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 })
    },
    (staged) => stageCore(staged, withUnassigned(15_360))
  )
  await state('stale', laptop, shown, (staged) => stageCore(staged, withOldReadings(95_000)))
  await state('disconnected', laptop, async (staged) => {
    await shown(staged)
    await slotscope.process.stop()
    await says('Disconnected')(staged)
  })
})

test('states of the other rooms', async ({ browser, console: page, cluster }) => {
  await new SlotRoom(page).untilShown()
  await page.waitForTimeout(30_000)
  const origin = page.url().replace(/\/slots.*$/, '')
  /** Opens each room anew, presses what asks something, and takes its picture. */
  const take = async (name: string, rooms: Readonly<Record<string, string>>, stage?: (page: Page) => Promise<unknown>) => {
    for (const [room, path] of Object.entries(rooms)) {
      const staged = await openAnew(browser, page, laptop)
      await stage?.(staged.page)
      await staged.page.goto(`${origin}/${path}`)
      await staged.page.getByRole('main').waitFor()
      await staged.page.waitForTimeout(1_500)
      const asks = staged.page.getByRole('main').getByRole('button', { name: /^(Ask \d|Scan$)/ })
      if ((await asks.count()) > 0 && (await asks.first().isEnabled())) await asks.first().click()
      await staged.page.waitForTimeout(2_500)
      await shoot(staged.page, `${name}-${room}`)
      await staged.close()
    }
  }
  const all = {
    topology: 'topology',
    databases: 'databases',
    expiry: 'expiry',
    traffic: 'traffic',
    'traffic-clients': 'traffic?view=clients',
    nodes: 'nodes',
    'nodes-users': 'nodes?view=users',
    'command-line': 'command-line'
  }
  await take('stale', all, (staged) => stageCore(staged, withOldReadings(95_000)))
  const at = `at=${Date.now() - 15_000}`
  await take('past', Object.fromEntries(Object.entries(all).map(([room, path]) => [room, `${path}${path.includes('?') ? '&' : '?'}${at}`])))

  const nodes = (await cluster.shards()).flatMap(({ primary, replicas }) => [primary, ...replicas])
  const denied = ['-info', '-scan', '-hscan', '-client|list', '-commandlog', '-latency', '-acl|list', '-cluster|slot-stats']
  for (const { address } of nodes) await (await cluster.at(address)).call('ACL', 'SETUSER', 'default', ...denied)
  const { topology, databases, expiry, traffic, nodes: figures } = all
  await take('denied', {
    topology,
    databases,
    expiry,
    traffic,
    'traffic-clients': all['traffic-clients'],
    nodes: figures,
    'nodes-users': all['nodes-users']
  })
})

test.describe('nothing is there yet', () => {
  test.use({ commandArgs: ['--no-load'] })

  test('room by room', async ({ browser, console: page }) => {
    await new SlotRoom(page).untilShown()
    const origin = page.url().replace(/\/slots.*$/, '')
    for (const room of ['slots', 'databases', 'expiry', 'traffic', 'audit']) {
      const staged = await openAnew(browser, page, laptop)
      await staged.page.goto(`${origin}/${room}`)
      await staged.page.waitForTimeout(4_000)
      await shoot(staged.page, `nothing-${room}`)
      await staged.close()
    }
  })
})

test('states of the databases room', async ({ browser, console: page, cluster }) => {
  await new SlotRoom(page).untilShown()
  for (let at = 1; at <= 260; at++)
    await cluster.call(0, 'XADD', 'publish:{douyin}', '*', 'post', `draft-${at}`, 'creator', `creator:${at % 40}`, 'state', 'queued')
  await cluster.call(0, 'XGROUP', 'CREATE', 'publish:{douyin}', 'senders', '0')
  await cluster.call(0, 'XGROUP', 'CREATE', 'publish:{douyin}', 'archive', '$')
  for (const [name, count] of [
    ['worker-1', '24'],
    ['worker-2', '7']
  ] as const)
    await cluster.call(0, 'XREADGROUP', 'GROUP', 'senders', name, 'COUNT', count, 'STREAMS', 'publish:{douyin}', '>')
  const room = page.url().replace(/\/slots.*$/, '/databases')
  const stream = `?db=0&key=${Buffer.from('publish:{douyin}').toString('base64url')}`
  const scanned = async (shown: Page) => {
    await shown.getByRole('button', { name: 'Scan', exact: true }).click()
    await shown.getByRole('button', { name: /^(Scan more|Complete)$/ }).waitFor()
  }
  const states: readonly [name: string, search: string, settle: (shown: Page) => Promise<unknown>][] = [
    [
      'stream',
      stream,
      (shown) =>
        shown
          .getByRole('listbox', { name: /elements$/ })
          .getByRole('option')
          .first()
          .click()
    ],
    [
      'stream-groups',
      `${stream}&part=groups`,
      (shown) => shown.getByRole('region', { name: 'Group senders' }).getByRole('button', { name: 'Pending entries' }).click()
    ],
    [
      'keys-tree',
      '?db=0&view=tree',
      async (shown) => {
        await scanned(shown)
        await shown.getByRole('treeitem').first().click()
      }
    ],
    [
      'keys-expiring',
      '?db=0&within=7d',
      async (shown) => {
        await scanned(shown)
        await shown.getByRole('button', { name: /^Choose all/ }).click()
      }
    ],
    [
      'memory',
      '?db=0&view=memory',
      async (shown) => {
        await shown.getByRole('button', { name: 'Sample', exact: true }).click()
        await shown.getByRole('region', { name: 'Memory by prefix' }).getByRole('row').nth(3).waitFor()
        await shown.waitForTimeout(4_000)
      }
    ],
    [
      'keys-delete',
      '?db=0',
      async (shown) => {
        await scanned(shown)
        await shown.getByRole('button', { name: /^Choose all/ }).click()
        await shown.getByRole('button', { name: 'Delete…' }).click()
        await shown.getByRole('dialog').getByRole('button', { name: 'Export' }).click()
        await shown.getByText(/exported of .* done/).waitFor()
      }
    ]
  ]
  for (const size of [{ viewport: { width: 1440, height: 900 } }, phone])
    for (const [name, search, settle] of states) {
      const staged = await openAnew(browser, page, size)
      await staged.page.goto(`${room}${search}`)
      await settle(staged.page)
      await staged.page.waitForTimeout(1_500)
      await shoot(staged.page, `${size === phone ? 'phone-' : ''}databases-${name}`)
      await staged.close()
    }
})

test('many shards', async ({ browser, console: page }) => {
  await new SlotRoom(page).untilShown()
  for (const count of [60, 1_000]) {
    const { page: staged, close } = await openAnew(browser, page, { viewport: { width: 1440, height: 900 } })
    await stageCore(staged, withShards(count))
    await staged.goto(page.url())
    const room = new SlotRoom(staged)
    await room.map.waitFor()
    await room.brush(2_304, 2_815)
    const at = await room.point(2_500)
    await staged.mouse.move(at.x, at.y)
    await staged.mouse.down()
    await staged.mouse.move(at.x + 40, at.y + 30, { steps: 4 })
    await staged.waitForTimeout(500)
    await shoot(staged, `room-${count}-shards`)
    await close()
  }
})

/** To one owner, then to all primaries at once. */
async function sendSome(page: Page): Promise<void> {
  const line = page.getByRole('combobox', { name: 'Command', exact: true })
  const send = async (text: string) => {
    await line.fill(text)
    await line.press('Escape')
    await line.press('Enter')
    await page.waitForTimeout(500)
  }
  await send('HGETALL creator:{113}:tokens')
  await page.getByLabel('To', { exact: true }).selectOption('all primaries')
  await send('DBSIZE')
}
