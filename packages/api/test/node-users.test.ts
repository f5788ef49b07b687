import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ErrorReply } from '@slotscope/observer'
import type { UserChange, UserChangeAnswer, UserChangePreview } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'

const root = '/api/clusters/main/nodes/users/change'
const nodes = scriptedNodes.map(({ id }) => id)
const secret = 'a long canary of a password'
const hash = createHash('sha256').update(secret).digest('hex')

/** Users of each node as lines of ACL LIST, by port; a refusal of one node by what it says. */
function usersOf(
  lines: (port: number) => readonly string[],
  refusal: (command: readonly string[], port: number) => string | undefined = () => undefined
): Script {
  return (command, port) => {
    const refused = refusal(command, port)
    if (refused !== undefined) return new ErrorReply(refused)
    switch (command.slice(0, 2).join(' ')) {
      case 'ACL LIST':
        return lines(port)
      case 'ACL WHOAMI':
        return 'watcher'
      case 'ACL SETUSER':
      case 'ACL SAVE':
        return 'OK'
      case 'ACL DELUSER':
        return 1
      case 'CONFIG GET':
        return command.includes('aclfile') ? ['aclfile', port === 7_003 ? '' : '/etc/users.acl', 'primaryuser', 'copier'] : undefined
      default:
        return undefined
    }
  }
}

describe('users of the servers are changed', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async (script: Script, options = {}) => {
    scripted = await startScriptedApi(options, new ScriptedCluster(script))
    return { ...scripted, admin: await logIn(scripted.api, 'admin', 'ada') }
  }
  const app = (port: number) => [`user app on #${'cd'.repeat(32)} ~${port === 7_001 ? 'old' : 'app'}:* resetchannels -@all +get`]
  const wish: UserChange = { user: 'app', rules: ['on', `>${secret}`, 'resetkeys', '~app:*', '%R~log:*'], nodes }

  test('the preview has the command without secrets and what each node would have; nothing but reads is sent', async () => {
    const { cluster, admin } = await start(usersOf(app))
    cluster.calls.length = 0
    const answer = await admin.post(`${root}/preview`, wish)
    expect(answer.status, answer.text).toBe(200)
    for (const hidden of [secret, hash, 'cdcd']) expect(answer.text).not.toContain(hidden)
    const preview = answer.json as UserChangePreview
    expect(preview.command).toEqual(['ACL', 'SETUSER', 'app', 'on', '#(hidden)', 'resetkeys', '~app:*', '%R~log:*'])
    const same = { isThere: true, passwordsAdded: 1, passwordsRemoved: 0, problem: null }
    expect(preview.differences).toEqual([
      { ...same, nodes: [1, 2], removed: [], added: ['%R~log:*'] },
      { ...same, nodes: [0], removed: ['~old:*'], added: ['~app:*', '%R~log:*'] }
    ])
    expect(preview).toMatchObject({
      typedName: null,
      warnings: [],
      nodes: [{ hasAclFile: true }, { hasAclFile: true }, { hasAclFile: false }]
    })
    expect(new Set(cluster.work.map((words) => words.slice(0, 2).join(' ')))).toEqual(new Set(['ACL LIST', 'ACL WHOAMI', 'CONFIG GET']))
  })

  test('a confirmed change is sent to the chosen nodes as a hash, saved where there is a file, answered by node, and audited without secrets', async () => {
    const refusal = (command: readonly string[], port: number) =>
      command[1] === 'SETUSER' && port === 7_002 ? `ERR Error in ACL SETUSER modifier '#${hash}': no more users` : undefined
    const { cluster, admin, folder } = await start(usersOf(app, refusal), { auditFile: undefined })
    const preview = (await admin.post(`${root}/preview`, wish)).json as UserChangePreview
    const answer = await admin.post(root, { ...wish, nonce: preview.nonce, save: true })
    expect(answer.status, answer.text).toBe(200)
    const { results } = answer.json as UserChangeAnswer
    expect(results).toMatchObject([
      { node: nodes[0], error: null, saved: true, saveError: null },
      { node: nodes[1], error: "ERR Error in ACL SETUSER modifier '#(hidden)': no more users", saved: null },
      { node: nodes[2], error: null, saved: null }
    ])
    const sent = cluster.work.filter(([, word]) => word === 'SETUSER')
    expect(sent).toHaveLength(3)
    expect(sent[0]).toEqual(['ACL', 'SETUSER', 'app', 'on', `#${hash}`, 'resetkeys', '~app:*', '%R~log:*'])
    expect(cluster.work.filter(([, word]) => word === 'SAVE')).toHaveLength(1)
    // A nonce counts once.
    expect((await admin.post(root, { ...wish, nonce: preview.nonce, save: true })).json).toMatchObject({ error: 'NOT_CONFIRMED' })
    const audit = (await admin.get('/api/audit/export?format=json')).text
    expect(audit).toContain('"entitle"')
    expect(audit).toContain('#(hidden)')
    for (const hidden of [secret, hash]) expect(audit).not.toContain(hidden)
    expect(await readFile(join(folder, 'index.html'), 'utf8')).not.toContain(secret)
  })

  test('another user than the preview showed, other rules or other nodes are not what was confirmed', async () => {
    let changed = false
    const { cluster, admin } = await start(usersOf((port) => (changed && port === 7_003 ? ['user app off ~x -@all'] : app(port))))
    const previewed = async () => ((await admin.post(`${root}/preview`, wish)).json as UserChangePreview).nonce
    const refused = async (body: object) => {
      const answer = await admin.post(root, { ...wish, save: false, ...body })
      expect([answer.status, (answer.json as { error: string }).error]).toEqual([409, 'NOT_CONFIRMED'])
    }
    await refused({ nonce: await previewed(), rules: ['on'] })
    await refused({ nonce: await previewed(), nodes: [nodes[0]] })
    const nonce = await previewed()
    changed = true
    await refused({ nonce })
    expect(cluster.work.filter(([, word]) => word === 'SETUSER')).toEqual([])
  })

  test('our own user, the one of replication and default take the typed name, and say what it does', async () => {
    const lines = () => ['user default on nopass ~* &* +@all', 'user watcher on nopass ~* &* +@all', 'user copier on nopass -@all +psync']
    const { admin } = await start(usersOf(lines))
    const preview = async (change: Partial<UserChange>) =>
      (await admin.post(`${root}/preview`, { nodes, ...change })).json as UserChangePreview
    const own = await preview({ user: 'watcher', rules: ['resetpass', `>${secret}`, '-@admin'] })
    expect(own.typedName).toBe('watcher')
    expect(own.warnings.join('\n')).toMatch(/connected as this user\.[\s\S]*not among its passwords[\s\S]*names the rule/)
    expect((await preview({ user: 'watcher', rules: ['off'] })).warnings.join('\n')).toMatch(/cannot log in again once one of them ends/)
    const gone = await preview({ user: 'watcher', rules: null })
    expect(gone.command).toEqual(['ACL', 'DELUSER', 'watcher'])
    expect(gone.warnings.join('\n')).toMatch(/connections end at once/)
    expect((await preview({ user: 'copier', rules: ['-psync'] })).warnings.join('\n')).toMatch(/Replicas log in .* \(primaryuser\)/)
    const closed = await preview({ user: 'default', rules: ['off'] })
    expect(closed.warnings.join('\n')).toMatch(/Clients that do not log in are the user default/)
    expect((await admin.post(`${root}/preview`, { user: 'default', rules: null, nodes })).json).toMatchObject({ error: 'PLAN_REFUSED' })
    const body = { user: 'watcher', rules: null, nodes, save: false }
    expect((await admin.post(root, { ...body, nonce: gone.nonce })).json).toMatchObject({ error: 'NOT_CONFIRMED' })
    expect((await admin.post(root, { ...body, nonce: gone.nonce, typedName: 'watcher' })).status).toBe(200)
  })

  test('what is no rule goes no further, and no node that does not show what it has is changed', async () => {
    const refusal = (command: readonly string[], port: number) =>
      command[1] === 'LIST' && port === 7_002 ? "NOPERM User watcher has no permissions to run the 'acl|list' command" : undefined
    const { cluster, admin } = await start(usersOf(app, refusal))
    cluster.down.add(7_003)
    expect((await admin.post(`${root}/preview`, { ...wish, rules: [secret] })).json).toMatchObject({ error: 'BAD_REQUEST' })
    for (const body of [{ user: 'a b' }, { user: '' }, { nodes: [] }, { nodes: [nodes[0], nodes[0]] }, { rules: [''] }])
      expect((await admin.post(`${root}/preview`, { ...wish, ...body })).status).toBe(400)
    const preview = (await admin.post(`${root}/preview`, wish)).json as UserChangePreview
    expect(preview.nodes.map(({ error }) => error?.split(' ', 1)[0] ?? null)).toEqual([null, 'NOPERM', expect.any(String)])
    const { results } = (await admin.post(root, { ...wish, nonce: preview.nonce, save: false })).json as UserChangeAnswer
    expect(results.map(({ error }) => error === null)).toEqual([true, false, false])
    expect(cluster.calls.filter(({ commands }) => commands[0]?.[1] === 'SETUSER').map(({ node }) => node.port)).toEqual([7_001])
  })

  test('with --read-only there is no preview either', async () => {
    const { admin } = await start(usersOf(app), { readOnly: true })
    const answer = await admin.post(`${root}/preview`, wish)
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('--read-only')])
  })
})
