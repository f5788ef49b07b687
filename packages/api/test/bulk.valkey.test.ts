import type { DeleteKeysAnswer, DeletionConfirmation, ExportAnswer, ImportAnswer, PortableKey } from '@slotscope/observer/stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Browser } from './support/browser.ts'
import { hasValkey, valkeyServer } from './support/valkey-cluster.ts'
import { startWatchedValkey, type WatchedValkey } from './support/watched-valkey.ts'

type Bytes = string | Uint8Array
const b64 = (text: Bytes) => Buffer.from(text as string).toString('base64url')
const root = '/api/clusters/main'
const later = Date.now() + 3_600_000
const odd = Uint8Array.of(0xff, 0x00, 0x0d, 0x0a, 0x22, 0x5c)

describe.runIf(hasValkey())(`many keys at once on a real cluster, ${valkeyServer}`, () => {
  let watched: WatchedValkey
  let operator: Browser
  beforeAll(async () => {
    watched = await startWatchedValkey({ databases: 4 })
  })
  afterAll(() => watched?.close())
  beforeEach(async () => {
    operator = await watched.as('operator')
  })

  const direct: WatchedValkey['direct'] = (...asked) => watched.direct(...asked)

  async function post<T>(path: string, body: unknown, as = operator): Promise<T> {
    const answer = await as.post(`${root}${path}`, body)
    expect(answer.status, answer.text).toBe(200)
    return answer.json as T
  }

  /** One key of every type, with deadlines of keys and of fields, under names of every kind; all over the cluster. */
  async function fill(database: number): Promise<readonly Bytes[]> {
    const keys: Bytes[] = ['string', 'list', 'set', 'zset', 'hash', 'stream', odd, '']
    await direct(database, 'string', ['SET', 'string', odd], ['PEXPIREAT', 'string', String(later)])
    await direct(database, 'list', ['RPUSH', 'list', 'a', odd, 'a'])
    await direct(database, 'set', ['SADD', 'set', 'a', odd])
    await direct(database, 'zset', ['ZADD', 'zset', '1.5', 'a', '-inf', odd])
    await direct(database, 'hash', ['HSET', 'hash', 'f', 'v', odd, odd], ['HPEXPIREAT', 'hash', String(later), 'FIELDS', '1', odd])
    await direct(database, 'hash', ['PEXPIREAT', 'hash', String(later + 1)])
    await direct(database, 'stream', ['XADD', 'stream', '5-1', 'f', odd], ['XGROUP', 'CREATE', 'stream', 'g', '0'])
    await direct(database, 'stream', ['XREADGROUP', 'GROUP', 'g', 'ann', 'STREAMS', 'stream', '>'])
    await direct(database, odd, ['SET', odd, 'odd'])
    await direct(database, '', ['SET', '', 'nothing'])
    return keys
  }

  /** What the cluster holds of these keys, deadlines included, as DUMP and PEXPIRETIME say it. */
  async function state(database: number, keys: readonly Bytes[]): Promise<unknown> {
    return Promise.all(
      keys.map(async (key) => {
        const [dump, deadline, type] = await direct(database, key, ['DUMP', key], ['PEXPIRETIME', key], ['TYPE', key])
        return [b64(key), type, deadline, dump === null ? null : b64(dump as Uint8Array)]
      })
    )
  }

  async function remove(database: number, keys: readonly Bytes[], count = keys.length): Promise<DeleteKeysAnswer> {
    const { nonce, typedName } = await post<DeletionConfirmation>('/keys/deletion', { database, count })
    return post('/keys/delete', { database, keys: keys.map(b64), nonce, typedName, count })
  }

  test('exported, deleted and imported again, every key is as it was, deadlines of fields and pending entries too', async () => {
    const keys = await fill(1)
    const before = await state(1, keys)
    const { items, taken, problems, gone } = await post<ExportAnswer>('/keys/export', {
      database: 1,
      keys: [...keys, 'absent'].map(b64),
      form: 'dump'
    })
    expect({ taken, problems, gone, exported: items.length }).toEqual({ taken: 9, problems: [], gone: 1, exported: 8 })
    expect(await remove(1, keys)).toMatchObject({ deleted: 8, gone: 0, problems: [] })
    expect(await direct(1, 'hash', ['EXISTS', 'hash'])).toEqual([0])
    const expired: PortableKey = { ...(items[0] as PortableKey), key: b64('expired'), deadlineMs: 1_000 }
    const broken: PortableKey = { key: b64('broken'), type: 'string', deadlineMs: null, dump: b64('nonsense') }
    const imported = await post<ImportAnswer>('/keys/import', { database: 1, items: [...items, expired, broken], existing: 'keep' })
    expect(imported).toMatchObject({ imported: 8, kept: 0, expired: 1 })
    expect(imported.problems).toEqual([{ key: b64('broken'), words: expect.stringContaining('DUMP payload version or checksum') }])
    expect(await state(1, keys)).toEqual(before)
  })

  test('readable where it can be read, and as good when it is imported; what is there is kept or replaced', async () => {
    const keys = await fill(2)
    const long = Array.from({ length: 1_001 }, (_, index) => `m${index}`)
    await direct(2, 'long', ['SADD', 'long', ...long])
    const all = [...keys, 'long']
    const { items } = await post<ExportAnswer>('/keys/export', { database: 2, keys: all.map(b64), form: 'json' })
    const of = (key: Bytes) => items.find((item) => item.key === b64(key))
    expect(of('hash')).toEqual({
      key: b64('hash'),
      type: 'hash',
      deadlineMs: later + 1,
      value: {
        type: 'hash',
        items: [
          { field: b64('f'), value: b64('v'), deadlineMs: null },
          { field: b64(odd), value: b64(odd), deadlineMs: later }
        ]
      }
    })
    expect(of('zset')).toMatchObject({ value: { items: [{ score: '-inf' }, { score: '1.5' }] } })
    // What cannot be made again from what is read is in the form that restores it.
    expect([of('stream'), of('long')].map((item) => item && 'dump' in item)).toEqual([true, true])
    await direct(2, 'list', ['RPUSH', 'list', 'more'])
    expect(await post('/keys/import', { database: 2, items, existing: 'keep' })).toMatchObject({ imported: 0, kept: 9, problems: [] })
    expect(await direct(2, 'list', ['LLEN', 'list'])).toEqual([4])
    expect(await post('/keys/import', { database: 2, items, existing: 'replace' })).toMatchObject({ imported: 9, kept: 0, problems: [] })
    expect(await direct(2, 'list', ['LRANGE', 'list', '0', '-1'])).toEqual([[Buffer.from('a'), Buffer.from(odd), Buffer.from('a')]])
    expect(await direct(2, 'hash', ['HPEXPIRETIME', 'hash', 'FIELDS', '2', 'f', odd])).toEqual([[-1, later]])
    expect(await direct(2, 'hash', ['PEXPIRETIME', 'hash'])).toEqual([later + 1])
    expect(await direct(2, 'long', ['SCARD', 'long'])).toEqual([1_001])
  })

  test('[T9] a deletion takes the typed name and a nonce, no more keys than were confirmed, and an operator', async () => {
    const keys = ['d1', 'd2', 'd3']
    for (const key of keys) await direct(3, key, ['SET', key, 'x'])
    const { nonce, typedName } = await post<DeletionConfirmation>('/keys/deletion', { database: 3, count: 2 })
    const first = { database: 3, keys: [b64('d1')], nonce, typedName, count: 2 }
    const refused = async (body: unknown, status: number, as = operator) => {
      const answer = await as.post(`${root}/keys/delete`, body)
      expect([answer.status, await direct(3, 'd3', ['EXISTS', 'd3'])], answer.text).toEqual([status, [1]])
    }
    await refused({ ...first, typedName: 'main?' }, 409)
    await refused({ ...first, nonce: 'x' }, 409)
    await refused({ ...first, count: 3 }, 409)
    const viewer = await watched.as('viewer')
    await refused(first, 403, viewer)
    expect((await viewer.post(`${root}/keys/deletion`, { database: 3, count: 1 })).status).toBe(403)
    expect((await viewer.post(`${root}/keys/import`, { database: 3, items: [], existing: 'keep' })).status).toBe(403)

    // A wrong try has spent the nonce.
    await refused(first, 409)
    const again = await post<DeletionConfirmation>('/keys/deletion', { database: 3, count: 2 })
    const { run, deleted } = await post<DeleteKeysAnswer>('/keys/delete', { ...first, nonce: again.nonce })
    expect(deleted).toBe(1)
    await refused({ database: 3, keys: keys.map(b64), run }, 409)
    await refused({ database: 2, keys: [b64('d2')], run }, 409)
    expect(await post('/keys/delete', { database: 3, keys: [b64('d2')], run })).toMatchObject({ run, deleted: 1 })
    await refused({ database: 3, keys: [b64('d3')], run }, 409)
  })

  test('a value too large for DUMP is named, and a large answer ends early', async () => {
    await direct(3, 'huge', ['SETRANGE', 'huge', String(20 * 1024 * 1024), 'x'])
    for (const key of ['l1', 'l2', 'l3']) await direct(3, key, ['SETRANGE', key, String(5 * 1024 * 1024), 'x'])
    const keys = ['huge', 'l1', 'l2', 'l3'].map(b64)
    const first = await post<ExportAnswer>('/keys/export', { database: 3, keys, form: 'dump' })
    expect(first.problems).toEqual([{ key: b64('huge'), words: expect.stringContaining('at most 16 MiB') }])
    expect([first.taken, first.items.map(({ key }) => key)]).toEqual([2, [b64('l1')]])
    const second = await post<ExportAnswer>('/keys/export', { database: 3, keys: keys.slice(2), form: 'dump' })
    expect(second.taken).toBe(1)
  })
})
