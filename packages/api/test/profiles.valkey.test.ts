import type { CoreState, ProfileRequest, ProfileTestAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser, logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { frameOf } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

/** Nobody listens there. */
const WRONG_PORT = 1

describe.skipIf(!hasValkey())(`a cluster with a node behind a wrong announced address, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let scripted: ScriptedApi
  let admin: Browser
  let ids: readonly string[]
  beforeAll(async () => {
    cluster = await startValkeyCluster({
      databases: 1,
      // The bus is where it is; clients are told another port, as behind NAT or in Docker.
      argsOf: (node) => (node === 2 ? ['--cluster-announce-port', String(WRONG_PORT)] : [])
    })
    ids = await Promise.all([0, 1, 2].map(async (node) => String(await cluster.call(node, 'CLUSTER', 'MYID'))))
    for (const node of [0, 1, 2]) {
      await cluster.call(node, 'ACL', 'SETUSER', 'narrow', 'on', '>right', '+ping', '+hello', '+client|setname', '+client|no-touch')
      await cluster.call(node, 'ACL', 'SETUSER', 'full', 'on', '>right', '~*', '+@all')
    }
    scripted = await startScriptedApi({ allowLocalTargets: true })
    admin = await logIn(scripted.api, 'admin')
  }, 60_000)
  afterAll(async () => {
    await scripted?.close()
    await cluster?.close()
  })

  const portOf = (node: number) => cluster.nodes[node]?.port ?? 0
  function profile(more: Partial<ProfileRequest> = {}): ProfileRequest {
    return {
      id: 'real',
      name: 'Real',
      seeds: [`127.0.0.1:${portOf(0)}`],
      username: null,
      password: null,
      tls: null,
      addressMap: {},
      readOnly: false,
      background: 'light',
      ...more
    }
  }
  const tested = async (more: Partial<ProfileRequest> = {}) => {
    const startedAtMs = Date.now()
    const answer = (await admin.post('/api/profiles/test', profile(more))).json as ProfileTestAnswer
    return { ...answer, elapsedMs: Date.now() - startedAtMs }
  }
  async function coreWhen(fits: (core: CoreState) => boolean): Promise<CoreState> {
    let core: CoreState | undefined
    await until('the state fits', async () => {
      const stream = await admin.stream('real')
      stream.ask({ type: 'watch', topics: ['core'], visible: true })
      core = (await frameOf(stream, 'snapshot')).state as CoreState
      stream.close()
      return fits(core)
    })
    return core as CoreState
  }

  test('the test of its profile says which node, where and why, and that a mapped address reaches it', async () => {
    const announced = `127.0.0.1:${WRONG_PORT}`
    const { rows, cluster: seen } = await tested()
    expect(seen).toMatchObject({ state: 'ok', nodes: 3, slots: 16_384 })
    expect(rows).toHaveLength(3)
    expect(rows.find(({ node }) => node === ids[2])).toMatchObject({ seed: false, address: announced, mapped: null, outcome: 'refused' })
    expect(rows.find(({ node }) => node === ids[2])?.words).toContain('ECONNREFUSED')
    expect(rows.filter(({ outcome }) => outcome === 'reached').map(({ node }) => node)).toEqual([ids[0], ids[1]])
    const mapped = await tested({ addressMap: { [announced]: `127.0.0.1:${portOf(2)}` } })
    expect(mapped.rows.find(({ node }) => node === ids[2])).toMatchObject({ mapped: `127.0.0.1:${portOf(2)}`, outcome: 'reached' })
    const confused = await tested({ addressMap: { [announced]: `127.0.0.1:${portOf(1)}` } })
    expect(confused.rows.find(({ node }) => node === ids[2])).toMatchObject({ outcome: 'other-node' })
    expect(confused.rows.find(({ node }) => node === ids[2])?.words).toContain(ids[1])
  })

  test('[P11] on screen the node is listed as unreachable, with its slots, until the address map leads to it', async () => {
    expect((await admin.post('/api/profiles', profile())).status).toBe(201)
    const without = await coreWhen(({ nodes }) => nodes[ids[2] ?? '']?.health === 'unreachable')
    expect(without.nodes[ids[2] ?? '']).toMatchObject({ port: WRONG_PORT, role: 'primary' })
    expect(without.nodes[ids[2] ?? '']?.error).toContain(`ECONNREFUSED 127.0.0.1:${WRONG_PORT}`)
    expect(without.cluster.state).toBe('ok')
    expect(Object.values(without.shards).reduce((sum, { slotCount }) => sum + slotCount, 0)).toBe(16_384)
    expect((await admin.get('/api/clusters/real/slots/16383')).status).toBe(503)
    const map = { [`127.0.0.1:${WRONG_PORT}`]: `127.0.0.1:${portOf(2)}` }
    expect((await admin.put('/api/profiles/real', profile({ addressMap: map }))).status).toBe(200)
    const mapped = await coreWhen(({ nodes }) => nodes[ids[2] ?? '']?.health === 'online')
    expect(mapped.nodes[ids[2] ?? '']).toMatchObject({ port: WRONG_PORT, error: null })
    expect((await admin.get('/api/clusters/real/slots/16383')).status).toBe(200)
  })

  test.each([
    ['a wrong password', { username: 'full', password: 'wrong' }, 'WRONGPASS invalid username-password pair or user is disabled.'],
    [
      'a user that is not there',
      { username: 'nobody', password: 'right' },
      'WRONGPASS invalid username-password pair or user is disabled.'
    ],
    [
      'a user without the right',
      { username: 'narrow', password: 'right' },
      "NOPERM User narrow has no permissions to run the 'cluster|myid' command"
    ]
  ])('%s is told at once in the words of the server', async (_, login, words) => {
    const { rows, elapsedMs } = await tested(login)
    expect(rows).toMatchObject([{ seed: true, outcome: 'server-error', words }])
    expect(elapsedMs).toBeLessThan(1_000)
  })

  test('no password where one is needed is told at once in the words of the server, by the test and on screen', async () => {
    await cluster.call(0, 'CONFIG', 'SET', 'requirepass', 'right')
    try {
      const { rows } = await tested()
      expect(rows).toMatchObject([{ outcome: 'server-error' }])
      expect(rows[0]?.words).toMatch(/^NOAUTH /)
      await admin.post('/api/profiles', profile({ id: 'locked', name: 'Locked' }))
      const stream = await admin.stream('locked')
      stream.ask({ type: 'watch', topics: ['core'], visible: true })
      await until('the stream tells the words', () => JSON.stringify(stream.frames).includes('NOAUTH'), 3_000)
      stream.close()
    } finally {
      await cluster.call(0, 'AUTH', 'right')
      await cluster.call(0, 'CONFIG', 'SET', 'requirepass', '')
    }
  })
})
