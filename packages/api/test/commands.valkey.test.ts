import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reply } from '@slotscope/observer'
import type {
  ApiError,
  CommandAnswer,
  CommandArgument,
  CommandConfirmation,
  CommandReply,
  CommandsAnswer,
  CommandTarget
} from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { factsOf } from '../src/commands/command-facts.ts'
import { startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import { until } from './support/until.ts'
import { hasValkey, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'
import { valkeyCommands } from './support/valkey-commands.ts'
import { startWatchedValkey, type WatchedValkey } from './support/watched-valkey.ts'

const b64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64url')
const root = '/api/clusters/main'

describe.runIf(hasValkey())(`the command line on a real cluster, ${valkeyServer}`, () => {
  let watched: WatchedValkey
  let cluster: ValkeyCluster
  let viewer: Browser
  let operator: Browser
  let admin: Browser
  let folder: string
  let ids: readonly string[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotscope-commands-'))
    watched = await startWatchedValkey(
      { databases: 4, args: ['--requirepass', ''] },
      { apiOptions: { auditFile: join(folder, 'audit.jsonl') } }
    )
    cluster = watched.cluster
    ids = await Promise.all([0, 1, 2].map(async (node) => String(await cluster.call(node, 'CLUSTER', 'MYID'))))
    viewer = await watched.as('viewer')
    operator = await watched.as('operator')
    admin = await watched.as('admin')
  })
  afterAll(async () => {
    await watched?.close()
    await rm(folder, { recursive: true, force: true })
  })

  type Line = { target?: CommandTarget; database?: number; argv: CommandArgument[]; nonce?: string; typedName?: string }
  const post = (browser: Browser, { target = { kind: 'primaries' }, database = 0, ...line }: Line) =>
    browser.post(`${root}/commands`, { target, database, ...line })
  async function results(browser: Browser, line: Line): Promise<CommandAnswer['results']> {
    const answer = await post(browser, line)
    expect(answer.status, answer.text).toBe(200)
    return (answer.json as CommandAnswer).results
  }
  /** One key's owner, one reply. */
  async function reply(key: string, ...argv: CommandArgument[]): Promise<CommandReply | null | undefined> {
    const [result] = await results(admin, { target: { kind: 'key', key: b64(key) }, argv })
    expect(result?.unreachable).toBe(null)
    return result?.reply
  }

  test('replies keep the types of RESP3', async () => {
    expect(await reply('k', 'SET', 'k', { bytes: b64(Uint8Array.of(0xff, 0)) })).toEqual({ type: 'status', text: 'OK' })
    expect(await reply('k', 'GET', 'k')).toEqual({ type: 'bytes', bytes: b64(Uint8Array.of(0xff, 0)), size: 2 })
    expect(await reply('n', 'INCRBY', 'n', '9223372036854775807')).toEqual({ type: 'integer', value: '9223372036854775807' })
    await reply('z', 'ZADD', 'z', '1.5', 'a')
    expect(await reply('z', 'ZSCORE', 'z', 'a')).toEqual({ type: 'double', value: '1.5' })
    await reply('s', 'SADD', 's', 'a')
    expect(await reply('s', 'SMEMBERS', 's')).toEqual({ type: 'set', size: 1, items: [{ type: 'bytes', bytes: b64('a'), size: 1 }] })
    await reply('h', 'HSET', 'h', 'f', 'v')
    expect(await reply('h', 'hgetall', 'h')).toMatchObject({ type: 'map', size: 1, entries: [[{ bytes: b64('f') }, { bytes: b64('v') }]] })
    expect(await reply('none', 'GET', 'none')).toEqual({ type: 'null' })
    expect(await reply('k', 'LPUSH', 'k', 'x')).toMatchObject({ type: 'error', message: expect.stringContaining('WRONGTYPE') })
    expect(await reply('k', 'LOLWUT')).toMatchObject({ type: 'verbatim', format: 'txt' })
  })

  test('one line to one node, to all primaries, in any database', async () => {
    const every = await results(viewer, { argv: ['CLUSTER', 'MYID'] })
    expect(every.map(({ node, reply: one }) => [node, one])).toEqual(
      every.map(({ node }) => [node, { type: 'bytes', bytes: b64(node), size: 40 }])
    )
    expect(new Set(every.map(({ node }) => node))).toEqual(new Set(ids))
    expect(every.every(({ durationMs }) => durationMs !== null && durationMs >= 0)).toBe(true)
    const [one] = await results(viewer, { target: { kind: 'node', node: ids[2] as string }, argv: ['PING'] })
    expect(one).toMatchObject({ node: ids[2], reply: { type: 'status', text: 'PONG' } })
    await results(operator, { target: { kind: 'key', key: b64('k') }, database: 3, argv: ['SET', 'k', 'of three'] })
    expect(await results(viewer, { target: { kind: 'key', key: b64('k') }, database: 3, argv: ['STRLEN', 'k'] })).toMatchObject([
      { reply: { value: '8' } }
    ])
    expect(await results(viewer, { database: 99, argv: ['DBSIZE'] })).toMatchObject([{}, {}, {}].map(() => ({ reply: { type: 'error' } })))
    expect((await post(viewer, { target: { kind: 'node', node: 'f'.repeat(40) }, argv: ['PING'] })).status).toBe(404)
    // A node that does not own the key says where it is; it is not followed, since this node was asked.
    const other = ids.find((id) => id !== one?.node && id !== undefined) as string
    const answers = await results(viewer, { target: { kind: 'nodes' }, argv: ['GET', 'k'] })
    expect(answers.filter(({ reply: got }) => got?.type === 'error' && got.message.startsWith('MOVED'))).toHaveLength(2)
    expect(answers.some(({ node }) => node === other)).toBe(true)
  })

  test('[T15] a viewer does not read a huge value whole, and is told how to read it; others do', async () => {
    const fields = Array.from({ length: 25_000 }, (_, index) => [`f${index}`, 'v']).flat()
    const members = Array.from({ length: 15_000 }, (_, index) => `m${index}`)
    const [owned] = await results(admin, { target: { kind: 'key', key: b64('{w}') }, argv: ['CLUSTER', 'MYID'] })
    const owner = ids.indexOf(owned?.node ?? '')
    await cluster.call(owner, 'HSET', '{w}hash', ...fields)
    await cluster.call(owner, 'RPUSH', '{w}list', ...fields)
    for (const key of ['{w}1', '{w}2']) await cluster.call(owner, 'SADD', key, ...members)
    const target = { kind: 'key', key: b64('{w}hash') } as const
    const asked = (browser: Browser, ...argv: string[]) => post(browser, { target, argv })
    const refused = await asked(viewer, 'hgetall', '{w}hash')
    expect(refused.status).toBe(403)
    expect((refused.json as ApiError).message).toMatch(/^HGETALL is not sent: it would read 25,000 elements at once .*HSCAN\.$/)
    for (const argv of [
      ['LRANGE', '{w}list', '0', '-1'],
      ['LRANGE', '{w}list', '0', '30000'],
      ['SUNION', '{w}1', '{w}2']
    ])
      expect((await asked(viewer, ...argv)).status, argv.join(' ')).toBe(403)
    for (const argv of [
      ['LRANGE', '{w}list', '0', '99'],
      ['LRANGE', '{w}list', '-100', '-1'],
      ['SMEMBERS', '{w}1'],
      ['HGETALL', '{w}1'],
      ['HSCAN', '{w}hash', '0']
    ])
      expect((await asked(viewer, ...argv)).status, argv.join(' ')).toBe(200)
    for (const browser of [operator, admin]) expect((await asked(browser, 'HGETALL', '{w}hash')).status).toBe(200)
  })

  test('[T17] a reply of many megabytes is read, and only its beginning kept', async () => {
    await reply('big', 'SET', 'big', 'x'.repeat(700_000))
    for (let i = 0; i < 3; i++) await reply('big', 'APPEND', 'big', 'x'.repeat(700_000))
    const got = await reply('big', 'GET', 'big')
    expect(got).toMatchObject({ type: 'bytes', size: 2_800_000 })
    expect(Buffer.from((got as { bytes: string }).bytes, 'base64url').length).toBeLessThanOrEqual(2 * 1024 * 1024)
    const text = (await post(viewer, { argv: ['COMMAND', 'DOCS'] })).text
    expect(text.length).toBeLessThan(8_000_000)
  })

  test('[T8] what a role may not send is refused with the reason, and nothing is sent', async () => {
    const refused = async (browser: Browser, ...argv: string[]) => {
      const answer = await post(browser, { argv })
      expect(answer.status, answer.text).toBe(403)
      return (answer.json as ApiError).message
    }
    expect(await refused(viewer, 'SET', 'k', 'v')).toContain('it takes an operator')
    expect(await refused(operator, 'KEYS', '*')).toContain('SCAN')
    expect(await refused(operator, 'EVAL', 'return 1', '0')).toContain('it takes an admin')
    expect(await refused(operator, 'config', 'get', '*')).toContain('CONFIG GET is not sent')
    expect(await refused(admin, 'CONFIG', 'SET', 'dir', '/etc')).toContain('CONFIG SET dir')
    expect(await refused(admin, 'SHUTDOWN')).toContain('end the server')
    expect(await refused(admin, 'SUBSCRIBE', 'c')).toContain('keeps its connection')
    expect(await refused(admin, 'SELECT', '1')).toContain('beside the line')
    expect(await cluster.call(0, 'PING').then(String)).toBe('PONG')
    const unknown = await post(admin, { argv: ['NOSUCH', 'x'] })
    expect([unknown.status, (unknown.json as ApiError).message]).toEqual([400, 'this server knows no command "NOSUCH"'])
    expect((await post(admin, { argv: ['CLUSTER', 'NOSUCH'] })).status).toBe(400)
    expect((await post(viewer, { argv: ['GET'] })).text).toContain('GET takes 1 argument, not 0 arguments')
    expect((await post(viewer, { argv: [] })).status).toBe(400)
    expect((await post(viewer, { argv: [{ bytes: b64(Uint8Array.of(0xff)) }] })).status).toBe(400)
  })

  test('[T11] what destroys takes a nonce for exactly this, and the name of the cluster', async () => {
    await reply('k', 'SET', 'k', 'v')
    const line: Line = { argv: ['FLUSHALL'] }
    expect((await post(admin, line)).status).toBe(409)
    expect(
      (await operator.post(`${root}/commands/confirmation`, { target: { kind: 'primaries' }, database: 0, argv: ['FLUSHALL'] })).status
    ).toBe(403)
    const confirm = async (argv: string[]) =>
      (await admin.post(`${root}/commands/confirmation`, { target: { kind: 'primaries' }, database: 0, argv })).json as CommandConfirmation
    const { nonce, typedName, keys, nodes } = await confirm(['FLUSHALL'])
    expect([typedName, nodes.length]).toEqual(['Main', 3])
    expect(keys).toBeGreaterThan(3)
    expect((await post(admin, { ...line, nonce, typedName: 'main' })).status).toBe(409)
    expect((await post(admin, { argv: ['FLUSHALL', 'SYNC'], nonce, typedName })).status).toBe(409)
    const fresh = await confirm(['FLUSHALL'])
    expect((await post(await watched.as('admin'), { ...line, nonce: fresh.nonce, typedName })).status).toBe(409)
    expect((await post(admin, { ...line, target: { kind: 'nodes' }, nonce: fresh.nonce, typedName })).status).toBe(409)
    expect(await cluster.call(0, 'DBSIZE').then(Number)).toBeGreaterThan(0)
    const last = await confirm(['FLUSHALL'])
    expect(await results(admin, { ...line, nonce: last.nonce, typedName })).toMatchObject(
      [{}, {}, {}].map(() => ({ reply: { text: 'OK' } }))
    )
    expect((await post(admin, { ...line, nonce: last.nonce, typedName })).status).toBe(409)
    expect(Number(await cluster.call(0, 'DBSIZE'))).toBe(0)
    expect((await admin.post(`${root}/commands/confirmation`, { target: { kind: 'primaries' }, database: 0, argv: ['PING'] })).status).toBe(
      400
    )
  })

  test('[T13] passwords are in no reply and in no line of the audit; neither are values', async () => {
    const [set] = await results(admin, { argv: ['CONFIG', 'SET', 'primaryauth', 'canary-primaryauth'] })
    expect(set?.reply).toEqual({ type: 'status', text: 'OK' })
    const answer = await post(admin, { argv: ['CONFIG', 'GET', '*auth*', 'maxmemory'] })
    expect(answer.text).toContain(b64('maxmemory'))
    expect(answer.text).toContain('(not shown)')
    await results(admin, { argv: ['CONFIG', 'SET', 'primaryauth', ''] })
    await reply('audited-key', 'SET', 'audited-key', 'canary-value')
    await post(admin, { argv: ['AUTH', 'user', 'canary-auth'] })
    await post(admin, { argv: ['ACL', 'SETUSER', 'x', '>canary-acl'] })
    const audit = await readFile(join(folder, 'audit.jsonl'), 'utf8')
    expect(audit).toContain('"command":"SET"')
    expect(audit).toContain(b64('audited-key'))
    expect(audit).toContain('"settings":["primaryauth"]')
    expect(audit).toContain('AUTH is not sent')
    expect(audit).toContain('"outcome":"refused"')
    for (const text of [audit, answer.text]) {
      expect(text).not.toContain('canary')
      for (const shift of ['canary-', 'anary-v', 'nary-pr']) expect(text).not.toContain(b64(shift).slice(0, 8))
    }
  })

  test('what completion needs: every command with its arguments, and what this role may', async () => {
    const of = async (browser: Browser) => {
      const { commands } = (await browser.get(`${root}/commands`)).json as CommandsAnswer
      return new Map(commands.map((command) => [command.name, command]))
    }
    const [forViewer, forAdmin] = [await of(viewer), await of(admin)]
    expect(forViewer.size).toBeGreaterThan(380)
    expect(forViewer.get('GET')).toMatchObject({
      arity: 2,
      firstKey: 1,
      group: 'string',
      refusal: null,
      since: '1.0.0',
      arguments: [{ name: 'key', type: 'key' }]
    })
    expect(forViewer.get('SET')?.refusal).toContain('operator')
    expect(forAdmin.get('FLUSHALL')).toMatchObject({ refusal: null, confirm: true })
    expect(forAdmin.get('CLUSTER SHARDS')?.summary).not.toBe('')
    expect(forAdmin.has('CLUSTER')).toBe(false)
    const set = forAdmin.get('SET')?.arguments.find((argument) => argument.name === 'condition')
    expect(set).toMatchObject({ type: 'oneof', optional: true })
    expect(set?.arguments.map(({ token }) => token)).toEqual(expect.arrayContaining(['NX', 'XX']))
  })

  test('[T8] the table of roles was made from what this server says', async () => {
    const facts = factsOf((await cluster.call(0, 'COMMAND', 'INFO')) as Reply)
    const flat = (one: (typeof valkeyCommands)[number]) => [
      one.name,
      one.arity,
      [...one.flags].sort(),
      [...one.categories].sort(),
      one.keys,
      one.isContainer
    ]
    expect([...facts.values()].map(flat).sort()).toEqual(valkeyCommands.map(flat).sort())
  })

  test('[T8] under --read-only nobody has more than a viewer, and the caller sends nothing else', async () => {
    const seeds = cluster.nodes
    const readOnly = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds }], readOnly: true })
    try {
      const browser = await logIn(readOnly, 'admin')
      await until('the owners are known', async () => (await browser.get(`${root}/slots/0`)).status === 200)
      const pings = await results(browser, { argv: ['PING'] })
      expect(pings.map((one) => one.reply)).toEqual(pings.map(() => ({ type: 'status', text: 'PONG' })))
      const refused = await post(browser, { argv: ['FLUSHALL'] })
      expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('--read-only')])
      const { commands } = (await browser.get(`${root}/commands`)).json as CommandsAnswer
      expect(commands.find(({ name }) => name === 'SET')?.refusal).not.toBe(null)
    } finally {
      await readOnly.close()
    }
  })

  test('a replica answers for its keys, refuses writes, and a node that is gone is told as such', async () => {
    await reply('k', 'SET', 'k', 'v')
    const owner = (await results(viewer, { target: { kind: 'key', key: b64('k') }, argv: ['PING'] }))[0]?.node as string
    const replica = await cluster.addReplica(ids.indexOf(owner))
    const replicaId = String(await cluster.call(replica, 'CLUSTER', 'MYID'))
    await until(
      'the api knows the replica',
      async () => (await results(viewer, { target: { kind: 'nodes' }, argv: ['PING'] })).length === 4
    )
    const target: CommandTarget = { kind: 'node', node: replicaId }
    await until('it serves its keys', async () => (await results(viewer, { target, argv: ['GET', 'k'] }))[0]?.reply?.type === 'bytes')
    expect(await results(operator, { target, argv: ['SET', 'k', 'w'] })).toMatchObject([
      { reply: { message: expect.stringContaining('MOVED') } }
    ])
    cluster.signal(replica, 'SIGKILL')
    await until('it is gone', async () => (await results(viewer, { target, argv: ['PING'] }))[0]?.unreachable !== null)
    const gone = (await results(viewer, { target, argv: ['PING'] }))[0]
    expect(gone).toMatchObject({ reply: null, durationMs: null, unreachable: expect.stringMatching(/ECONNREFUSED|closed/) })
  })
})
