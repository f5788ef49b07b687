import { ErrorReply } from '@slotscope/observer'
import type { NodeInfoAnswer, NodeReadingsAnswer, NodeSettingsAnswer, NodeUsersAnswer, UserTestAnswer } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'

const root = '/api/clusters/main/nodes'
const [first, second] = scriptedNodes.map(({ id }) => id) as [string, string, string]

describe('what nodes say of themselves', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async (script: Script) => {
    scripted = await startScriptedApi({}, new ScriptedCluster(script))
    return { ...scripted, operator: await logIn(scripted.api, 'operator'), admin: await logIn(scripted.api, 'admin') }
  }
  const infoAs =
    (text: string): Script =>
    (command) =>
      command[0] === 'INFO' ? text : undefined

  test('figures are what the watch has read: asking for them sends nothing', async () => {
    const { cluster, api } = await start(
      infoAs(
        '# Server\r\nvalkey_version:9.1.2\r\nuptime_in_seconds:61\r\nconnected_clients:7\r\nmaxclients:100\r\nmaster_repl_offset:42\r\n'
      )
    )
    const viewer = await logIn(api, 'viewer')
    const before = cluster.work.length
    const { readings } = (await viewer.get(root)).json as NodeReadingsAnswer
    expect(readings.map(({ node }) => node).sort()).toEqual(scriptedNodes.map(({ id }) => id))
    for (const { atMs, ...reading } of readings) {
      expect(Date.now() - atMs).toBeLessThan(60_000)
      expect(reading).toMatchObject({ uptimeSeconds: 61, clients: 7, maxClients: 100, offsetBytes: 42, databases: 4 })
    }
    expect(cluster.work.length).toBe(before)
  })

  test('INFO of one node is asked there and nowhere else, and told by section', async () => {
    const { cluster, operator } = await start(infoAs('# Server\r\nrun_id:abc\r\n\r\n# Memory\r\nused_memory:1\r\n'))
    cluster.calls.length = 0
    const answer = (await operator.get(`${root}/${second}/info`)).json as NodeInfoAnswer
    expect(answer).toMatchObject({
      node: second,
      sections: [
        { name: 'Server', fields: [['run_id', 'abc']] },
        { name: 'Memory', fields: [['used_memory', '1']] }
      ]
    })
    const asked = cluster.calls.filter(({ options }) => options.purpose === 'work')
    expect(asked.map(({ node, commands }) => [node.port, commands])).toEqual([[7_002, [['INFO']]]])
  })

  test('what is refused, missing or no INFO is told in words', async () => {
    const { operator, cluster } = await start((command, port) => {
      if (command[0] !== 'INFO' || command.length > 1) return undefined
      return port === 7_001 ? new ErrorReply("NOPERM User watcher has no permissions to run the 'info' command") : 5
    })
    const refused = await operator.get(`${root}/${first}/info`)
    expect(refused.status).toBe(502)
    expect(refused.text).toContain("run the 'info' command")
    expect((await operator.get(`${root}/${second}/info`)).text).toContain('INFO: expected a text')
    expect((await operator.get(`${root}/${'f'.repeat(40)}/info`)).status).toBe(404)
    cluster.down.add(7_002)
    expect((await operator.get(`${root}/${second}/info`)).status).toBe(503)
  })

  test('settings are compared over all nodes; secrets are compared and told to nobody', async () => {
    const canary = 'canary-of-requirepass'
    const { operator, cluster } = await start((command, port) => {
      if (command.join(' ') !== 'CONFIG GET *') return undefined
      if (port === 7_003) return new ErrorReply("NOPERM User watcher has no permissions to run the 'config|get' command")
      return [
        ...['maxmemory', '0', 'port', String(port), 'requirepass', `${canary}-${port}`, 'masterauth', '', 'tls-key-file-pass', canary],
        ...(port === 7_001 ? ['long', 'x'.repeat(5_000), 'primaryauth', canary] : ['newer', 'yes', 'primaryauth', ''])
      ]
    })
    const before = cluster.work.length
    const answers = await Promise.all([operator.get(`${root}/settings`), operator.get(`${root}/settings`)])
    expect(cluster.work.length - before).toBe(3)
    const { nodes, settings } = answers[0].json as NodeSettingsAnswer
    expect(answers[0].text + answers[1].text).not.toContain('canary')
    expect(nodes.map(({ error }) => error?.split(' ', 1)[0] ?? null)).toEqual([null, null, 'NOPERM'])
    const of = (name: string) => settings.find((setting) => setting.name === name)
    expect(of('maxmemory')).toEqual({ name: 'maxmemory', isSecret: false, values: [{ kind: 'shown', value: '0', nodes: null }] })
    expect(of('port')?.values).toEqual([
      { kind: 'shown', value: '7001', nodes: null },
      { kind: 'shown', value: '7002', nodes: [1] }
    ])
    expect(of('requirepass')).toMatchObject({ isSecret: true, values: [{ kind: 'hidden', value: null, nodes: null }, { nodes: [1] }] })
    expect(of('tls-key-file-pass')?.values).toEqual([{ kind: 'hidden', value: null, nodes: null }])
    expect(of('masterauth')?.values).toEqual([{ kind: 'shown', value: '', nodes: null }])
    expect(of('primaryauth')?.values.map(({ kind }) => kind)).toEqual(['hidden', 'shown'])
    expect(of('newer')?.values.map(({ kind, nodes: at }) => [kind, at])).toEqual([
      ['absent', null],
      ['shown', [1]]
    ])
    expect(of('long')?.values[0]?.value).toHaveLength(2_001)
  })

  test('users are compared over all nodes, their passwords too; no hash leaves the api', async () => {
    const hashes = ['ab'.repeat(32), 'cd'.repeat(32)] as const
    const { admin, cluster } = await start((command, port) => {
      if (command.join(' ') !== 'ACL LIST') return undefined
      const app = `user app on #${port === 7_001 ? hashes[1] : hashes[0]} ~app:* -@all +get`
      return ['user default on nopass ~* &* +@all', app, ...(port === 7_003 ? ['user spare off resetchannels -@all'] : [])]
    })
    const answer = await admin.get(`${root}/users`)
    for (const hash of hashes) expect(answer.text).not.toContain(hash.slice(0, 8))
    const { users } = answer.json as NodeUsersAnswer
    expect(users.map(({ name, variants }) => [name, variants.map(({ nodes }) => nodes)])).toEqual([
      ['app', [null, [0]]],
      ['default', [null]],
      ['spare', [null, [2]]]
    ])
    expect(users[0]?.variants[0]?.user).toEqual({ isOn: true, needsNoPassword: false, passwords: 1, rules: ['~app:*', '-@all', '+get'] })
    expect(users[2]?.variants.map(({ user }) => user?.isOn ?? null)).toEqual([null, false])
    expect(cluster.work.filter(([name]) => name === 'ACL')).toEqual([
      ['ACL', 'LIST'],
      ['ACL', 'LIST'],
      ['ACL', 'LIST']
    ])
  })

  test('a user is tested at every node: allowed, or why not, or why that cannot be said', async () => {
    const { admin } = await start((command, port) => {
      if (command.slice(0, 2).join(' ') !== 'ACL DRYRUN') return undefined
      expect(command.slice(2)).toEqual(['app', 'SET', 'a b', 'v'])
      if (port === 7_001) return 'OK'
      return port === 7_002
        ? Buffer.from("User app has no permissions to run the 'set' command")
        : new ErrorReply("ERR User 'app' not found")
    })
    const answer = await admin.post(`${root}/users/test`, { user: 'app', argv: ['SET', 'a b', 'v'] })
    expect((answer.json as UserTestAnswer).results).toMatchObject([
      { allowed: true, refused: null, error: null },
      { allowed: false, refused: "User app has no permissions to run the 'set' command", error: null },
      { allowed: null, refused: null, error: "ERR User 'app' not found" }
    ])
    expect((await admin.post(`${root}/users/test`, { user: 'app', argv: [] })).status).toBe(400)
  })
})
