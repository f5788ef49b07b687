import type { Reply } from '@slotscope/observer'
import type { ApiError, DumpAnswer, EditAnswer, KeyEditKind, KeyEdits } from '@slotscope/observer/stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keySlot } from '../src/keys/key-slot.ts'
import type { Browser } from './support/browser.ts'
import { until } from './support/until.ts'
import { hasValkey, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'
import { startWatchedValkey, type WatchedValkey } from './support/watched-valkey.ts'

type Bytes = string | Uint8Array
const b64 = (text: Bytes) => Buffer.from(text as string).toString('base64url')
const root = '/api/clusters/main'
/** Wall clock of a deadline that no test reaches. */
const later = Date.now() + 3_600_000
const odd = Uint8Array.of(0xff, 0x00, 0x0d, 0x0a, 0x22, 0x5c)

describe.runIf(hasValkey())(`edits of keys on a real cluster, ${valkeyServer}`, () => {
  let watched: WatchedValkey
  let cluster: ValkeyCluster
  let operator: Browser
  beforeAll(async () => {
    watched = await startWatchedValkey({ databases: 4 })
    cluster = watched.cluster
  })
  afterAll(() => watched?.close())
  // So many edits in a second are not what a person does: each test begins with a session of its own.
  beforeEach(async () => {
    operator = await watched.as('operator')
  })

  const direct: WatchedValkey['direct'] = (...asked) => watched.direct(...asked)

  async function edit<Kind extends KeyEditKind>(kind: Kind, body: KeyEdits[Kind]): Promise<EditAnswer> {
    const answer = await operator.post(`${root}/keys/edit/${kind}`, body)
    expect(answer.status, answer.text).toBe(200)
    return answer.json as EditAnswer
  }

  async function refused<Kind extends KeyEditKind>(kind: Kind, body: KeyEdits[Kind], status: number): Promise<ApiError> {
    const answer = await operator.post(`${root}/keys/edit/${kind}`, body)
    expect(answer.status, answer.text).toBe(status)
    return answer.json as ApiError
  }

  /** The key's deadline has to be the one that every edit found. */
  async function keepsExpiry(database: number, key: Bytes): Promise<void> {
    expect((await direct(database, key, ['PEXPIRETIME', key as string]))[0]).toBe(later)
  }
  const place = (key: Bytes, database = 1) => ({ database, key: b64(key) })
  const expires = (key: Bytes) => ['PEXPIREAT', key, String(later)]

  test('a string: the whole of it, keeping its expiry; any bytes under any name', async () => {
    for (const key of ['s', '', odd]) {
      await direct(1, key, ['SET', key, 'before'], expires(key))
      const answer = await edit('string-set', { ...place(key), expected: b64('before'), value: b64(odd) })
      expect(answer.after).toEqual({ type: 'string', size: odd.length, deadlineMs: later })
      expect(answer.effects).toMatchObject([{ reply: 'OK' }])
      expect(Buffer.from((await direct(1, key, ['GET', key]))[0] as Uint8Array)).toEqual(Buffer.from(odd))
      await keepsExpiry(1, key)
    }
  })

  test('what was sent is answered, command by command, and the node', async () => {
    await direct(1, 's', ['SET', 's', 'before'])
    const answer = await edit('string-set', { ...place('s'), expected: b64('before'), value: b64('after') })
    expect(answer.commands).toEqual([
      ['SELECT', '1'],
      ['WATCH', 's'],
      ['TYPE', 's'],
      ['GETRANGE', 's', '0', '65535'],
      ['MULTI'],
      ['SET', 's', 'after', 'KEEPTTL'],
      ['TYPE', 's'],
      ['PEXPIRETIME', 's'],
      ['STRLEN', 's'],
      ['EXEC']
    ])
    expect(String(await cluster.call(0, 'CLUSTER', 'NODES'))).toContain(answer.node)
    expect(answer.slot).toBe(keySlot(Buffer.from('s')))
  })

  test('a part of a string: in place, at its end, of another length; large ones too', async () => {
    await direct(1, 'r', ['SET', 'r', 'abcdef'], expires('r'))
    await edit('string-range', { ...place('r'), offset: 2, expected: b64('cd'), value: b64('CD') })
    await edit('string-range', { ...place('r'), offset: 6, expected: '', value: b64('gh') })
    await edit('string-range', { ...place('r'), offset: 0, expected: b64('ab'), value: b64('longer') })
    await edit('string-range', { ...place('r'), offset: 8, expected: b64('efgh'), value: '' })
    expect(String((await direct(1, 'r', ['GET', 'r']))[0])).toBe('longerCD')
    await keepsExpiry(1, 'r')
    const error = await refused('string-range', { ...place('r'), offset: 0, expected: b64('shorter'), value: b64('x') }, 409)
    expect(error).toMatchObject({ error: 'CHANGED_MEANWHILE', details: { expected: b64('shorter'), current: b64('longerC') } })
    await direct(1, 'large', ['SET', 'large', 'x'.repeat(6_000_000)])
    await edit('string-range', { ...place('large'), offset: 5_999_998, expected: b64('xx'), value: b64('yy') })
    expect(String((await direct(1, 'large', ['GETRANGE', 'large', '-3', '-1']))[0])).toBe('xyy')
    const tooLarge = await refused('string-range', { ...place('large'), offset: 0, expected: b64('x'), value: '' }, 400)
    expect(tooLarge.message).toContain('6000000 bytes')
    const whole = 'z'.repeat(3_000_000)
    await direct(1, 'whole', ['SET', 'whole', whole])
    const answer = await edit('string-set', { ...place('whole'), expected: b64(whole), value: b64(`${whole}!`) })
    expect(answer.after.size).toBe(3_000_001)
    // Three megabytes are not said again.
    expect(JSON.stringify(answer).length).toBeLessThan(5_000)
  })

  test('a hash field keeps its deadline, which plain HSET would take away, and so do its neighbours', async () => {
    await direct(1, 'h', ['HSET', 'h', 'f', 'before', 'g', 'other', 'plain', 'p'], expires('h'))
    await direct(
      1,
      'h',
      ['HPEXPIREAT', 'h', String(later - 1_000), 'FIELDS', '1', 'f'],
      ['HPEXPIREAT', 'h', String(later - 2_000), 'FIELDS', '1', 'g']
    )
    const answer = await edit('hash-set', { ...place('h'), field: b64('f'), expected: b64('before'), value: b64('after') })
    expect(answer.effects.map(({ command }) => command)).toEqual([['HSETEX', 'h', 'KEEPTTL', 'FIELDS', '1', 'f', 'after']])
    expect(answer.warnings).toEqual([])
    await edit('hash-set', { ...place('h'), field: b64(odd), expected: null, value: '' })
    const [value, deadlines] = await direct(1, 'h', ['HGET', 'h', 'f'], ['HPEXPIRETIME', 'h', 'FIELDS', '4', 'f', 'g', 'plain', odd])
    expect(String(value)).toBe('after')
    expect(deadlines).toEqual([later - 1_000, later - 2_000, -1, -1])
    await edit('hash-delete', {
      ...place('h'),
      fields: [
        { field: b64('plain'), expected: b64('p') },
        { field: b64(odd), expected: '' }
      ]
    })
    expect(await direct(1, 'h', ['HLEN', 'h'], ['HPEXPIRETIME', 'h', 'FIELDS', '2', 'f', 'g'])).toEqual([2, [later - 1_000, later - 2_000]])
    await keepsExpiry(1, 'h')
    // The oracle for the reason of all this.
    await direct(1, 'h', ['HSET', 'h', 'f', 'plainly'])
    expect((await direct(1, 'h', ['HPEXPIRETIME', 'h', 'FIELDS', '1', 'f']))[0]).toEqual([-1])
  })

  test('deadlines of many fields change together or not at all', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `f${index}`)
    await direct(1, 'many', ['HSET', 'many', ...names.flatMap((name) => [name, 'v'])])
    const fields = names.map((name) => ({ field: b64(name), expectedMs: null }))
    await edit('hash-deadlines', { ...place('many'), fields, deadlineMs: later })
    const set = (await direct(1, 'many', ['HPEXPIRETIME', 'many', 'FIELDS', '200', ...names]))[0] as number[]
    expect(new Set(set)).toEqual(new Set([later]))
    await direct(1, 'many', ['HPERSIST', 'many', 'FIELDS', '1', 'f7'])
    const seen = names.map((name) => ({ field: b64(name), expectedMs: later }))
    const error = await refused('hash-deadlines', { ...place('many'), fields: seen, deadlineMs: null }, 409)
    expect(error.details).toEqual({
      expected: [{ field: b64('f7'), deadlineMs: later }],
      current: [{ field: b64('f7'), deadlineMs: null, exists: true }]
    })
    expect((await direct(1, 'many', ['HPEXPIRETIME', 'many', 'FIELDS', '1', 'f8']))[0]).toEqual([later])
    expect((await refused('hash-deadlines', { ...place('many'), fields: seen, deadlineMs: 5 }, 400)).message).toContain('in the past')
  })

  test('a list: set, pushed in order, removed by place and by value', async () => {
    await direct(1, 'l', ['RPUSH', 'l', 'a', 'b', 'a', 'c', 'a'], expires('l'))
    await edit('list-set', { ...place('l'), index: 1, expected: b64('b'), value: b64('B') })
    await edit('list-push', { ...place('l'), side: 'left', values: [b64('x'), b64('y')] })
    await edit('list-push', { ...place('l'), side: 'right', values: [b64('z'), b64(odd)] })
    await edit('list-remove', { ...place('l'), index: 4, expected: b64('a') })
    await edit('list-remove', { ...place('l'), index: -1, expected: b64(odd) })
    const answer = await edit('list-remove-value', { ...place('l'), value: b64('a'), count: 0 })
    expect(answer).toMatchObject({ effects: [{ reply: '2' }], after: { type: 'list', size: 5, deadlineMs: later } })
    expect(((await direct(1, 'l', ['LRANGE', 'l', '0', '-1']))[0] as Reply[]).map(String)).toEqual(['x', 'y', 'B', 'c', 'z'])
    expect((await refused('list-remove-value', { ...place('l'), value: b64('a'), count: 1 }, 409)).details).toEqual({
      expected: b64('a'),
      current: null
    })
    expect((await refused('list-set', { ...place('l'), index: 0, expected: b64('y'), value: b64('!') }, 409)).details).toEqual({
      expected: b64('y'),
      current: b64('x')
    })
  })

  test('sets and sorted sets: members and scores', async () => {
    await direct(1, 'set', ['SADD', 'set', 'a', 'b'], expires('set'))
    await edit('set-add', { ...place('set'), members: [b64('c'), b64(odd)] })
    await edit('set-replace', { ...place('set'), expected: b64('a'), value: b64('A') })
    await edit('set-remove', { ...place('set'), members: [b64('b'), b64(odd)] })
    expect(((await direct(1, 'set', ['SMEMBERS', 'set']))[0] as Reply[]).map(String).sort()).toEqual(['A', 'c'])
    expect((await refused('set-remove', { ...place('set'), members: [b64('c'), b64('b')] }, 409)).details).toEqual({
      expected: [b64('b')],
      current: null
    })
    await keepsExpiry(1, 'set')
    await direct(1, 'z', ['ZADD', 'z', '1.5', 'a', 'inf', 'b'], expires('z'))
    await edit('zset-set', { ...place('z'), member: b64('a'), expected: '1.50', score: '-2e3' })
    await edit('zset-set', { ...place('z'), member: b64('c'), expected: null, score: '-inf' })
    await edit('zset-remove', { ...place('z'), members: [{ member: b64('b'), expected: 'inf' }] })
    expect(((await direct(1, 'z', ['ZRANGE', 'z', '0', '-1']))[0] as Reply[]).map(String)).toEqual(['c', 'a'])
    expect((await refused('zset-set', { ...place('z'), member: b64('a'), expected: '3', score: '4' }, 409)).details).toEqual({
      expected: '3',
      current: '-2000'
    })
    expect((await refused('zset-set', { ...place('z'), member: b64('a'), expected: '-2000', score: '0x10' }, 400)).message).toContain(
      'score'
    )
    await keepsExpiry(1, 'z')
  })

  test('a stream: entries are added and deleted, its expiry stays', async () => {
    await direct(1, 'x', ['XADD', 'x', '1-1', 'f', 'v'], ['XADD', 'x', '2-1', 'f', 'w'], expires('x'))
    const added = await edit('stream-add', { ...place('x'), id: '3-*', fields: [[b64('a'), b64(odd)]] })
    expect(added.effects[0]?.reply).toBe('3-0')
    expect((await edit('stream-delete', { ...place('x'), ids: ['1-1', '3-0'] })).after).toEqual({
      type: 'stream',
      size: 1,
      deadlineMs: later
    })
    expect((await refused('stream-delete', { ...place('x'), ids: ['2-1', '1-1'] }, 409)).details).toEqual({
      expected: ['1-1'],
      current: null
    })
    expect((await refused('stream-add', { ...place('x'), id: '1-1', fields: [['', '']] }, 502)).message).toContain('ID specified in XADD')
  })

  test('groups of a stream: made, set, acknowledged and deleted as they were seen', async () => {
    const key = 'g'
    await direct(1, key, ['XADD', key, '1-1', 'f', 'v'], ['XADD', key, '2-1', 'f', 'w'], expires(key))
    const group = b64(odd)
    const created = await edit('stream-group-create', { ...place(key), group, startId: '0' })
    expect(created.effects[0]?.command.slice(0, 3)).toEqual(['XGROUP', 'CREATE', 'g'])
    expect((await refused('stream-group-create', { ...place(key), group, startId: '$' }, 409)).details).toEqual({
      expected: null,
      current: { lastDeliveredId: '0-0', pending: 0 }
    })
    await direct(1, key, ['XREADGROUP', 'GROUP', odd, 'ann', 'STREAMS', key, '>'])
    expect((await refused('stream-ack', { ...place(key), group, ids: ['1-1', '3-1'] }, 409)).details).toEqual({
      expected: ['3-1'],
      current: null
    })
    expect((await edit('stream-ack', { ...place(key), group, ids: ['1-1'] })).effects[0]?.reply).toBe('1')
    await refused('stream-group-start', { ...place(key), group, expected: '1-1', startId: '$' }, 409)
    await edit('stream-group-start', { ...place(key), group, expected: '2-1', startId: '1' })
    expect(String(((await direct(1, key, ['XINFO', 'GROUPS', key]))[0] as Reply[][])[0]?.[7])).toBe('1-0')
    const consumer = b64('ann')
    await refused('stream-consumer-delete', { ...place(key), group, consumer, expected: 0 }, 409)
    expect((await edit('stream-consumer-delete', { ...place(key), group, consumer, expected: 1 })).effects[0]?.reply).toBe('1')
    await refused('stream-group-destroy', { ...place(key), group, expected: 1 }, 409)
    expect((await edit('stream-group-destroy', { ...place(key), group, expected: 0 })).after).toEqual({
      type: 'stream',
      size: 2,
      deadlineMs: later
    })
    expect(await direct(1, key, ['XINFO', 'GROUPS', key])).toEqual([[]])
  })

  test('another type, a deleted key and a value that was seen otherwise are refused with both', async () => {
    await direct(1, 'l2', ['RPUSH', 'l2', 'a'])
    expect((await refused('string-set', { ...place('l2'), expected: b64('a'), value: b64('b') }, 409)).details).toEqual({
      expected: { type: 'string' },
      current: { type: 'list' }
    })
    expect((await refused('hash-set', { ...place('never'), field: '', expected: null, value: '' }, 409)).details).toEqual({
      expected: { type: 'hash' },
      current: { type: 'none' }
    })
    await direct(1, 'v', ['SET', 'v', 'theirs'])
    const error = await refused('string-set', { ...place('v'), expected: b64('seen'), value: b64('mine') }, 409)
    expect(error.details).toEqual({ expected: b64('seen'), current: b64('theirs') })
    expect(String((await direct(1, 'v', ['GET', 'v']))[0])).toBe('theirs')
  })

  test('keys are made with every type, only where there is none', async () => {
    const value: KeyEdits['create']['value'][] = [
      { type: 'string', value: b64(odd) },
      { type: 'list', items: [b64('a'), b64('b')] },
      { type: 'set', items: [b64('a')] },
      { type: 'zset', items: [{ member: b64('a'), score: '1.5' }] },
      {
        type: 'hash',
        items: [
          { field: b64('f'), value: b64('v'), deadlineMs: later - 5 },
          { field: b64('g'), value: '', deadlineMs: null }
        ]
      },
      { type: 'stream', fields: [[b64('f'), b64('v')]] }
    ]
    const sizes = [6, 2, 1, 1, 2, 1]
    for (const [index, one] of value.entries()) {
      const answer = await edit('create', { ...place(`new ${one.type}`), value: one, deadlineMs: later })
      expect(answer.after).toEqual({ type: one.type, size: sizes[index], deadlineMs: later })
      expect((await refused('create', { ...place(`new ${one.type}`), value: one, deadlineMs: null }, 409)).details).toEqual({
        expected: { type: 'none' },
        current: { type: one.type }
      })
    }
    expect((await direct(1, 'new hash', ['HPEXPIRETIME', 'new hash', 'FIELDS', '2', 'f', 'g']))[0]).toEqual([later - 5, -1])
  })

  test('expiry of a key: set, taken away, refused when another was seen or it has passed', async () => {
    await direct(1, 'e', ['SET', 'e', 'v'])
    expect((await edit('expiry', { ...place('e'), expectedMs: null, deadlineMs: later })).after.deadlineMs).toBe(later)
    expect((await refused('expiry', { ...place('e'), expectedMs: null, deadlineMs: later + 1 }, 409)).details).toEqual({
      expected: { deadlineMs: null },
      current: { deadlineMs: later }
    })
    expect((await edit('expiry', { ...place('e'), expectedMs: later, deadlineMs: null })).after.deadlineMs).toBe(null)
    expect((await refused('expiry', { ...place('e'), expectedMs: null, deadlineMs: 1 }, 400)).message).toContain('past')
    expect((await refused('expiry', { ...place('no such'), expectedMs: null, deadlineMs: later }, 409)).details).toMatchObject({
      current: null
    })
  })

  test('a rename stays in its slot and takes no name away; deadlines go along', async () => {
    await direct(1, '{t}a', ['HSET', '{t}a', 'f', 'v'], expires('{t}a'), ['HPEXPIREAT', '{t}a', String(later), 'FIELDS', '1', 'f'])
    const answer = await edit('rename', { ...place('{t}a'), expected: { type: 'hash' }, to: b64('{t}b') })
    expect(answer.after).toEqual({ type: 'hash', size: 1, deadlineMs: later })
    expect(await direct(1, '{t}b', ['HPEXPIRETIME', '{t}b', 'FIELDS', '1', 'f'], ['EXISTS', '{t}a'])).toEqual([[later], 0])
    await direct(1, '{t}c', ['SET', '{t}c', 'v'])
    expect((await refused('rename', { ...place('{t}c'), expected: { type: 'string' }, to: b64('{t}b') }, 409)).error).toBe(
      'CHANGED_MEANWHILE'
    )
    const across = await refused('rename', { ...place('{t}c'), expected: { type: 'string' }, to: b64('{u}c') }, 400)
    expect(across.message).toMatch(/this name is in slot \d+, the new one in \d+/)
  })

  test('a copy and a move to another database keep everything; nothing is overwritten unasked', async () => {
    await direct(1, 'c', ['HSET', 'c', 'f', 'v'], expires('c'), ['HPEXPIREAT', 'c', String(later), 'FIELDS', '1', 'f'])
    const copy = { ...place('c'), expected: { type: 'hash' }, toDatabase: 2, move: false, replace: false }
    await edit('copy', copy)
    expect(await direct(2, 'c', ['HPEXPIRETIME', 'c', 'FIELDS', '1', 'f'], ['PEXPIRETIME', 'c'])).toEqual([[later], later])
    expect((await refused('copy', copy, 409)).error).toBe('CHANGED_MEANWHILE')
    expect((await refused('copy', { ...copy, move: true }, 409)).error).toBe('CHANGED_MEANWHILE')
    await edit('copy', { ...copy, replace: true })
    expect((await edit('copy', { ...copy, toDatabase: 3, move: true })).after).toEqual({ type: 'none', size: null, deadlineMs: null })
    expect(await direct(3, 'c', ['HPEXPIRETIME', 'c', 'FIELDS', '1', 'f'], ['PEXPIRETIME', 'c'])).toEqual([[later], later])
    expect(
      (await refused('copy', { ...place('c', 3), expected: { type: 'hash' }, toDatabase: 9, move: true, replace: false }, 502)).message
    ).toContain('range')
    expect(await direct(3, 'c', ['EXISTS', 'c'])).toEqual([1])
    expect((await refused('copy', { ...copy, move: true, replace: true }, 400)).message).toContain('never replaces')
  })

  test('a key goes out as DUMP and comes back whole, with both kinds of deadlines', async () => {
    const name = Buffer.concat([Buffer.from('exported '), odd])
    await direct(1, name, ['HSET', name, 'f', 'v'], expires(name), ['HPEXPIREAT', name, String(later), 'FIELDS', '1', 'f'])
    const dump = (await operator.get(`${root}/keys/dump?database=1&key=${b64(name)}`)).json as DumpAnswer
    expect(dump).toMatchObject({ type: 'hash', deadlineMs: later })
    expect(dump.valkeyVersion).toMatch(/^9\./)
    const body = { ...place('imported', 2), dump: dump.dump, deadlineMs: dump.deadlineMs, expected: null }
    expect((await edit('import', body)).after).toMatchObject({ type: 'hash', deadlineMs: later })
    expect((await direct(2, 'imported', ['HPEXPIRETIME', 'imported', 'FIELDS', '1', 'f']))[0]).toEqual([later])
    expect((await refused('import', body, 409)).details).toEqual({ expected: { type: 'none' }, current: { type: 'hash' } })
    await edit('import', { ...body, expected: { type: 'hash' }, deadlineMs: null })
    expect((await direct(2, 'imported', ['PTTL', 'imported']))[0]).toBe(-1)
    expect((await refused('import', { ...body, ...place('broken', 2), dump: b64('no payload') }, 502)).message).toContain('DUMP payload')
    expect((await operator.get(`${root}/keys/dump?database=1&key=${b64('no such')}`)).status).toBe(404)
    await direct(1, 'huge', ['SET', 'huge', 'x'.repeat(20_000_000)])
    expect((await operator.get(`${root}/keys/dump?database=1&key=${b64('huge')}`)).status).toBe(400)
  })

  test('delete: what was seen is what goes', async () => {
    await direct(1, 'd', ['RPUSH', 'd', 'a', 'b'])
    expect((await refused('delete', { ...place('d'), expected: { type: 'list', size: 1 } }, 409)).details).toEqual({
      expected: { type: 'list', size: 1 },
      current: { type: 'list', size: 2 }
    })
    const answer = await edit('delete', { ...place('d'), expected: { type: 'list', size: 2 } })
    expect(answer.effects[0]?.command).toEqual(['UNLINK', 'd'])
    expect(answer.after.type).toBe('none')
  })

  test('of two hundred edits of one counter at once none is lost and none is doubled', async () => {
    await direct(1, 'race', ['SET', 'race', '0'])
    const operators = await Promise.all(Array.from({ length: 8 }, () => watched.as('operator')))
    let written = 0
    let conflicts = 0
    await Promise.all(
      operators.map(async (one) => {
        for (let done = 0; done < 25; ) {
          const now = String((await direct(1, 'race', ['GET', 'race']))[0])
          const body = { ...place('race'), expected: b64(now), value: b64(String(Number(now) + 1)) }
          const answer = await one.post(`${root}/keys/edit/string-set`, body)
          if (answer.status === 200) {
            written++
            done++
          } else if (answer.status === 409) conflicts++
          else throw new Error(answer.text)
        }
      })
    )
    expect(conflicts).toBeGreaterThan(0)
    expect(written).toBe(200)
    expect(Number(String((await direct(1, 'race', ['GET', 'race']))[0]))).toBe(200)
  }, 60_000)

  test('nothing of it is left: no connection of an edit stays open', async () => {
    await direct(1, 's', ['SET', 's', 'v'])
    await edit('string-set', { ...place('s'), expected: b64('v'), value: b64('w') })
    for (const node of [0, 1, 2])
      await until('the edits have hung up', async () => {
        const list = String(await cluster.call(node, 'CLIENT', 'LIST'))
        return list.split('\n').filter((line) => line.includes('name=slotscope') && !line.includes('cmd=client')).length <= 3
      })
  })
})
