// What is measured of the console, row by row.
import { request } from 'node:http'
import { setTimeout as later } from 'node:timers/promises'
import { startConsole } from './console-process.js'
import { loadOver } from './load.js'
import { Page } from './page.js'
import { eventually } from './valkey-cluster.js'

/** @typedef {import('./valkey-cluster.js').ValkeyCluster} ValkeyCluster */

const KEYS_PER_PAGE = 200
const ROWS_IN_SIGHT = 40
const MOVED_SLOTS = 1_000

/**
 * Memory, processor and commands: idle, then with the slot room open.
 *
 * @param {ValkeyCluster} cluster
 * @param {Awaited<ReturnType<typeof startConsole>>} running
 * @param {number} seconds of each phase
 * @param {(line: string) => void} say
 */
export async function watching(cluster, running, seconds, say) {
  await later(15_000)
  say('idle')
  const idle = await loadOver(cluster, seconds)
  const page = new Page(running.port)
  await page.logIn(running.link)
  await page.watch(['core', 'slots:keys', 'databases'])
  await page.until('the first picture', () => Object.keys(page.core?.nodes ?? {}).length === 6)
  await later(10_000)
  say('watched')
  const before = running.processor()
  const startedAtMs = performance.now()
  const watched = await loadOver(cluster, seconds)
  const processorShare = (running.processor() - before) / ((performance.now() - startedAtMs) / 1000)
  return { page, idle: spread(idle), watched: spread(watched), processorShare, memoryBytes: running.memory() }
}

/** @param {Awaited<ReturnType<typeof loadOver>>} load */
function spread(load) {
  return { ...load, mostShare: Math.max(...load.byNode.values()) / load.total }
}

/** One page of keys, and what is in sight of it. @param {ValkeyCluster} cluster @param {Page} page */
export async function openKeyBrowser(cluster, page) {
  const work = [
    'select',
    'scan',
    'type',
    'pttl',
    'object|encoding',
    'strlen',
    'hlen',
    'llen',
    'scard',
    'zcard',
    'xlen',
    'memory|usage',
    'keys',
    'dbsize'
  ]
  const count = async () => {
    let sum = 0
    for (const [key, calls] of await cluster.calls()) if (work.includes(String(key.split(' ')[1]))) sum += calls
    return sum
  }
  const before = await count()
  const scan = { database: 0, shard: null, pattern: '', type: null, cursor: null, count: KEYS_PER_PAGE }
  const listed = (await page.send('POST', '/api/clusters/cluster/keys/scan', scan)).json
  const scanned = await count()
  const keys = listed.keys.slice(0, ROWS_IN_SIGHT).map((/** @type {{ key: string }} */ row) => row.key)
  const details = (await page.send('POST', '/api/clusters/cluster/keys/details', { database: 0, keys })).json
  return { commands: scanned - before, keys: listed.keys.length, detailed: details.keys.length, forDetails: (await count()) - scanned }
}

/** Moves slots behind the console's back, as another tool would. @param {ValkeyCluster} cluster @param {Page} page @param {number} times */
export async function moves(cluster, page, times) {
  /** @type {number[]} */
  const delaysMs = []
  let jobsSeen = 0
  let states = 0
  for (let time = 0; time < times; time++) {
    const shards = Object.values(page.core?.shards ?? {}).sort((a, b) => b.slotCount - a.slotCount)
    const [source, target] = [shards[0], shards.at(-1)]
    const range = source?.slots.find(([first, last]) => last - first + 1 >= MOVED_SLOTS)
    if (source === undefined || target === undefined || range === undefined) throw new Error('no slots to move')
    const [first, last] = [range[0], range[0] + MOVED_SLOTS - 1]
    const client = cluster.client(portOf(page, source.primary))
    await client.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', first, last, 'NODE', String(target.primary))
    const seen = page.until('the new owner is on the screen', () =>
      Boolean(page.core?.shards[target.key]?.slots.some(([from, to]) => from <= first && to >= last))
    )
    const done = eventually('the move is done', async () => {
      const jobs = String(JSON.stringify(await client.call('CLUSTER', 'GETSLOTMIGRATIONS')))
      if (!jobs.includes(`"${first}-${last}"`) || /"(replicating|snapshotting|waiting|failover|connecting|sending|reading)/.test(jobs))
        throw new Error('not yet')
      return Date.now()
    })
    delaysMs.push((await seen) - (await done))
    // The outcome is told when the owners are seen, which may be a moment after the job has ended.
    const outcome = () => jobOf(page, first, last)?.outcome
    await page.until('the job has an outcome', () => outcome() === 'moved', 10_000).catch(() => undefined)
    if (outcome() === 'moved') jobsSeen++
    const job = jobOf(page, first, last)
    states += job?.history.length ?? 0
  }
  return { delaysMs, jobsSeen, states: states / times }
}

/** @param {Page} page @param {number} first @param {number} last */
function jobOf(page, first, last) {
  const jobs = Object.values(page.core?.jobs ?? {}).filter((job) => job.slots.some(([from, to]) => from === first && to === last))
  return jobs.sort((a, b) => b.startedAtMs - a.startedAtMs)[0]
}

/**
 * Kills primaries, the seed first, and compares what the replica says of itself with the screen.
 *
 * @param {ValkeyCluster} cluster
 * @param {Page} page
 * @param {number} times
 * @param {(line: string) => void} say
 */
export async function failovers(cluster, page, times, say) {
  /** @type {number[]} */
  const delaysMs = []
  let seedWords = ''
  let seedFine = false
  for (let time = 0; time < times; time++) {
    await cluster.whole()
    const { master } = await cluster.byRole()
    const victim = Number(time === 0 ? cluster.ports[0] : master[time % master.length])
    const replica = Number(await replicaOf(cluster, victim))
    const id = String(cluster.ids.get(replica))
    const victimId = String(cluster.ids.get(victim))
    await page.until('everybody is online on the screen', () =>
      Object.values(page.core?.nodes ?? {}).every((node) => node.health === 'online')
    )
    cluster.kill(victim)
    const promoted = eventually('the replica is promoted', async () => {
      if ((await cluster.roleOf(replica)) !== 'master') throw new Error('not yet')
      return Date.now()
    })
    const seen = page.until('the failover is on the screen', () =>
      Object.values(page.core?.shards ?? {}).some((shard) => shard.primary === id && shard.slotCount > 0)
    )
    delaysMs.push(Math.max(0, (await seen) - (await promoted)))
    say(`failover ${time + 1}: ${delaysMs.at(-1)} ms`)
    if (time === 0) {
      await page.until('the dead node is told', () =>
        ['fail', 'unreachable', 'suspected'].includes(page.core?.nodes[victimId]?.health ?? '')
      )
      const nodes = Object.values(page.core?.nodes ?? {})
      const slots = Object.values(page.core?.shards ?? {}).reduce((sum, shard) => sum + shard.slotCount, 0)
      const online = nodes.filter((node) => node.health === 'online').length
      seedFine = nodes.length === 6 && slots === 16_384 && online === 5
      seedWords = seedFine ? 'nothing changes but that node' : `${nodes.length} nodes, ${online} online, ${slots} slots`
    }
    await cluster.startNode(victim)
  }
  await cluster.whole()
  return { delaysMs, seedWords, seedFine }
}

/** @param {ValkeyCluster} cluster @param {number} primary */
async function replicaOf(cluster, primary) {
  for (const port of (await cluster.byRole()).slave)
    if (String(await cluster.client(port).call('INFO', 'replication')).includes(`master_port:${primary}\r\n`)) return port
  throw new Error(`${primary} has no replica`)
}

/** @param {Page} page @param {string | null} id */
function portOf(page, id) {
  return Number(page.core?.nodes[String(id)]?.port)
}

/** @param {Page} page */
export async function hashPages(page) {
  const key = Buffer.from('hash:large').toString('base64url')
  /** @type {Set<string>} */
  const fields = new Set()
  let pages = 0
  let slowestMs = 0
  let mostBytes = 0
  /** @type {string | null} */
  let offset = ''
  while (offset !== null) {
    const startedAtMs = performance.now()
    /** @type {Awaited<ReturnType<Page['send']>>} */
    const { json, bytes } = await page.send('GET', `/api/clusters/cluster/keys/value?database=0&key=${key}&offset=${offset}`)
    slowestMs = Math.max(slowestMs, performance.now() - startedAtMs)
    mostBytes = Math.max(mostBytes, bytes)
    for (const { field } of json.value.items) fields.add(field)
    offset = json.next
    pages++
    // The api answers 50 questions a second.
    await later(Math.max(0, 22 - (performance.now() - startedAtMs)))
  }
  return { pages, fields: fields.size, slowestMs, mostBytes }
}

/** Finds a key whose name is no text, and changes it. @param {Page} page */
export async function namesThatAreNoText(page) {
  const key = Buffer.from([0xff, 0xfe, 0x2d, 0x6e, 0x6f, 0x74, 0x65, 0x78, 0x74]).toString('base64url')
  let found = false
  /** @type {string | null} */
  let cursor = null
  do {
    const scan = { database: 0, shard: null, pattern: '*-notext', type: null, cursor, count: 1_000 }
    const { json } = await page.send('POST', '/api/clusters/cluster/keys/scan', scan)
    found ||= json.keys.some((/** @type {{ key: string }} */ row) => row.key === key)
    cursor = json.cursor
    await later(22)
  } while (cursor !== null && !found)
  const text = (/** @type {string} */ word) => Buffer.from(word).toString('base64url')
  await page.send('POST', '/api/clusters/cluster/keys/edit/string-set', {
    database: 0,
    key,
    expected: text('before'),
    value: text('after')
  })
  const { json } = await page.send('GET', `/api/clusters/cluster/keys/value?database=0&key=${key}`)
  const changed = json.value.bytes === text('after')
  return { fine: found && changed, words: `${found ? 'found' : 'not found'}, ${changed ? 'edited' : 'not edited'}` }
}

/** @param {number} port @param {Page} page */
export async function doors(port, page) {
  const { json } = await page.send('POST', '/api/ticket', {})
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg=='
  }
  const protocol = { 'sec-websocket-protocol': `slotscope, ticket.${json.ticket}` }
  const stream = '/api/clusters/cluster/stream'
  return {
    origin: await statusOf(port, stream, { ...upgrade, ...protocol, cookie: page.cookie, origin: 'http://evil.example' }),
    host: await statusOf(port, '/api/session', { host: 'evil.example', cookie: page.cookie }),
    login: await statusOf(port, '/api/session', {})
  }
}

/** @param {number} port @param {string} path @param {Record<string, string>} headers @returns {Promise<number>} */
function statusOf(port, path, headers) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false, headers })
    const settle = (/** @type {import('node:http').IncomingMessage} */ response) => {
      resolve(response.statusCode ?? 0)
      sent.destroy()
    }
    sent.on('response', settle)
    sent.on('upgrade', settle)
    sent.on('error', reject)
    sent.end()
  })
}

/** A console with a wrong password, and how long until its page has the words of the server. @param {ValkeyCluster} cluster */
export async function wrongPassword(cluster) {
  for (const port of cluster.ports) await cluster.client(port).call('ACL', 'SETUSER', 'ann', 'on', '>right', '~*', '+@all')
  const running = await startConsole([`valkey://ann:wrong@127.0.0.1:${cluster.ports[0]}`])
  try {
    const startedAtMs = Date.now()
    const page = new Page(running.port)
    await page.logIn(running.link)
    await page.watch(['core'])
    const seenAtMs = await page.until('the problem is told', () => page.core?.health['no-entry'] !== undefined)
    page.close()
    return { words: String(page.core?.health['no-entry']?.evidence), ms: seenAtMs - startedAtMs }
  } finally {
    await running.stop()
  }
}
