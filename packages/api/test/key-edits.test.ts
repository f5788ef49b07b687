import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ErrorReply, type Reply } from '@slotscope/observer'
import type { EditAnswer, KeyEditKind } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { ReadOnlyCaller } from '../src/clusters/read-only-caller.ts'
import { logIn } from './support/browser.ts'
import { editBodies } from './support/route-samples.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster } from './support/scripted-cluster.ts'

const b64 = (text: string) => Buffer.from(text).toString('base64url')
const root = '/api/clusters/main'
let scripted: ScriptedApi | undefined

afterEach(async () => {
  await scripted?.close()
  scripted = undefined
})

/** A server that takes transactions: what stands between MULTI and EXEC is answered by `EXEC`, command by command. */
function transactional(answer: (command: readonly string[]) => Reply | undefined): Script {
  let queued: Reply[] | undefined
  let aborted = false
  return (command) => {
    const [name] = command
    if (name === 'WATCH') return 'OK'
    if (name === 'MULTI') {
      queued = []
      aborted = false
      return 'OK'
    }
    if (name === 'EXEC') {
      const replies = queued ?? []
      queued = undefined
      return aborted ? new ErrorReply('EXECABORT Transaction discarded because of previous errors.') : replies
    }
    const reply = answer(command)
    if (queued === undefined || reply === undefined) return reply
    if (reply instanceof ErrorReply) {
      aborted = true
      return reply
    }
    queued.push(reply)
    return 'QUEUED'
  }
}

describe('an edit on a server that has deadlines of fields but no HSETEX', () => {
  test('sets the deadline again in the same transaction, and says so', async () => {
    const cluster = new ScriptedCluster(
      transactional(([name]) => {
        if (name === 'TYPE') return 'hash'
        if (name === 'HGET') return Buffer.from('before')
        if (name === 'HPEXPIRETIME') return [9_000_000_000_000]
        if (name === 'HSETEX') return new ErrorReply("ERR unknown command 'HSETEX', with args beginning with: 'k'")
        if (name === 'HSET') return 0
        if (name === 'HPEXPIREAT') return [1]
        return name === 'PEXPIRETIME' ? -1 : name === 'HLEN' ? 1 : undefined
      })
    )
    scripted = await startScriptedApi({}, cluster)
    const operator = await logIn(scripted.api, 'operator')
    const body = { database: 0, key: b64('k'), field: b64('f'), expected: b64('before'), value: b64('after') }
    const answer = await operator.post(`${root}/keys/edit/hash-set`, body)
    expect(answer.status, answer.text).toBe(200)
    const { effects, warnings } = answer.json as EditAnswer
    expect(effects.map(({ command }) => command)).toEqual([
      ['HSET', 'k', 'f', 'after'],
      ['HPEXPIREAT', 'k', '9000000000000', 'FIELDS', '1', 'f']
    ])
    expect(warnings.join()).toContain('HSETEX')
  })
})

describe('an edit that cannot be made', () => {
  test('says that nobody knows, when the node was lost with the change on its way', async () => {
    const cluster = new ScriptedCluster(
      transactional(([name]) => (name === 'TYPE' ? 'string' : name === 'GETRANGE' ? Buffer.from('before') : undefined))
    )
    const pipeline = cluster.pipeline.bind(cluster)
    cluster.pipeline = async (node, commands, options) => {
      if (commands[0]?.[0] === 'MULTI') cluster.down.add(node.port)
      return pipeline(node, commands, options)
    }
    scripted = await startScriptedApi({}, cluster)
    const operator = await logIn(scripted.api, 'operator')
    const body = { database: 0, key: b64('k'), expected: b64('before'), value: b64('after') }
    const answer = await operator.post(`${root}/keys/edit/string-set`, body)
    expect(answer.status).toBe(503)
    expect(answer.text).toContain('whether the change was made is not known')
  })

  test('[T8] sends nothing under --read-only, whoever asks', async () => {
    const cluster = new ScriptedCluster()
    const connection = new ReadOnlyCaller(cluster, 'Slotscope was started with --read-only').dedicated(
      { host: '127.0.0.1', port: 7_001 },
      'edit'
    )
    const replies = await connection.pipeline([['MULTI'], ['SET', 'k', 'v'], ['EXEC']])
    expect(replies.map((reply) => (reply as ErrorReply).code)).toEqual(['READONLY', 'READONLY', 'READONLY'])
    expect(cluster.calls).toEqual([])
    expect(await connection.pipeline([['PING']])).toEqual(['PONG'])
    connection.close()
  })
})

describe('[T13] the audit', () => {
  test('names the key and what was done, never a value, of a change and of a refused one', async () => {
    const replies: Readonly<Record<string, Reply>> = {
      TYPE: 'string',
      GETRANGE: Buffer.from('canary-now'),
      SET: 'OK',
      STRLEN: 3,
      PEXPIRETIME: -1
    }
    const cluster = new ScriptedCluster(transactional(([name = '']) => replies[name]))
    const folder = await mkdtemp(join(tmpdir(), 'slotscope-edits-'))
    const auditFile = join(folder, 'audit.jsonl')
    scripted = await startScriptedApi({ auditFile }, cluster)
    const operator = await logIn(scripted.api, 'operator', 'ann')
    const edit = (expected: string) =>
      operator.post(`${root}/keys/edit/string-set`, { database: 0, key: b64('the-key'), expected: b64(expected), value: b64('canary-new') })
    expect((await edit('canary-now')).status).toBe(200)
    const refused = await edit('canary-old')
    expect(refused.status).toBe(409)
    expect(refused.text).toContain(b64('canary-now'))
    const lines = await readFile(auditFile, 'utf8')
    await rm(folder, { recursive: true })
    expect(lines).toContain(b64('the-key'))
    expect(lines).toContain('"effects":["SET"]')
    expect(lines).toContain('CHANGED_MEANWHILE')
    expect(lines).not.toContain('canary')
    expect(lines).not.toContain(b64('canary').slice(0, 7))
  })
})

describe('[T6] bytes from people stay one argument', () => {
  const evil = Buffer.from('a\r\n*1\r\n$8\r\nFLUSHALL\r\n"; FLUSHALL; \0')
  test.each(Object.keys(editBodies) as KeyEditKind[])('edit %s', async (kind) => {
    const cluster = new ScriptedCluster()
    scripted = await startScriptedApi({}, cluster)
    const operator = await logIn(scripted.api, 'operator')
    // Every text of the body becomes the evil one, where its schema takes bytes.
    const evil64 = evil.toString('base64url')
    const body = JSON.parse(JSON.stringify(editBodies[kind]).replaceAll(`"${b64('key')}"`, `"${evil64}"`))
    const before = cluster.work.length
    await operator.post(`${root}/keys/edit/${kind}`, { ...body, database: 0, key: evil64 })
    const sent = cluster.work.slice(before)
    expect(sent.flat()).toContain(evil.toString('latin1'))
    for (const arg of sent.flat()) if (arg.includes('FLUSHALL')) expect(arg).toBe(evil.toString('latin1'))
  })
})
