import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UnreachableError } from '@slotscope/observer'
import type { CoreState, ProfileRequest, ProfileTestAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { IoredisCaller, type IoredisCallerOptions } from '../src/clusters/ioredis-caller.ts'
import { NodeUnreachable } from '../src/clusters/unreachable.ts'
import { type Browser, logIn } from './support/browser.ts'
import { type Authority, type Certified, makeAuthority, selfSigned } from './support/certificates.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { frameOf } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { freePort, hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

const work = { purpose: 'work', cause: 'test' } as const

let folder: string
let authority: Authority
let other: Authority
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slotscope-tls-'))
  authority = await makeAuthority('the CA of the test')
  other = await makeAuthority('another CA')
  await writeFile(join(folder, 'ca.pem'), authority.ca)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Writes them to the folder and answers the settings of a server that uses them. */
async function settings(name: string, { cert, key }: Certified): Promise<readonly string[]> {
  await writeFile(join(folder, `${name}.pem`), cert)
  await writeFile(join(folder, `${name}.key`), key)
  const file = (end: string) => join(folder, end)
  return ['--tls-cert-file', file(`${name}.pem`), '--tls-key-file', file(`${name}.key`), '--tls-ca-cert-file', file('ca.pem')]
}

describe.skipIf(!hasValkey())(`[T19] TLS to one server, ${valkeyServer}`, () => {
  const servers: ChildProcess[] = []
  afterAll(async () => {
    await Promise.all(
      servers.map((server) => new Promise((resolve) => server.exitCode === null && server.once('exit', resolve) && server.kill('SIGKILL')))
    )
  })

  /** A server of its own with TLS; resolves with its port when it listens. */
  async function serve(name: string, certified: Certified, more: readonly string[] = ['--tls-auth-clients', 'no']): Promise<number> {
    const port = await freePort()
    const common = ['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder]
    servers.push(spawn(valkeyServer, [...common, ...(await settings(name, certified)), ...more], { stdio: 'ignore' }))
    await until('it listens', async () => (await asked(port, { tls: true })).kind !== 'refused')
    return port
  }

  /** What comes of a PING: `PONG`, or why not. */
  async function asked(
    port: number,
    options: IoredisCallerOptions,
    host = '127.0.0.1'
  ): Promise<{ readonly kind: string; readonly words: string }> {
    const caller = new IoredisCaller(options)
    try {
      const [reply] = await caller.pipeline({ host, port }, [['PING']], work)
      return { kind: 'reached', words: String(reply) }
    } catch (error) {
      expect(error).toBeInstanceOf(UnreachableError)
      return error instanceof NodeUnreachable ? { kind: error.kind, words: error.message } : { kind: 'lost', words: String(error) }
    } finally {
      caller.close()
    }
  }

  test('a certificate that the CA of the profile signed, for the address that is asked, is taken', async () => {
    const port = await serve('good', await authority.issue(['127.0.0.1', 'localhost']))
    expect(await asked(port, { tls: { ca: authority.ca } })).toEqual({ kind: 'reached', words: 'PONG' })
    expect(await asked(port, { tls: { ca: authority.ca } }, 'localhost')).toEqual({ kind: 'reached', words: 'PONG' })
  })

  test.each([
    ['of an unknown CA', () => other.issue(['127.0.0.1']), 'is signed by a CA that is not trusted'],
    ['that is self-signed', () => selfSigned(['127.0.0.1']), 'is self-signed and not trusted'],
    ['that has expired', () => authority.issue(['127.0.0.1'], { fromDays: -2, untilDays: -1 }), 'has expired'],
    ['that is not valid yet', () => authority.issue(['127.0.0.1'], { fromDays: 1, untilDays: 2 }), 'is not valid yet'],
    ['for another name', () => authority.issue(['valkey.example']), 'is for other names'],
    ['for another address', () => authority.issue(['127.0.0.2']), 'is for other names']
  ])('a certificate %s is refused, with the reason', async (name, issue, words) => {
    const port = await serve(name.replaceAll(' ', '-'), await issue())
    const answer = await asked(port, { tls: { ca: authority.ca } })
    expect(answer.kind).toBe('certificate')
    expect(answer.words).toContain(`the certificate of the server ${words}`)
    // Without a CA of the profile's own only public ones are trusted: never everybody.
    expect((await asked(port, { tls: true })).kind).toBe('certificate')
  })

  test('a self-signed one is taken where the profile names it as its CA; a name of the profile stands for every node', async () => {
    const own = await selfSigned(['valkey.example'])
    const port = await serve('own', own)
    expect(await asked(port, { tls: { ca: own.cert, servername: 'valkey.example' } })).toEqual({ kind: 'reached', words: 'PONG' })
    const wrong = await asked(port, { tls: { ca: own.cert, servername: 'other.example' } })
    expect(wrong.words).toContain('is for other names')
    expect(wrong.words).toContain('other.example')
    // The name stands for the address: one for the address itself does not do then.
    const byAddress = await serve('by-address', await authority.issue(['127.0.0.1']))
    expect((await asked(byAddress, { tls: { ca: authority.ca, servername: 'valkey.example' } })).kind).toBe('certificate')
  })

  test('a server that asks for a client certificate gets ours, and says so when it does not', async () => {
    const port = await serve('mutual', await authority.issue(['127.0.0.1']), ['--tls-auth-clients', 'yes'])
    const ours = await authority.issue(['slotscope'])
    expect(await asked(port, { tls: { ca: authority.ca, ...ours } })).toEqual({ kind: 'reached', words: 'PONG' })
    for (const tls of [{ ca: authority.ca }, { ca: authority.ca, ...(await other.issue(['slotscope'])) }]) {
      const answer = await asked(port, { tls })
      // Its alert may be overtaken by the end of the connection.
      expect(['certificate', 'lost']).toContain(answer.kind)
      expect(answer.words).toMatch(/asks? for a client certificate that it trusts/)
    }
  })

  test('nothing falls back: TLS to a plain port and plain to a TLS port are refused', async () => {
    const port = await serve('strict', await authority.issue(['127.0.0.1']), ['--tls-auth-clients', 'no', '--requirepass', 'secret word'])
    const plain = await asked(port, { password: 'secret word' })
    expect(plain).toMatchObject({ kind: 'lost' })
    expect(plain.words).toContain('it may want TLS')
    const plainPort = await freePort()
    servers.push(
      spawn(valkeyServer, ['--port', String(plainPort), '--bind', '127.0.0.1', '--save', '', '--dir', folder], { stdio: 'ignore' })
    )
    await until('it listens', async () => (await asked(plainPort, {})).kind === 'reached')
    const tls = await asked(plainPort, { tls: { ca: authority.ca }, password: 'secret word' })
    expect(tls.words).toBe('no answer to the login within 2000 ms: the server may not speak TLS at this port')
    expect(await asked(port, { tls: { ca: authority.ca }, password: 'wrong' })).toMatchObject({ kind: 'server-error' })
    expect((await asked(port, { tls: { ca: authority.ca }, password: 'wrong' })).words).toContain('WRONGPASS')
  })
})

describe.skipIf(!hasValkey()).each([
  ['ip', 'the address, and the certificate is for the name'],
  ['hostname', 'the name']
])('[T19] a real cluster with TLS and hostnames, preferred endpoint %s: %s', (endpoint) => {
  let cluster: ValkeyCluster
  let scripted: ScriptedApi
  let admin: Browser
  const nameOf = (node: number) => `valkey-${node}.example`
  beforeAll(async () => {
    const args: (readonly string[])[] = []
    for (const node of [0, 1, 2]) {
      const names = ['--cluster-announce-hostname', nameOf(node), '--cluster-preferred-endpoint-type', endpoint]
      args.push([...(await settings(`${endpoint}-${node}`, await authority.issue([nameOf(node)]))), ...names])
    }
    const ours = await authority.issue(['slotscope'])
    // Whoever sets the cluster up knows its nodes by their addresses: one of the names is theirs.
    const names = Object.fromEntries([0, 1, 2].map((node) => [nameOf(node), '127.0.0.1']))
    cluster = await startValkeyCluster({
      databases: 2,
      args: ['--tls-auth-clients', 'yes'],
      argsOf: (node) => args[node] ?? [],
      tls: { tls: { ca: authority.ca, ...ours, checkServerIdentity: () => undefined } }
    })
    scripted = await startScriptedApi({ allowLocalTargets: true })
    admin = await logIn(scripted.api, 'admin')
    const profile: ProfileRequest = {
      id: 'secured',
      name: 'Secured',
      seeds: [`${nameOf(0)}:${cluster.nodes[0]?.port}`],
      username: null,
      password: null,
      tls: { ca: authority.ca, ...ours, servername: null },
      addressMap: names,
      readOnly: false,
      background: 'light'
    }
    const answer = await admin.post('/api/profiles', profile)
    if (answer.status !== 201) throw new Error(answer.text)
  }, 60_000)
  afterAll(async () => {
    await scripted?.close()
    await cluster?.close()
  })

  test('every node is asked, and found to be who it says it is', async () => {
    const stream = await admin.stream('secured')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    let core: CoreState | undefined
    await until('three nodes answer', async () => {
      const again = await admin.stream('secured')
      again.ask({ type: 'watch', topics: ['core'], visible: true })
      const snapshot = await frameOf(again, 'snapshot')
      core = snapshot.state as CoreState
      again.close()
      const nodes = Object.values(core.nodes)
      return nodes.length === 3 && nodes.every(({ health, version }) => health === 'online' && version !== null)
    })
    stream.close()
    const hosts = Object.values(core?.nodes ?? {}).map(({ host }) => host)
    expect(hosts.sort()).toEqual(endpoint === 'ip' ? Array(3).fill('127.0.0.1') : [0, 1, 2].map(nameOf))
    expect(core?.cluster.state).toBe('ok')
  })

  test('people’s work goes to the owner of a slot over the same names', async () => {
    for (const slot of [0, 8_000, 16_383]) expect((await admin.get(`/api/clusters/secured/slots/${slot}`)).status).toBe(200)
  })

  test('a test of the connection has a row for each node', async () => {
    const answer = (await admin.post('/api/profiles/secured/test')).json as ProfileTestAnswer
    expect(answer.cluster).toMatchObject({ state: 'ok', nodes: 3, slots: 16_384 })
    expect(new Set(answer.rows.map(({ node }) => node)).size).toBe(3)
    expect(answer.rows.map(({ outcome, words }) => `${outcome} ${words}`.trim())).toEqual(answer.rows.map(() => 'reached'))
  })
})
