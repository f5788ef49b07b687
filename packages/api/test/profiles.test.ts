import { channel } from 'node:diagnostics_channel'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClustersAnswer, CoreState, ProfileRemovalAnswer, ProfileRequest, ProfileTestAnswer } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeptProfiles } from '../src/clusters/kept-profiles.ts'
import { type ApiOptions, OptionError } from '../src/index.ts'
import { type Browser, type HttpAnswer, logIn } from './support/browser.ts'
import { announcedId, answeringId, startFakeCluster } from './support/fake-cluster.ts'
import type { FakeNode } from './support/fake-node.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { frameOf, type StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'

const nowhere = '127.0.0.1:1'

let folder: string
let scripted: ScriptedApi
let admin: Browser
let logged: string
const nodes: FakeNode[] = []
/** Where sockets of this process were led, as `host:port`. */
const connectedTo: string[] = []
const noteSocket = (message: unknown) => {
  const { socket } = message as { socket: Socket }
  const { connect } = socket
  socket.connect = ((...args: unknown[]) => {
    const [options] = (Array.isArray(args[0]) ? args[0] : args) as [{ host?: string; port?: number }]
    connectedTo.push(`${options.host}:${options.port}`)
    return Reflect.apply(connect, socket, args)
  }) as typeof connect
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slotscope-profiles-'))
  logged = ''
  connectedTo.length = 0
  channel('net.client.socket').subscribe(noteSocket)
})
afterEach(async () => {
  channel('net.client.socket').unsubscribe(noteSocket)
  await scripted?.close()
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  await rm(folder, { recursive: true, force: true })
})

const profilesFile = () => join(folder, 'clusters.json')
const keyFile = () => join(folder, 'secrets.key')
const kept = () => ({ path: profilesFile(), key: { ownFile: keyFile() } })

async function start(options: Partial<ApiOptions> = {}): Promise<void> {
  scripted = await startScriptedApi({
    profiles: kept(),
    auditFile: join(folder, 'audit.jsonl'),
    logLevel: 'debug',
    logTo: {
      write: (line) => {
        logged += line
      }
    },
    ...options
  })
  admin = await logIn(scripted.api, 'admin')
}

async function restart(options: Partial<ApiOptions> = {}): Promise<void> {
  await scripted.close()
  await start(options)
}

async function fakeCluster(...args: Parameters<typeof startFakeCluster>): Promise<FakeNode> {
  const node = await startFakeCluster(...args)
  nodes.push(node)
  return node
}

function request(node: FakeNode | string, more: Partial<ProfileRequest> = {}): ProfileRequest {
  const seed = typeof node === 'string' ? node : `127.0.0.1:${node.port}`
  const plain: ProfileRequest = {
    id: 'prod',
    name: 'Production',
    seeds: [seed],
    username: null,
    password: null,
    tls: null,
    addressMap: {},
    readOnly: false,
    background: 'light'
  }
  return { ...plain, ...more }
}

async function coreOf(stream: StreamClient, fits: (core: CoreState) => boolean): Promise<CoreState> {
  stream.ask({ type: 'watch', topics: ['core'], visible: true })
  const snapshot = await frameOf(stream, 'snapshot', (frame) => frame.topic === 'core' && fits(frame.state as CoreState))
  return snapshot.state as CoreState
}

/** The state as a new viewer gets it, once it fits. */
async function coreWhen(browser: Browser, id: string, fits: (core: CoreState) => boolean): Promise<CoreState> {
  let core: CoreState | undefined
  await until(`the state of ${id} fits`, async () => {
    const stream = await browser.stream(id)
    core = await coreOf(stream, () => true)
    stream.close()
    return fits(core)
  })
  return core as CoreState
}

describe('clusters that are made on screen', () => {
  test('are watched at once, listed, and still there after a restart', async () => {
    const node = await fakeCluster(nowhere)
    await start({ allowLocalTargets: true })
    const answer = await admin.post('/api/profiles', request(node))
    expect(answer.status).toBe(201)
    const entry = { id: 'prod', name: 'Production', kind: 'connected', readOnly: false } as const
    const main = { id: 'main', name: 'Main', kind: 'connected', readOnly: false } as const
    expect((await admin.get('/api/clusters')).json).toEqual({ clusters: [main, entry] } satisfies ClustersAnswer)
    expect((await admin.get('/api/session')).json).toMatchObject({ clusters: [main, entry] })
    const core = await coreWhen(admin, 'prod', ({ shards }) => Object.keys(shards).length === 1)
    expect(core.nodes[answeringId]).toMatchObject({ health: 'online', port: node.port })
    await restart({ allowLocalTargets: true })
    expect((await admin.get('/api/profiles')).json).toMatchObject({
      kept: true,
      allowLocal: true,
      profiles: [
        { id: 'main', origin: 'command-line' },
        { id: 'prod', name: 'Production', origin: 'screen', seeds: [`127.0.0.1:${node.port}`], hasPassword: false, tls: null }
      ]
    })
    await coreWhen(admin, 'prod', ({ shards }) => Object.keys(shards).length === 1)
  })

  test('an announced node that cannot be reached is listed as unreachable, and is reached where the address map leads', async () => {
    const node = await fakeCluster('10.255.255.1:6379')
    const view = () =>
      `${answeringId} 127.0.0.1:${node.port}@1 master - 0 0 1 connected 0-16383\n${announcedId} 10.255.255.1:6379@1 myself,slave ${answeringId} 0 0 1 connected\n`
    const second = await fakeCluster(nowhere, ([, sub]) => (sub === 'MYID' ? announcedId : sub === 'NODES' ? view() : undefined))
    await start({ allowLocalTargets: true })
    await admin.post('/api/profiles', request(node, { addressMap: { '10.255.255.1:6379': nowhere } }))
    const core = await coreWhen(admin, 'prod', (state) => state.nodes[announcedId]?.error != null)
    expect(core.nodes[announcedId]).toMatchObject({ health: 'unreachable', host: '10.255.255.1', port: 6_379 })
    expect(core.nodes[announcedId]?.error).toContain('ECONNREFUSED')
    expect(Object.values(core.health).some(({ node: about }) => about === announcedId)).toBe(true)
    const mapped = request(node, { addressMap: { '10.255.255.1': `127.0.0.1:${second.port}` } })
    expect((await admin.put('/api/profiles/prod', mapped)).status).toBe(200)
    await coreWhen(admin, 'prod', (state) => state.nodes[announcedId]?.error === null)
  })

  test('a removal takes a nonce and the typed name, and says goodbye to those who look', async () => {
    const node = await fakeCluster(nowhere)
    await start({ allowLocalTargets: true })
    await admin.post('/api/profiles', request(node))
    const stream = await (await logIn(scripted.api, 'viewer')).stream('prod')
    await frameOf(stream, 'hello')
    const preview = async () => (await admin.post('/api/profiles/prod/removal')).json as ProfileRemovalAnswer
    expect(await preview()).toMatchObject({ id: 'prod', name: 'Production', viewers: 1, openMoves: 0 })
    const { nonce } = await preview()
    for (const body of [{ typedName: 'Production' }, { nonce: 'x', typedName: 'Production' }, { nonce, typedName: 'prod' }])
      expect((await admin.delete('/api/profiles/prod', body)).status, JSON.stringify(body)).toBe(409)
    const old = await preview()
    await admin.put('/api/profiles/prod', request(node, { name: 'Other' }))
    expect((await admin.delete('/api/profiles/prod', { nonce: old.nonce, typedName: 'Other' })).status).toBe(409)
    const again = await (await logIn(scripted.api, 'viewer')).stream('prod')
    expect((await admin.delete('/api/profiles/prod', { nonce: (await preview()).nonce, typedName: 'Other' })).status).toBe(204)
    await until('both streams are closed', () => stream.closed !== undefined && again.closed !== undefined)
    // A change is a restart to viewers; a removal is final.
    expect(stream.closed).toEqual({ code: 1001, reason: 'server-stopping' })
    expect(again.closed).toEqual({ code: 4004, reason: 'cluster-removed' })
    expect((await admin.get('/api/clusters')).json).toMatchObject({ clusters: [{ id: 'main' }] })
    await restart()
    expect((await admin.get('/api/clusters')).json).toMatchObject({ clusters: [{ id: 'main' }] })
  })

  test('what is no profile is refused in words, and nothing is made', async () => {
    await start({ allowLocalTargets: true })
    const refused: [Partial<ProfileRequest> & Record<string, unknown>, string][] = [
      [{ id: 'main' }, 'already'],
      [{ id: 'no spaces' }, ''],
      [{ seeds: [] }, ''],
      [{ seeds: ['http://x'] }, 'is no seed'],
      [{ seeds: ['127.0.0.1:99999'] }, 'is no seed'],
      [{ addressMap: { 'a b': 'x:1' } }, 'is no announced address'],
      [{ addressMap: { 'x:1': 'y:z' } }, 'is no mapped address'],
      [{ tls: { ca: 'canary no PEM', cert: null, servername: null } }, 'not usable'],
      [{ tls: { ca: null, cert: '-', key: null, servername: null } }, 'belong together'],
      [{ unknown: true }, '']
    ]
    for (const [more, words] of refused) {
      const answer = await admin.post('/api/profiles', request(nowhere, more as Partial<ProfileRequest>))
      expect(answer.status, JSON.stringify(more)).toBe(400)
      expect(answer.text).toContain(words)
      expect(answer.text).not.toContain('canary')
    }
    expect((await admin.put('/api/profiles/main', request(nowhere, { id: 'main' }))).text).toContain('comes from the command line')
    expect((await admin.post('/api/profiles/main/removal')).text).toContain('comes from the command line')
    expect((await admin.get('/api/clusters')).json).toMatchObject({ clusters: [{ id: 'main' }] })
    await expect(stat(profilesFile())).rejects.toThrow('ENOENT')
  })

  test('[T9] one that is read-only by its profile is changed by nobody', async () => {
    const node = await fakeCluster(nowhere)
    await start({ allowLocalTargets: true })
    await admin.post('/api/profiles', request(node, { readOnly: true }))
    expect((await admin.get('/api/session')).json).toMatchObject({ readOnly: false, clusters: [{ readOnly: false }, { readOnly: true }] })
    const acknowledge = (id: string) => admin.post(`/api/clusters/${id}/nodes/${answeringId}/cancel-exports`)
    expect((await acknowledge('prod')).text).toContain('read-only here, as its profile says')
    expect((await acknowledge('main')).status).not.toBe(403)
    await coreWhen(admin, 'prod', ({ shards }) => Object.keys(shards).length === 1)
    expect(node.received.filter((command) => command.includes('CANCELSLOTMIGRATIONS'))).toEqual([])
  })
})

describe('[T5] where clusters made on screen lead', () => {
  const tested = async (profile: ProfileRequest) => (await admin.post('/api/profiles/test', profile)).json as ProfileTestAnswer

  test('not to this machine unless that was allowed, neither by a test nor by a watch', async () => {
    const node = await fakeCluster(nowhere)
    await start()
    const answer = await tested(
      request(node, { seeds: [`127.0.0.1:${node.port}`, `[::ffff:127.0.0.1]:${node.port}`, '2130706433', '169.254.169.254:80'] })
    )
    expect(answer.rows.map(({ outcome }) => outcome)).toEqual(Array(4).fill('not-allowed'))
    expect(answer).toMatchObject({ cluster: null, rows: [{ words: 'not allowed: 127.0.0.1 is a loopback address' }, {}, {}, {}] })
    await admin.post('/api/profiles', request(node))
    const core = await coreWhen(admin, 'prod', ({ health }) => JSON.stringify(health).includes('not allowed'))
    expect(core.nodes).toEqual({})
    expect(connectedTo).not.toContain(`127.0.0.1:${node.port}`)
    expect(node.received).toEqual([])
  })

  test.each([
    ['169.254.169.254:80', 'metadata'],
    ['[fd00:ec2::254]:80', 'metadata'],
    ['[::ffff:169.254.169.254]:80', 'metadata'],
    ['0.0.0.0:6379', 'no address of a machine'],
    ['224.0.0.1:6379', 'multicast']
  ])('a hostile node that announces %s leads nowhere', async (announced, words) => {
    const node = await fakeCluster(announced.replace(/^\[(.*)\]/, '$1'))
    await start({ allowLocalTargets: true })
    const profile = request(node)
    const { rows } = await tested(profile)
    expect(rows[1]).toMatchObject({ node: announcedId, seed: false, outcome: 'not-allowed' })
    expect(rows[1]?.words).toContain(words)
    await admin.post('/api/profiles', profile)
    const core = await coreWhen(admin, 'prod', (state) => state.nodes[announcedId]?.error != null)
    expect(core.nodes[announcedId]).toMatchObject({ health: 'unreachable' })
    expect(core.nodes[announcedId]?.error).toContain('not allowed')
    expect(connectedTo).toContain(`127.0.0.1:${node.port}`)
    expect(connectedTo.filter((place) => !place.startsWith('127.0.0.1:'))).toEqual([])
  })

  test('an address map leads nowhere else either, and our own port is nobody’s cluster', async () => {
    const node = await fakeCluster('10.255.255.1:6379')
    await start({ allowLocalTargets: true })
    const own = `127.0.0.1:${scripted.api.port}`
    const mapped = await tested(request(node, { addressMap: { '10.255.255.1:6379': '169.254.169.254:80' } }))
    expect(mapped.rows[1]).toMatchObject({ mapped: '169.254.169.254:80', outcome: 'not-allowed' })
    const { rows } = await tested(request(own))
    expect(rows).toMatchObject([{ outcome: 'not-allowed', words: 'not allowed: 127.0.0.1 is our own address, and this is our own port' }])
  })
})

describe('[T13] passwords of clusters', () => {
  const canary = 'canary-password'
  const passwordsAt = (node: FakeNode) =>
    new Set(node.received.flatMap((command) => (command.some((word) => word.toUpperCase() === 'AUTH') ? [command.at(-1)] : [])))

  test('reach the cluster, and stand in no answer, frame, log, audit or file', async () => {
    const node = await fakeCluster(nowhere)
    await start({ allowLocalTargets: true })
    const texts: string[] = []
    const keep = (answer: HttpAnswer) => {
      texts.push(answer.text, JSON.stringify(answer.headers))
      return answer
    }
    const profile = request(node, { username: 'ann', password: canary })
    keep(await admin.post('/api/profiles/test', profile))
    keep(await admin.post('/api/profiles', profile))
    keep(await admin.post('/api/profiles', profile))
    keep(await admin.post('/api/profiles', { ...profile, id: 'x y' }))
    keep(await admin.post('/api/profiles', `{"password":"${canary}"`))
    const stream = await admin.stream('prod')
    await coreOf(stream, () => true)
    keep(await admin.put('/api/profiles/prod', { ...profile, name: 'Renamed', password: `${canary}-2` }))
    for (const path of ['/api/profiles', '/api/clusters', '/api/session', '/api/audit/verify']) keep(await admin.get(path))
    keep(await admin.post('/api/profiles/prod/test'))
    await until('the cluster was asked with it', () => passwordsAt(node).has(`${canary}-2`))
    const files = await Promise.all(['clusters.json', 'secrets.key', 'audit.jsonl'].map((name) => readFile(join(folder, name), 'utf8')))
    for (const place of [...texts, ...files, logged, JSON.stringify(stream.frames)])
      expect(place.includes('canary'), place.slice(0, 200)).toBe(false)
    expect(files[2]).toContain('"hasPassword":true')
    expect((await stat(profilesFile())).mode & 0o777).toBe(0o600)
    await restart({ allowLocalTargets: true })
    await coreWhen(admin, 'prod', ({ shards }) => Object.keys(shards).length === 1)
    expect([...passwordsAt(node)].sort()).toEqual([canary, `${canary}-2`])
    stream.close()
  })

  test('stay as they are where a change leaves them out, and do not follow to another address', async () => {
    const [node, other] = [await fakeCluster(nowhere), await fakeCluster(nowhere)]
    await start({ allowLocalTargets: true })
    const profile = request(node, { password: canary })
    const { password, ...without } = profile
    await admin.post('/api/profiles', profile)
    for (const body of [
      { ...without, seeds: [`127.0.0.1:${other.port}`] },
      { ...without, seeds: [...profile.seeds, `127.0.0.1:${other.port}`] },
      { ...without, addressMap: { '127.0.0.1:1': `127.0.0.1:${other.port}` } },
      { ...without, username: 'eve' },
      { ...without, tls: { ca: null, cert: null, servername: null } }
    ]) {
      for (const answer of [await admin.put('/api/profiles/prod', body), await admin.post('/api/profiles/test', body)]) {
        expect(answer.status, JSON.stringify(body)).toBe(400)
        expect(answer.text).toContain('type its password')
      }
    }
    expect(other.received).toEqual([])
    expect((await admin.put('/api/profiles/prod', { ...without, name: 'Renamed' })).json).toMatchObject({
      name: 'Renamed',
      hasPassword: true
    })
    expect((await admin.put('/api/profiles/prod', { ...profile, password: null })).json).toMatchObject({ hasPassword: false })
    expect(JSON.parse(await readFile(profilesFile(), 'utf8'))).toMatchObject({ keyId: null, profiles: [{ sealed: null }] })
  })

  test('without the right key the api does not start, says why, and loses nothing', async () => {
    const node = await fakeCluster(nowhere)
    await start({ allowLocalTargets: true })
    await admin.post('/api/profiles', request(node, { password: canary }))
    await scripted.close()
    const [file, key] = [await readFile(profilesFile(), 'utf8'), await readFile(keyFile(), 'utf8')]
    const opened = () => new KeptProfiles(kept())
    await rm(keyFile())
    expect(opened).toThrow(OptionError)
    expect(opened).toThrow(/secrets.key, is missing: nothing was changed/)
    await writeFile(keyFile(), `${Buffer.alloc(32, 7).toString('base64')}\n`)
    expect(opened).toThrow(/sealed with another key/)
    await writeFile(keyFile(), 'nonsense')
    expect(opened).toThrow(/does not hold a key/)
    expect(await readFile(profilesFile(), 'utf8')).toBe(file)
    expect(() => new KeptProfiles({ path: profilesFile(), key: { ownFile: keyFile(), text: key } }).all).not.toThrow()
    await writeFile(keyFile(), key)
    expect(opened().all).toMatchObject([{ id: 'prod', password: canary }])
    // Whoever can write the file but has no key cannot have the password sent elsewhere.
    await writeFile(profilesFile(), file.replace(String(node.port), '9'))
    expect(opened).toThrow(/changed by hand/)
    await writeFile(profilesFile(), file.slice(0, 40))
    expect(opened).toThrow(/cannot be read/)
  })
})
