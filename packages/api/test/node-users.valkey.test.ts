import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAclList, type Reply } from '@slotscope/observer'
import type { NodeUsersAnswer, UserChange, UserChangeAnswer, UserChangePreview } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { applyRules, describeState, newUser } from '../src/nodes/acl-rules.ts'
import { type Browser, logIn } from './support/browser.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

const root = '/api/clusters/main/nodes/users'

describe.runIf(hasValkey())(`users of a real cluster are changed, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let admin: Browser
  let folder: string
  const ids: string[] = []
  const fileOf = (node: number) => join(folder, `users-${node}.acl`)
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotscope-users-'))
    for (const node of [0, 1]) await writeFile(fileOf(node), '')
    cluster = await startValkeyCluster({ databases: 4, argsOf: (node) => (node < 2 ? ['--aclfile', fileOf(node)] : []) })
    for (const node of cluster.nodes.keys()) ids.push(String(await cluster.call(node, 'CLUSTER', 'MYID')))
    api = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }], logLevel: 'silent' })
    admin = await logIn(api, 'admin')
    await until('the cluster is known', async () => (await admin.get('/api/clusters/main/slots/16383')).status === 200)
  }, 60_000)
  afterAll(async () => {
    await api?.close()
    await cluster?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const lineOf = async (node: number, user: string) => {
    const users = parseAclList((await cluster.call(node, 'ACL', 'LIST')) as Reply)
    if ('error' in users) throw new Error(users.error)
    return users.value.find(({ name }) => name === user)
  }
  const preview = async (change: UserChange) => {
    const answer = await admin.post(`${root}/change/preview`, change)
    expect(answer.status, answer.text).toBe(200)
    return answer.json as UserChangePreview
  }
  const changed = async (change: UserChange, save = false) => {
    const { nonce, typedName } = await preview(change)
    const answer = await admin.post(`${root}/change`, { ...change, nonce, save, ...(typedName === null ? {} : { typedName }) })
    expect(answer.status, answer.text).toBe(200)
    return (answer.json as UserChangeAnswer).results
  }

  test('a user is made everywhere, changed on two nodes, saved where there is a file, and deleted', async () => {
    const made = await changed({ user: 'app', rules: ['on', '>first', '~app:*', '-@all', '+@read', '+ping', 'db=0,2'], nodes: ids }, true)
    expect(made).toMatchObject([
      { error: null, saved: true },
      { error: null, saved: true },
      { error: null, saved: null }
    ])
    expect(await readFile(fileOf(0), 'utf8')).toMatch(/^user app on #[0-9a-f]{64} ~app:\* resetchannels db=0,2 -@all \+@read \+ping$/m)
    for (const node of ids.keys()) {
      expect(String(await cluster.call(node, 'ACL', 'DRYRUN', 'app', 'GET', 'app:1'))).toBe('OK')
      expect(String(await cluster.call(node, 'ACL', 'DRYRUN', 'app', 'SET', 'app:1', 'x'))).toContain('no permissions')
    }

    const two = { user: 'app', rules: ['<first', '>second', '(%R~log:* +get)', '+set'], nodes: ids.slice(0, 2) }
    const before = await preview(two)
    expect(before.differences).toEqual([
      {
        nodes: [0, 1],
        isThere: true,
        removed: [],
        added: ['+set', '(%R~log:* -@all +get)'],
        passwordsRemoved: 1,
        passwordsAdded: 1,
        problem: null
      }
    ])
    expect((await changed(two)).map(({ error }) => error)).toEqual([null, null])
    const users = (await admin.get(root)).json as NodeUsersAnswer
    expect(users.users.find(({ name }) => name === 'app')?.variants).toMatchObject([{ nodes: null }, { nodes: [expect.any(Number)] }])

    // The third never had that password, and says so.
    const refused = await changed({ ...two, rules: ['<second'], nodes: ids })
    expect(refused.map(({ error }) => error)).toEqual([null, null, expect.stringMatching(/'!\(hidden\)'.*does not exist/)])

    expect((await changed({ user: 'app', rules: null, nodes: ids })).map(({ error }) => error)).toEqual([null, null, null])
    for (const node of ids.keys()) expect(await lineOf(node, 'app')).toBeUndefined()
  }, 60_000)

  test('default is closed at one node: our connections stay, and the preview says that we cannot come back', async () => {
    const change = { user: 'default', rules: ['resetpass', '>only now and then'], nodes: [ids[2] ?? ''] }
    const { warnings, typedName } = await preview(change)
    expect(typedName).toBe('default')
    expect(warnings.join('\n')).toMatch(/from then on they are refused\.[\s\S]*Slotscope itself is connected[\s\S]*cannot come back/)
    expect((await changed(change))[0]?.error).toBeNull()
    expect(await lineOf(2, 'default')).toMatchObject({ needsNoPassword: false, passwordHashes: [expect.any(String)] })
    expect((await changed({ ...change, rules: ['nopass'] }))[0]?.error).toBeNull()
  })

  test('what is told of rules before they are sent is what the server makes of them', async () => {
    const words = ['on', 'off', 'nopass', 'resetpass', 'allkeys', '~*', 'resetkeys', '~a:*', '%R~b:*', '%W~b:*', '%RW~c', 'allchannels']
    words.push(
      '&*',
      'resetchannels',
      '&news',
      '&x:*',
      'alldbs',
      'resetdbs',
      'db=0',
      'db=3,1',
      'allcommands',
      '+@all',
      'nocommands',
      '-@all'
    )
    words.push('+get', '-get', '+GET', '+config|get', '-config|get', '-config', '+config', '+@read', '-@read', '+@dangerous', '-@dangerous')
    words.push('+select|1', '(~x:* +get)', '(%R~y +@read -get db=2)', '(+@all &z)', 'clearselectors', 'reset', `#${'ab'.repeat(32)}`)
    words.push(`!${'ab'.repeat(32)}`, 'nonsense', '~', 'db=', '+@nonsense|x')
    let seed = 20_260_731
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    let refusals = 0
    for (let round = 0; round < 400; round++) {
      const rules = Array.from({ length: 1 + random(7) }, () => words[random(words.length)] ?? '')
      await cluster.call(0, 'ACL', 'DELUSER', 'odd')
      const reply = String(await cluster.call(0, 'ACL', 'SETUSER', 'odd', ...rules))
      const told = applyRules(newUser, rules)
      if (reply !== 'OK') {
        refusals++
        // A command or category that does not exist is for the server to know.
        if (!reply.includes('Unknown command')) expect(told, `${rules.join(' ')}: ${reply}`).toHaveProperty('problem')
        continue
      }
      if ('problem' in told) throw new Error(`${rules.join(' ')}: ${told.problem}, and the server takes it`)
      const user = await lineOf(0, 'odd')
      const parsed = applyRules(newUser, user?.rules ?? ['?'])
      if ('problem' in parsed) throw new Error(parsed.problem)
      const seen = {
        ...parsed,
        isOn: user?.isOn ?? false,
        needsNoPassword: user?.needsNoPassword ?? false,
        passwordHashes: user?.passwordHashes ?? []
      }
      expect(describeState(told), rules.join(' ')).toEqual(describeState(seen))
      expect(told.passwordHashes).toEqual(seen.passwordHashes)
    }
    expect(refusals).toBeGreaterThan(20)
    expect(refusals).toBeLessThan(300)
  }, 60_000)
})
