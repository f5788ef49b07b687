import { ErrorReply } from '@slotscope/observer'
import type { AuditAnswer, ClientsAnswer, KillClientsAnswer } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { fairShare } from '../src/traffic/list-clients.ts'
import { logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'

const root = '/api/clusters/main/clients'
const [first, second, third] = scriptedNodes.map(({ id }) => id) as [string, string, string]
const line = (id: number, change = '') =>
  `id=${id} addr=10.0.0.${id}:4000 laddr=10.0.0.1:7001 fd=8 name=worker age=61 idle=7 flags=N capa= db=2 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=26 omem=5 tot-mem=17050 events=r cmd=client|list user=app redir=-1 resp=3 lib-name=ioredis lib-ver=5.4.0 tot-net-in=26 tot-net-out=9 tot-cmds=4 ${change}\n`

describe('clients of all nodes', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async (script: Script) => {
    scripted = await startScriptedApi({}, new ScriptedCluster(script))
    return { ...scripted, operator: await logIn(scripted.api, 'operator', 'olga') }
  }

  test('are listed with their node; who refuses or is down says why, and nothing is asked unasked', async () => {
    const { operator, cluster } = await start((command, port) => {
      if (command.join(' ') !== 'CLIENT LIST') return undefined
      if (port === 7_002) return new ErrorReply("NOPERM User watcher has no permissions to run the 'client|list' command")
      return `${line(3)}${line(4, 'name=slotscope')}${line(5, 'flags=S')}`
    })
    expect(cluster.calls.flatMap(({ commands }) => commands).filter(([name]) => name === 'CLIENT')).toEqual([])
    cluster.down.add(7_003)
    const answer = (await operator.get(root)).json as ClientsAnswer
    expect(answer.nodes.map(({ node, error }) => [node, error?.slice(0, 6) ?? null])).toEqual([
      [first, null],
      [second, 'NOPERM'],
      [third, 'connec']
    ])
    expect(answer.leftOut).toBe(0)
    expect(answer.clients.map(({ id, kind, isOurs }) => [id, kind, isOurs])).toEqual([
      [3, 'normal', false],
      [4, 'normal', true],
      [5, 'replica', false]
    ])
    expect(answer.clients[0]).toMatchObject({
      node: first,
      address: '10.0.0.3:4000',
      user: 'app',
      database: 2,
      ageSeconds: 61,
      idleSeconds: 7,
      memoryBytes: 17_050,
      library: 'ioredis',
      libraryVersion: '5.4.0',
      commands: 4
    })
  })

  test('one answer holds so many; every node keeps an equal part', async () => {
    const many = Array.from({ length: 15_000 }, (_, index) => line(index + 1)).join('')
    const { operator } = await start((command, port) =>
      command.join(' ') === 'CLIENT LIST' ? (port === 7_001 ? line(1) : many) : undefined
    )
    const { clients, leftOut } = (await operator.get(root)).json as ClientsAnswer
    expect(clients.filter(({ node }) => node === first)).toHaveLength(1)
    expect(clients.filter(({ node }) => node === third)).toHaveLength(9_999)
    expect(clients.length + leftOut).toBe(30_001)
    expect(fairShare([], 5)).toBe(Number.POSITIVE_INFINITY)
  }, 20_000)

  /** Node 1 has a worker (3), a replica (5), one of ours (6) and the connection that asks (9); node 2 refuses. */
  const killing: Script = (command, port) => {
    const [, sub, , ...ids] = command
    if (command[0] !== 'CLIENT') return undefined
    if (port === 7_002) return new ErrorReply("NOPERM User watcher has no permissions to run the 'client|kill' command")
    if (sub === 'ID') return 9
    const there: Readonly<Record<string, string>> = {
      '3': line(3),
      '5': line(5, 'flags=S'),
      '6': line(6, 'name=slotscope'),
      '9': line(9, 'name=slotscope')
    }
    if (sub === 'LIST') return ids.map((id) => there[id] ?? '').join('')
    return command[3] === '3' ? 1 : command[3] === '5' ? 1 : 0
  }
  const target = (node: string, id: number, change: object = {}) => ({ node, id, address: `10.0.0.${id}:4000`, ...change })

  test('are killed by number and address; links and our own only when they are named', async () => {
    const { operator, cluster, api } = await start(killing)
    cluster.calls.length = 0
    const typed = { typedAddress: '10.0.0.5:4000' }
    const answer = await operator.post(`${root}/kill`, {
      clients: [
        target(first, 3),
        target(first, 4),
        target(first, 5),
        target(first, 6, { typedAddress: 'slotscope' }),
        target(first, 9, { typedAddress: '10.0.0.9:4000' }),
        target(first, 3, { address: '10.0.0.77:1' }),
        target(first, 5, typed),
        target(second, 8),
        target('f'.repeat(40), 8)
      ]
    })
    const { results } = answer.json as KillClientsAnswer
    expect(results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      '3 killed',
      '4 gone',
      '5 guarded',
      '6 guarded',
      '9 failed',
      '3 other',
      '5 killed',
      '8 failed',
      '8 failed'
    ])
    expect(results[0]?.command).toEqual(['CLIENT', 'KILL', 'ID', '3', 'ADDR', '10.0.0.3:4000'])
    expect(results[2]).toMatchObject({ words: 'it is the link of a replica', command: null })
    expect(results[5]?.words).toBe('number 3 is 10.0.0.3:4000 now')
    expect(results[7]?.words).toContain('NOPERM')
    expect(results[8]?.words).toContain('no node')
    expect(cluster.work.filter(([, sub]) => sub === 'KILL').map((command) => command.slice(2).join(' '))).toEqual([
      'ID 3 ADDR 10.0.0.3:4000',
      'ID 5 ADDR 10.0.0.5:4000'
    ])

    const admin = await logIn(api, 'admin')
    const { lines } = (await admin.get('/api/audit?verb=disconnect')).json as AuditAnswer
    expect(lines[0]).toMatchObject({ outcome: 'done', actor: { user: 'olga', role: 'operator' } })
    expect(JSON.stringify(lines[0]?.intent?.detail)).toContain('["CLIENT","KILL","ID","3","ADDR","10.0.0.3:4000"]')
    expect(JSON.stringify(lines[0]?.detail)).toContain('"outcome":"guarded"')
  })

  test('after a kill the nodes are asked anew', async () => {
    const { operator, cluster } = await start((command, port) =>
      command.join(' ') === 'CLIENT LIST' ? line(3) : killing(command, port, command)
    )
    const lists = () => cluster.work.filter((command) => command.join(' ') === 'CLIENT LIST').length
    await operator.get(root)
    await operator.get(root)
    expect(lists()).toBe(3)
    await operator.post(`${root}/kill`, { clients: [target(first, 3)] })
    await operator.get(root)
    expect(lists()).toBe(6)
    expect((await operator.post(`${root}/kill`, { clients: [] })).status).toBe(400)
    expect((await operator.post(`${root}/kill`, { clients: [{ ...target(first, 3), id: 0 }] })).status).toBe(400)
  })
})
