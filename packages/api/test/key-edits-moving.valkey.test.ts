import type { ApiError, EditAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keySlot } from '../src/keys/key-slot.ts'
import type { Browser } from './support/browser.ts'
import { hasValkey, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'
import { startWatchedValkey, type WatchedValkey } from './support/watched-valkey.ts'

const b64 = (text: string) => Buffer.from(text).toString('base64url')
const root = '/api/clusters/main'

/** Slot 7000 is of the second node to begin with. */
const key = Array.from({ length: 200_000 }, (_, index) => `k${index}`).find((one) => keySlot(Buffer.from(one)) === 7_000) ?? ''

describe.runIf(hasValkey())(`edits while a slot is being moved key by key, ${valkeyServer}`, () => {
  let watched: WatchedValkey
  let cluster: ValkeyCluster
  let operator: Browser
  let ids: readonly string[]
  beforeAll(async () => {
    watched = await startWatchedValkey({ databases: 1 })
    cluster = watched.cluster
    ids = await Promise.all([0, 1, 2].map(async (node) => String(await cluster.call(node, 'CLUSTER', 'MYID'))))
    operator = await watched.as('operator')
  })
  afterAll(() => watched?.close())

  const set = (expected: string, value: string) =>
    operator.post(`${root}/keys/edit/string-set`, { database: 0, key: b64(key), expected: b64(expected), value: b64(value) })

  test('the importing node is asked with ASKING when the key has gone over, the new owner when the slot has', async () => {
    await cluster.call(1, 'SET', key, 'one')
    await cluster.call(2, 'CLUSTER', 'SETSLOT', '7000', 'IMPORTING', ids[1] as string)
    await cluster.call(1, 'CLUSTER', 'SETSLOT', '7000', 'MIGRATING', ids[2] as string)
    // Still here: the source serves it.
    const here = await set('one', 'two')
    expect(here.json).toMatchObject({ node: ids[1], after: { size: 3 } } satisfies Partial<Record<keyof EditAnswer, unknown>>)
    const target = cluster.nodes[2]
    expect(String(await cluster.call(1, 'MIGRATE', '127.0.0.1', String(target?.port), key, '0', '2000'))).toBe('OK')
    const there = await set('two', 'three')
    expect(there.status, there.text).toBe(200)
    const answer = there.json as EditAnswer
    expect(answer.node).toBe(ids[2])
    expect(answer.commands.map((command) => command[0])).toEqual([
      ...['SELECT', 'ASKING', 'WATCH', 'ASKING', 'TYPE', 'ASKING', 'GETRANGE'],
      ...['ASKING', 'MULTI', 'SET', 'TYPE', 'PEXPIRETIME', 'STRLEN', 'EXEC']
    ])
    // The source's answer is ASK, and what is compared is what the target holds.
    expect((await set('two', 'never')).json).toMatchObject({ error: 'CHANGED_MEANWHILE', details: { current: b64('three') } })
    await cluster.call(2, 'CLUSTER', 'SETSLOT', '7000', 'NODE', ids[2] as string)
    await cluster.call(1, 'CLUSTER', 'SETSLOT', '7000', 'NODE', ids[2] as string)
    const after = await set('three', 'four')
    expect(after.json).toMatchObject({ node: ids[2], effects: [{ reply: 'OK' }] })
    expect(String(await cluster.call(2, 'GET', key))).toBe('four')
  })

  test('a slot whose keys are on their way is waited for, not for ever, and nothing is written', async () => {
    await cluster.call(2, 'SET', `{${key}}a`, 'x')
    await cluster.call(0, 'CLUSTER', 'SETSLOT', '7000', 'IMPORTING', ids[2] as string)
    await cluster.call(2, 'CLUSTER', 'SETSLOT', '7000', 'MIGRATING', ids[0] as string)
    // One of two names is here and the other is not: the server answers TRYAGAIN to every command with both.
    const body = { database: 0, key: b64(`{${key}}a`), expected: { type: 'string' }, to: b64(`{${key}}b`) }
    const answer = await operator.post(`${root}/keys/edit/rename`, body)
    expect(answer.status, answer.text).toBe(502)
    expect((answer.json as ApiError).message).toContain('TRYAGAIN')
    expect(String(await cluster.call(2, 'GET', `{${key}}a`))).toBe('x')
  })
})
