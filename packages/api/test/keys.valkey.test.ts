import type {
  EverywhereAnswer,
  KeyDetailsAnswer,
  KeyRow,
  KeySampleAnswer,
  PendingAnswer,
  SampledKey,
  ScanAnswer,
  SlotAnswer,
  SlotKeysAnswer,
  StreamAnswer,
  ValueAnswer
} from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keySlot } from '../src/keys/key-slot.ts'
import type { Browser } from './support/browser.ts'
import { hasValkey, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'
import { startWatchedValkey, type WatchedValkey } from './support/watched-valkey.ts'

const b64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64url')
const text = (bytes: string) => Buffer.from(bytes, 'base64url').toString()
const root = '/api/clusters/main'

describe.runIf(hasValkey())(`keys and values on a real cluster, ${valkeyServer}`, () => {
  let watched: WatchedValkey
  let cluster: ValkeyCluster
  let operator: Browser
  const ownerOf = (key: string | Uint8Array) =>
    keySlot(Buffer.from(key as string)) <= 5_460 ? 0 : keySlot(Buffer.from(key as string)) <= 10_922 ? 1 : 2

  async function write(database: number, ...commands: (string | Uint8Array)[][]): Promise<void> {
    // XGROUP and XREADGROUP have their key elsewhere; all of them are about one stream.
    const keyIn = (command: (string | Uint8Array)[]) => (/^XGROUP|^XREADGROUP/.test(String(command[0])) ? 'stream' : command[1]) as string
    for (const [node, address] of cluster.nodes.entries()) {
      const here = commands.filter((command) => ownerOf(keyIn(command)) === node)
      if (here.length === 0) continue
      const replies = await cluster.caller.pipeline(address, [['SELECT', String(database)], ...here], { purpose: 'work', cause: 'test' })
      const failed = replies.find((reply) => typeof reply === 'object' && reply !== null && 'message' in reply)
      if (failed) throw new Error(JSON.stringify(failed))
    }
  }

  async function fill(filled: ValkeyCluster): Promise<void> {
    cluster = filled
    await write(0, ...Array.from({ length: 3_000 }, (_, index) => ['SET', `user:${index}`, 'x'.repeat(index % 50)]))
    await write(
      1,
      ['SET', 'text', 'hello'],
      ['PEXPIREAT', 'text', String(Date.now() + 600_000)],
      ['RPUSH', 'list', ...Array.from({ length: 450 }, (_, index) => `item ${index}`)],
      ['SADD', 'set', ...Array.from({ length: 1_000 }, (_, index) => `member ${index}`)],
      ['ZADD', 'zset', ...Array.from({ length: 300 }, (_, index) => [String(index / 2), `m${index}`]).flat()],
      ['ZADD', 'zset', '-inf', 'lowest', '+inf', 'highest'],
      ['HSET', 'hash', ...Array.from({ length: 2_000 }, (_, index) => [`f${index}`, `v${index}`]).flat()],
      ...Array.from({ length: 450 }, (_, index) => ['XADD', 'stream', `${index + 1}-0`, 'f', `v${index}`, 'f', '\xff']),
      ['XGROUP', 'CREATE', 'stream', 'readers', '0'],
      ['XGROUP', 'CREATE', 'stream', 'idle', '$'],
      ['XREADGROUP', 'GROUP', 'readers', 'ann', 'COUNT', '250', 'STREAMS', 'stream', '>'],
      ['XREADGROUP', 'GROUP', 'readers', 'bob', 'COUNT', '100', 'STREAMS', 'stream', '>'],
      ['SET', 'big', 'y'.repeat(200_000)],
      ['RPUSH', 'fat', ...Array.from({ length: 40 }, () => 'z'.repeat(20_000))]
    )
    await write(3, ['SET', 'text', 'elsewhere'], ['SET', Uint8Array.of(0xff, 0x00, 0x0d, 0x0a, 0x22), Uint8Array.of(0xfe)])
  }

  beforeAll(async () => {
    watched = await startWatchedValkey({ databases: 4 }, { fill })
    operator = await watched.as('operator')
  })
  afterAll(() => watched?.close())

  async function scanAll(request: { database: number; pattern?: string; type?: string | null; count?: number; shard?: string | null }) {
    const rows: KeyRow[] = []
    let cursor: string | null = null
    let pages = 0
    do {
      const body = { pattern: '', type: null, count: 500, shard: null, cursor, ...request }
      const answer = await operator.post(`${root}/keys/scan`, body)
      expect(answer.status, answer.text).toBe(200)
      const page = answer.json as ScanAnswer
      expect(page.commands).toBeLessThanOrEqual(20)
      rows.push(...page.keys)
      cursor = page.cursor
      if (++pages > 500) throw new Error('the scan does not end')
    } while (cursor !== null)
    return { rows, pages }
  }

  test('keys of many slots are counted by slot and database, within the bounds', async () => {
    const ask = (slots: [number, number][]) => operator.post(`${root}/slots/keys`, { slots })
    const { rows, counts } = (
      await ask([
        [0, 1_500],
        [5_400, 5_500]
      ])
    ).json as SlotKeysAnswer
    const wanted = new Map<string, number>()
    const isIn = (slot: number) => slot <= 1_500 || (slot >= 5_400 && slot <= 5_500)
    for (let index = 0; index < 3_000; index++) {
      const slot = keySlot(Buffer.from(`user:${index}`))
      if (isIn(slot)) wanted.set(`${slot} 0`, (wanted.get(`${slot} 0`) ?? 0) + 1)
    }
    expect(new Map(rows.filter(([, database]) => database === 0).map(([slot, database, keys]) => [`${slot} ${database}`, keys]))).toEqual(
      wanted
    )
    expect(rows.map(([slot]) => slot)).toEqual(rows.map(([slot]) => slot).toSorted((a, b) => a - b))
    expect(counts).toBeGreaterThanOrEqual(1_602)
    const tooMany = await ask([[0, 16_383]])
    expect(tooMany).toMatchObject({ status: 400, json: { error: 'BAD_REQUEST', message: expect.stringContaining('choose fewer slots') } })
    expect(await ask([[9, 3]])).toMatchObject({ status: 400 })
  })

  test('a scan finds every key of a database once, over all shards, with types, at most 20 commands a page', async () => {
    const { rows } = await scanAll({ database: 0 })
    expect(new Set(rows.map((row) => text(row.key))).size).toBe(3_000)
    expect(rows.every((row) => row.type === 'string' && row.slot === keySlot(Buffer.from(row.key, 'base64url')) && !row.detailed)).toBe(
      true
    )
    expect(new Set(rows.map((row) => row.shard)).size).toBe(3)
    const one = rows[0]?.shard ?? ''
    const ofOne = await scanAll({ database: 0, shard: one })
    expect(ofOne.rows.every((row) => row.shard === one)).toBe(true)
    expect(new Set(ofOne.rows.map((row) => row.key))).toEqual(new Set(rows.filter((row) => row.shard === one).map((row) => row.key)))
  })

  test('every type is told from the others; a filter by type or pattern keeps to it', async () => {
    const { rows } = await scanAll({ database: 1 })
    expect(Object.fromEntries(rows.map((row) => [text(row.key), row.type]))).toEqual({
      text: 'string',
      list: 'list',
      set: 'set',
      zset: 'zset',
      hash: 'hash',
      stream: 'stream',
      big: 'string',
      fat: 'list'
    })
    expect((await scanAll({ database: 1, type: 'list' })).rows.map((row) => text(row.key)).sort()).toEqual(['fat', 'list'])
    expect((await scanAll({ database: 0, pattern: 'user:12?' })).rows).toHaveLength(10)
    expect((await scanAll({ database: 2 })).rows).toEqual([])
  })

  test('a key that is no text is found and read', async () => {
    const { rows } = await scanAll({ database: 3 })
    const odd = rows.find((row) => text(row.key) !== 'text')
    expect([...Buffer.from(odd?.key ?? '', 'base64url')]).toEqual([0xff, 0x00, 0x0d, 0x0a, 0x22])
    const value = (await operator.get(`${root}/keys/value?database=3&key=${odd?.key}`)).json as ValueAnswer
    expect(value.value).toEqual({ kind: 'string', bytes: b64(Uint8Array.of(0xfe)), truncated: false })
  })

  test('details of the rows in sight: type, expiry, size; a key that is gone is left out', async () => {
    const keys = ['text', 'list', 'zset', 'hash', 'stream', 'gone'].map(b64)
    const answer = (await operator.post(`${root}/keys/details`, { database: 1, keys })).json as KeyDetailsAnswer
    const rows = new Map(answer.keys.map((row) => [text(row.key), row]))
    expect(rows.has('gone')).toBe(false)
    expect(rows.get('text')).toMatchObject({ type: 'string', size: 5, detailed: true })
    expect(rows.get('text')?.ttlMs).toBeGreaterThan(500_000)
    expect(rows.get('list')).toMatchObject({ type: 'list', size: 450, ttlMs: null })
    expect(rows.get('zset')).toMatchObject({ size: 302 })
    expect(rows.get('hash')).toMatchObject({ size: 2_000 })
    expect(rows.get('stream')).toMatchObject({ type: 'stream', size: 450 })
  })

  async function pages(key: string): Promise<ValueAnswer[]> {
    const all: ValueAnswer[] = []
    let next: string | null = null
    do {
      const offset: string = next === null ? '' : `&offset=${next}`
      const answer = await operator.get(`${root}/keys/value?database=1&key=${b64(key)}${offset}`)
      expect(answer.status, answer.text).toBe(200)
      // 64 KiB of value, base64url, and names around it.
      expect(answer.text.length).toBeLessThan(150_000)
      all.push(answer.json as ValueAnswer)
      next = all.at(-1)?.next ?? null
    } while (next !== null)
    return all
  }

  test('values come in pages, every element once', async () => {
    const list = (await pages('list')).flatMap((page) => (page.value.kind === 'list' ? page.value.items.map(text) : []))
    expect(list).toEqual(Array.from({ length: 450 }, (_, index) => `item ${index}`))
    const set = (await pages('set')).flatMap((page) => (page.value.kind === 'set' ? page.value.items.map(text) : []))
    expect(new Set(set).size).toBe(1_000)
    const zset = (await pages('zset')).flatMap((page) => (page.value.kind === 'zset' ? page.value.items : []))
    expect(zset).toHaveLength(302)
    expect(zset[0]).toEqual({ member: b64('lowest'), score: '-inf' })
    expect(zset[2]).toEqual({ member: b64('m1'), score: '0.5' })
    expect(zset.at(-1)).toEqual({ member: b64('highest'), score: 'inf' })
    const hash = (await pages('hash')).flatMap((page) => (page.value.kind === 'hash' ? page.value.items : []))
    expect(new Map(hash.map((item) => [text(item.field), text(item.value)])).get('f1999')).toBe('v1999')
    expect(new Set(hash.map((item) => item.field)).size).toBe(2_000)
    const big = (await pages('big')).map((page) => (page.value.kind === 'string' ? Buffer.from(page.value.bytes, 'base64url').length : 0))
    expect(big.reduce((sum, length) => sum + length, 0)).toBe(200_000)
    const fat = await pages('fat')
    expect(fat.length).toBeGreaterThan(5)
    expect(fat.flatMap((page) => (page.value.kind === 'list' ? page.value.items : []))).toHaveLength(40)
  })

  test('a value says where it is and how it is kept', async () => {
    const [value] = await pages('list')
    expect(value).toMatchObject({
      database: 1,
      type: 'list',
      size: 450,
      slot: keySlot(Buffer.from('list')),
      encoding: 'listpack',
      ttlMs: null
    })
    const none = (await pages('nothing'))[0]
    expect(none).toMatchObject({ type: 'none', size: 0, value: { kind: 'none' }, next: null })
  })

  test('a stream: its entries in pages, its groups, their consumers, and what they have not acknowledged', async () => {
    const entries = (await pages('stream')).flatMap((page) => (page.value.kind === 'stream' ? page.value.items : []))
    expect(entries.map(({ id }) => id)).toEqual(Array.from({ length: 450 }, (_, index) => `${index + 1}-0`))
    // A field may stand in an entry twice.
    expect(entries[7]?.fields).toEqual([
      [b64('f'), b64('v7')],
      [b64('f'), b64('\xff')]
    ])
    const back = async (offset: string) => {
      const answer = await operator.get(`${root}/keys/value?database=1&key=${b64('stream')}&back=1${offset}`)
      const { value, next } = answer.json as ValueAnswer
      return { ids: value.kind === 'stream' ? value.items.map(({ id }) => id) : [], next }
    }
    const newest = await back('')
    const older = await back('&offset=3-0')
    expect([newest.ids[0], newest.ids.at(-1), newest.next]).toEqual(['450-0', newest.next, newest.ids.at(-1)])
    expect(older).toEqual({ ids: ['2-0', '1-0'], next: null })
    const answer = (await operator.get(`${root}/keys/stream?database=1&key=${b64('stream')}`)).json as StreamAnswer
    expect(answer).toMatchObject({ length: 450, firstId: '1-0', lastId: '450-0', entriesAdded: 450, moreGroups: 0 })
    const [idle, readers] = answer.groups.toSorted((a, b) => a.pending - b.pending)
    expect(idle).toMatchObject({ name: b64('idle'), pending: 0, lag: 0, consumers: [] })
    expect(readers).toMatchObject({ name: b64('readers'), pending: 350, lag: 100, lastDeliveredId: '350-0' })
    expect(readers?.consumers.map(({ name, pending }) => [text(name), pending])).toEqual([
      ['ann', 250],
      ['bob', 100]
    ])
    const path = `${root}/keys/stream/pending?database=1&key=${b64('stream')}&group=${b64('readers')}`
    const first = (await operator.get(path)).json as PendingAnswer
    const second = (await operator.get(`${path}&offset=${first.next}`)).json as PendingAnswer
    expect([first.items.length, second.items.length, second.next]).toEqual([200, 150, null])
    expect(second.items.at(-1)).toMatchObject({ id: '350-0', consumer: b64('bob'), deliveries: 1 })
    expect((await operator.get(`${root}/keys/stream?database=1&key=${b64('list')}`)).text).toContain('WRONGTYPE')
    expect((await operator.get(`${path}x`)).text).toContain('NOGROUP')
    expect((await operator.get(`${root}/keys/value?database=1&key=${b64('stream')}&offset=7`)).status).toBe(400)
  })

  test('keys that expire within a time are found whatever their type, and nothing else', async () => {
    await write(
      3,
      ...['15000', '50000'].flatMap((ms): string[][] => [
        ['SET', `soon:${ms}`, 'x', 'PX', ms],
        ['HSET', `soon:hash:${ms}`, 'f', 'v'],
        ['PEXPIRE', `soon:hash:${ms}`, ms]
      ])
    )
    const scan = async (more: object) => {
      const found: string[] = []
      let cursor: string | null = null
      do {
        const body = { database: 3, shard: null, pattern: '', type: null, expiresWithinMs: 20_000, count: 100, cursor, ...more }
        const answer = await operator.post(`${root}/keys/scan`, body)
        expect(answer.status, answer.text).toBe(200)
        const page = answer.json as ScanAnswer
        for (const row of page.keys) {
          expect(row.ttlMs).toBeGreaterThan(0)
          expect(row.ttlMs).toBeLessThanOrEqual(20_000)
          found.push(`${text(row.key)} ${row.type}`)
        }
        // What it costs is said: one command a key that was walked over, and no more than a window in one answer.
        expect(page.commands).toBeLessThanOrEqual(500)
        cursor = page.cursor
      } while (cursor !== null)
      return found.sort()
    }
    expect(await scan({})).toEqual(['soon:15000 string', 'soon:hash:15000 hash'])
    expect(await scan({ type: 'hash' })).toEqual(['soon:hash:15000 hash'])
    expect(await scan({ pattern: 'nothing:*' })).toEqual([])
  })

  test('one key in every database', async () => {
    const answer = (await operator.get(`${root}/keys/everywhere?key=${b64('text')}`)).json as EverywhereAnswer
    expect(answer.slot).toBe(keySlot(Buffer.from('text')))
    expect(answer.rows.filter((row) => row.type !== 'none').map(({ database, type, size }) => ({ database, type, size }))).toEqual([
      { database: 1, type: 'string', size: 5 },
      { database: 3, type: 'string', size: 9 }
    ])
  })

  test('what a slot holds', async () => {
    const slot = keySlot(Buffer.from('text'))
    const answer = (await operator.get(`${root}/slots/${slot}`)).json as SlotAnswer
    expect(answer.keysByDatabase).toEqual(
      expect.arrayContaining([expect.objectContaining({ database: 1 }), expect.objectContaining({ database: 3 })])
    )
    expect(answer.sampleKeys).toContainEqual({ database: 1, key: b64('text') })
  })

  describe('the deadline of a hash field', () => {
    const path = `${root}/hash/expiry`
    const deadlineMs = Date.now() + 3_600_000
    const request = {
      database: 1,
      key: b64('hash'),
      field: b64('f7'),
      expectedMs: null as number | null,
      deadlineMs: deadlineMs as number | null
    }
    const deadlineNow = async () => {
      const [address] = cluster.nodes.slice(ownerOf('hash'))
      if (address === undefined) throw new Error('no owner')
      const commands = [
        ['SELECT', '1'],
        ['HPEXPIRETIME', 'hash', 'FIELDS', '1', 'f7']
      ]
      return (await cluster.caller.pipeline(address, commands, { purpose: 'work', cause: 'test' }))[1]
    }

    test('is set when it still is the one that was seen', async () => {
      const answer = await operator.post(path, request)
      expect(answer.json).toMatchObject({ reply: 1, command: ['HPEXPIREAT', 'hash', String(deadlineMs), 'NX', 'FIELDS', '1', 'f7'] })
      expect(await deadlineNow()).toEqual([deadlineMs])
      const [page] = (await pages('hash')).filter(
        (one) => one.value.kind === 'hash' && one.value.items.some((item) => item.field === b64('f7'))
      )
      const items = page?.value.kind === 'hash' ? page.value.items : []
      expect(items.find((item) => item.field === b64('f7'))?.deadlineMs).toBe(deadlineMs)
    })

    test('is not set when somebody changed it meanwhile: both are told', async () => {
      const answer = await operator.post(path, { ...request, deadlineMs: deadlineMs + 1_000 })
      expect(answer.status).toBe(409)
      expect(answer.json).toMatchObject({ error: 'PLAN_STALE', details: { expectedMs: null, currentMs: deadlineMs } })
      expect(await deadlineNow()).toEqual([deadlineMs])
    })

    test('in the past is refused, since it would delete the field', async () => {
      const answer = await operator.post(path, { ...request, expectedMs: deadlineMs, deadlineMs: Date.now() - 1 })
      expect(answer.status).toBe(400)
      expect(await deadlineNow()).toEqual([deadlineMs])
    })

    test('is taken away', async () => {
      const answer = await operator.post(path, { ...request, expectedMs: deadlineMs, deadlineMs: null })
      expect(answer.json).toMatchObject({ reply: 1, command: ['HPERSIST', 'hash', 'FIELDS', '1', 'f7'] })
      expect(await deadlineNow()).toEqual([-1])
    })

    test('of a field or a hash that is not there is not found; of another type the server says why', async () => {
      expect((await operator.post(path, { ...request, field: b64('nope') })).status).toBe(404)
      expect((await operator.post(path, { ...request, key: b64('nope') })).status).toBe(404)
      const wrong = await operator.post(path, { ...request, key: b64('list') })
      expect(wrong.status).toBe(502)
      expect(wrong.json).toMatchObject({ error: 'SERVER_ERROR_REPLY', message: expect.stringContaining('WRONGTYPE') })
    })
  })

  test('a sample of keys has each with what the server says that it takes, near the truth in sum', async () => {
    const keys: SampledKey[] = []
    for (let turn = 0; turn < 10; turn++) {
      const answer = (await operator.post(`${root}/keys/sample`, { database: 0, shard: null, count: 100 })).json as KeySampleAnswer
      expect(answer.keys.length).toBeGreaterThan(95)
      keys.push(...answer.keys)
    }
    expect(keys.every(({ type, bytes, key, size }) => type === 'string' && bytes > 20 && size === Number(text(key).slice(5)) % 50)).toBe(
      true
    )
    // Every key has the same chance, so each of three shards and each remainder is met.
    expect(new Set(keys.map(({ shard }) => shard)).size).toBe(3)
    expect(new Set(keys.map(({ size }) => size)).size).toBe(50)
    const some = keys.slice(0, 20)
    for (const { key, bytes } of some) {
      const asked = [
        ['SELECT', '0'],
        ['MEMORY', 'USAGE', text(key)]
      ] as const
      const replies = await cluster.caller.pipeline(cluster.nodes[ownerOf(text(key))]!, asked, { purpose: 'work', cause: 'test' })
      expect(bytes).toBe(replies[1])
    }
    const typed = (await operator.post(`${root}/keys/sample`, { database: 1, shard: null, count: 100 })).json as KeySampleAnswer
    expect(typed.keys.find(({ key }) => text(key) === 'hash')).toMatchObject({ type: 'hash', size: 2_000 })
  })

  test('bad input is refused with a reason', async () => {
    const scan = { database: 0, shard: null, pattern: '', type: null, cursor: null, count: 10 }
    const bad: [string, unknown][] = [
      ['/keys/scan', { ...scan, count: 0 }],
      ['/keys/scan', { ...scan, count: 1_001 }],
      ['/keys/scan', { ...scan, type: 'module' }],
      ['/keys/scan', { ...scan, database: -1 }],
      ['/keys/scan', { ...scan, more: 1 }],
      ['/keys/scan', { ...scan, cursor: 'nonsense' }],
      ['/keys/scan', { ...scan, cursor: b64('["a","b","; FLUSHALL",1]') }],
      ['/keys/details', { database: 0, keys: [] }],
      ['/keys/details', { database: 0, keys: ['not base64url!'] }],
      ['/hash/expiry', { database: 0, key: 'aa', field: 'aa', expectedMs: 1.5, deadlineMs: null }]
    ]
    for (const [path, body] of bad) {
      const answer = await operator.post(`${root}${path}`, body)
      expect(answer.status, `${path} ${JSON.stringify(body)}`).toBe(400)
      expect(answer.json).toMatchObject({ error: 'BAD_REQUEST', message: expect.any(String) })
    }
    expect((await operator.post(`${root}/keys/scan`, { ...scan, shard: 'nope' })).status).toBe(404)
    expect((await operator.get(`${root}/slots/16384`)).status).toBe(400)
    expect((await operator.get(`${root}/slots/-1`)).status).toBe(400)
    expect((await operator.get(`${root}/keys/value?database=x&key=aa`)).status).toBe(400)
    expect((await operator.get(`${root}/keys/value?database=1&key=${b64('list')}&offset=-5`)).status).toBe(400)
    const range = await operator.get(`${root}/keys/value?database=9&key=aa`)
    expect(range.json).toMatchObject({ error: 'SERVER_ERROR_REPLY', message: 'ERR DB index is out of range' })
    expect((await operator.get('/api/clusters/none/slots/1')).status).toBe(404)
  })
})
