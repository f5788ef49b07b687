import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditAnswer, AuditVerdict } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Browser, logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'

describe('[T16] the audit on screen', () => {
  let probe: ScriptedApi
  let scripted: ScriptedApi
  let admin: Browser
  let auditFile: string
  beforeEach(async () => {
    probe = await startScriptedApi()
    auditFile = join(probe.folder, 'audit.jsonl')
    scripted = await startScriptedApi({ auditFile })
    admin = await logIn(scripted.api, 'admin')
  })
  afterEach(async () => {
    await scripted?.close()
    await probe?.close()
  })
  const ask = async (query = '') => (await admin.get(`/api/audit${query}`)).json as AuditAnswer
  const verify = async (query = '') => (await admin.get(`/api/audit/verify${query}`)).json as AuditVerdict

  test('says what was done, with what was intended, to whoever may inspect it', async () => {
    const operator = await logIn(scripted.api, 'operator')
    await operator.post('/api/clusters/main/probe', { on: true })
    await operator.post('/api/clusters/main/commands', { target: { kind: 'primaries' }, database: 0, argv: ['SET', 'a', 'canary value'] })
    expect((await operator.get('/api/audit')).status).toBe(403)
    const { kept, lines } = await ask('?cluster=main')
    expect(kept).toBe(true)
    const probed = lines.find(({ verb }) => verb === 'probe')
    expect(probed).toMatchObject({ actor: { role: 'operator' }, resource: 'cluster main', intent: { detail: { on: true } } })
    expect((probed?.intent?.sequence ?? 0) + 1).toBe(probed?.sequence)
    expect(JSON.stringify(lines)).not.toContain('canary')
    expect((await ask('?outcome=failed&verb=nothing')).lines).toEqual([])
    for (const bad of ['?outcome=maybe', '?before=x', '?fromMs=-1', '?noted=1', '?user='])
      expect((await admin.get(`/api/audit${bad}`)).status, bad).toBe(400)
  })

  test('is verified with a hash that was noted before; a line that was changed is named', async () => {
    const { lastHash, lines } = await verify()
    expect(await verify(`?noted=${lastHash}`)).toMatchObject({ lines, problem: null })
    expect(await verify(`?noted=${'0'.repeat(63)}1`)).toMatchObject({ problem: { line: lines + 1 } })
    await appendFile(auditFile, '{"sequence":99}\n')
    expect(await verify()).toMatchObject({ lines, problem: { line: lines + 1, words: 'its content is not what its hash stands for' } })
    expect((await ask()).damaged).toBe(1)
  })

  test('as files: JSON holds the lines as they stand, CSV holds no formula', async () => {
    await admin.post('/api/accounts', { name: 'eve', role: 'viewer', password: 'canary correct horse' })
    await admin.get('/api/audit')
    const json = await admin.get('/api/audit/export?format=json')
    expect(json.headers['content-disposition']).toMatch(/^attachment; filename="slotscope-audit-[\dT-]+\.json"$/)
    const told = json.json as { sequence: number; hash: string }[]
    const stored = (await readFile(auditFile, 'utf8')).trimEnd().split('\n')
    expect(told).toEqual(stored.map((line) => JSON.parse(line)))
    const csv = await admin.get('/api/audit/export?format=csv&verb=manage')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    const rows = csv.text.trimEnd().split('\r\n')
    expect(rows[0]).toMatch(/^sequence,at,user,role,/)
    expect(rows).toHaveLength(3)
    expect(rows[2]).toContain('account eve,done')
    expect(csv.text + json.text).not.toContain('canary')
    expect((await admin.get('/api/audit/export?format=json&user=nobody')).text).toBe('[]\n')
  })

  test('without a file of its own it ends with the api', async () => {
    const without = await logIn(probe.api, 'admin')
    const { kept, lines } = (await without.get('/api/audit')).json as AuditAnswer
    expect(kept).toBe(false)
    expect(lines[0]).toMatchObject({ sequence: lines.length, verb: 'log-in', actor: { role: 'admin' }, outcome: 'done' })
    expect((await without.get('/api/audit/verify')).json).toMatchObject({ kept: false, lines: lines.length, problem: null })
  })
})
