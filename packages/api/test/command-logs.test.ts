import { ErrorReply, type Reply } from '@slotscope/observer'
import type { AuditAnswer, CommandLogAnswer, ResetLogAnswer } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { maskedArguments } from '../src/traffic/masked-arguments.ts'
import { logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'

const root = '/api/clusters/main/command-logs'
const ids = scriptedNodes.map(({ id }) => id)
const bytes = (text: string) => Buffer.from(text, 'latin1')
const entry = (id: number, atSeconds: number, ...words: string[]): Reply => [
  ...[id, atSeconds, 12_345, words.map(bytes)],
  ...[bytes('10.0.0.5:4000'), bytes('worker')]
]
const unknown = (name: string) => new ErrorReply(`ERR unknown command '${name}', with args beginning with: 'GET'`)
const text = (word: string) => Buffer.from(word, 'base64url').toString('latin1')

/** Two nodes of today, and one that has only a SLOWLOG. */
const script: Script = (command, port) => {
  const isOld = port === 7_003
  switch (command.slice(0, 2).join(' ')) {
    case 'COMMANDLOG GET':
      if (isOld) return unknown('COMMANDLOG')
      return port === 7_001 ? [entry(4, 300, 'KEYS', '*'), entry(3, 100, 'GET', '\xff\x00')] : [entry(9, 200, 'auth', 'hunter2')]
    case 'SLOWLOG GET':
      return [entry(1, 250, 'CONFIG', 'SET', 'requirepass', 'hunter2', 'maxmemory', '5')]
    case 'CONFIG GET':
      if (command[2] === 'commandlog-*')
        return isOld
          ? []
          : ['commandlog-execution-slower-than', '10000', 'commandlog-slow-execution-max-len', '128', 'commandlog-reply-larger-than', '-1']
      if (command[2] === 'slowlog-*') return ['slowlog-log-slower-than', '5', 'slowlog-max-len', '64']
      return undefined
    case 'COMMANDLOG RESET':
      return isOld ? unknown('COMMANDLOG') : 'OK'
    case 'SLOWLOG RESET':
      return 'OK'
    default:
      return undefined
  }
}

describe('logs of slow and large commands', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async (own: Script = script) => {
    scripted = await startScriptedApi({}, new ScriptedCluster(own))
    return { ...scripted, operator: await logIn(scripted.api, 'operator', 'olga') }
  }

  test('of all nodes are one, newest first; bytes stay bytes, secrets are told by nobody', async () => {
    const { operator } = await start()
    const answer = await operator.get(`${root}?kind=slow`)
    expect(answer.text).not.toContain(bytes('hunter2').toString('base64url'))
    const { entries, nodes } = answer.json as CommandLogAnswer
    expect(entries.map(({ node, id, arguments: words }) => [ids.indexOf(node), id, words.map(text).join(' ')])).toEqual([
      [0, 4, 'KEYS *'],
      [2, 1, 'CONFIG SET requirepass (redacted) maxmemory 5'],
      [1, 9, 'auth (redacted)'],
      [0, 3, 'GET \xff\x00']
    ])
    expect(entries[0]).toMatchObject({ atMs: 300_000, value: 12_345, address: '10.0.0.5:4000', clientName: 'worker' })
    expect(nodes.map(({ threshold, mostEntries, error }) => [threshold, mostEntries, error])).toEqual([
      [10_000, 128, null],
      [10_000, 128, null],
      [5, 64, null]
    ])
  })

  test('a server without such a log says so; a refusal keeps its words', async () => {
    const { operator } = await start((command, port, raw) => {
      if (command[0] === 'COMMANDLOG' && port === 7_002)
        return new ErrorReply("NOPERM User watcher has no permissions to run the 'commandlog|get' command")
      return script(command, port, raw)
    })
    const { nodes } = (await operator.get(`${root}?kind=large-reply`)).json as CommandLogAnswer
    expect(nodes.map(({ error, threshold }) => [error?.split(' ').slice(0, 5).join(' ') ?? null, threshold])).toEqual([
      [null, -1],
      ['NOPERM User watcher has no', -1],
      ['this server keeps no such', null]
    ])
    expect((await operator.get(`${root}?kind=other`)).status).toBe(400)
  })

  test('are emptied at every node, by the command that it knows, and that is audited', async () => {
    const { operator, cluster, api } = await start()
    const { results } = (await operator.post(`${root}/reset`, { kind: 'slow' })).json as ResetLogAnswer
    expect(results.map(({ error, command }) => [error, command.join(' ')])).toEqual([
      [null, 'COMMANDLOG RESET slow'],
      [null, 'COMMANDLOG RESET slow'],
      [null, 'SLOWLOG RESET']
    ])
    // Never taken for a question that was asked just now.
    await operator.post(`${root}/reset`, { kind: 'slow' })
    expect(cluster.work.filter((command) => command.join(' ') === 'COMMANDLOG RESET slow')).toHaveLength(6)
    const { lines } = (await (await logIn(api, 'admin')).get('/api/audit?verb=operate')).json as AuditAnswer
    expect(JSON.stringify(lines[0]?.intent?.detail)).toContain('["COMMANDLOG","RESET","slow"]')
    expect(lines[0]).toMatchObject({ outcome: 'done', actor: { user: 'olga' } })
  })

  test.each([
    ['AUTH app hunter2', 'AUTH (redacted) (redacted)'],
    ['hello 3 auth app hunter2 SETNAME x', 'hello 3 auth (redacted) (redacted) SETNAME x'],
    ['ACL SETUSER app >hunter2', 'ACL SETUSER (redacted) (redacted)'],
    ['ACL LIST', 'ACL LIST'],
    ['CONFIG SET maxmemory 5 masterauth hunter2', 'CONFIG SET maxmemory 5 masterauth (redacted)'],
    ['MIGRATE h 1 k 0 5 AUTH2 app hunter2 KEYS a', 'MIGRATE h 1 k 0 5 AUTH2 (redacted) (redacted) KEYS a'],
    ['SET auth hunter', 'SET auth hunter']
  ])('of %s there is left %s', (line, left) => {
    expect(
      maskedArguments(line.split(' ').map(bytes))
        .map((word) => Buffer.from(word).toString())
        .join(' ')
    ).toBe(left)
  })
})
