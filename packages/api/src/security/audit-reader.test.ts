import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditFilter } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Audit, type AuditEntry, openAuditFile } from './audit.ts'
import { allOfAudit, readAudit } from './audit-reader.ts'

const entry = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: { user: 'ann', role: 'operator' },
  peer: '127.0.0.1',
  requestId: 'req-1',
  verb: 'edit',
  resource: 'cluster main, database 0, key aw (base64url)',
  outcome: 'done',
  ...change
})

describe('[T16] the audit, read from its end', () => {
  let folder: string
  let path: string
  let audit: Audit
  let atMs = 0
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotscope-audit-'))
    path = join(folder, 'audit.jsonl')
    atMs = 1_000
    audit = await openAuditFile(path, () => atMs++)
  })
  afterEach(async () => {
    await audit.close()
    await rm(folder, { recursive: true, force: true })
  })
  const page = (filter: AuditFilter = {}, before?: string, most = 10) => readAudit(path, filter, { before, most })
  const sequences = async (filter: AuditFilter) => (await page(filter)).lines.map(({ sequence }) => sequence)

  test('an empty file has no lines', async () => {
    expect(await page()).toEqual({ lines: [], damaged: 0, next: null, readBackToMs: null })
  })

  test('pages go back to the first line, and nothing is twice or missing while lines are added', async () => {
    for (let index = 0; index < 25; index++) await audit.record(entry({ detail: 'x'.repeat(40_000 * (index % 3)) }))
    const first = await page()
    expect(first.lines.map(({ sequence }) => sequence)).toEqual([25, 24, 23, 22, 21, 20, 19, 18, 17, 16])
    await audit.record(entry())
    const second = await page({}, first.next ?? '')
    const third = await page({}, second.next ?? '')
    expect([...second.lines, ...third.lines].map(({ sequence }) => sequence)).toEqual(Array.from({ length: 15 }, (_, index) => 15 - index))
    expect(third).toMatchObject({ next: null, readBackToMs: 1_000, damaged: 0 })
  })

  test('a place that is no beginning of a line is refused', async () => {
    await audit.record(entry())
    await expect(page({}, '7')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(page({}, '99999999')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect((await page({}, '0')).lines).toEqual([])
  })

  test('by person, verb, outcome, cluster and time', async () => {
    await audit.record(entry())
    await audit.record(entry({ actor: { user: 'bob', role: 'admin' } }))
    await audit.record(entry({ verb: 'migrate', resource: 'cluster main-2, plan 1' }))
    await audit.record(entry({ outcome: 'failed', resource: 'cluster main' }))
    await audit.record(entry({ actor: null, verb: 'log-in', resource: 'api', outcome: 'refused' }))
    expect(await sequences({ user: 'bob' })).toEqual([2])
    expect(await sequences({ verb: 'migrate' })).toEqual([3])
    expect(await sequences({ outcome: 'failed' })).toEqual([4])
    expect(await sequences({ cluster: 'main' })).toEqual([4, 2, 1])
    expect(await sequences({ cluster: 'main', outcome: 'done', user: 'ann' })).toEqual([1])
    expect(await sequences({ fromMs: 1_001, toMs: 1_002 })).toEqual([3, 2])
    expect(await sequences({ text: 'MAIN-2' })).toEqual([3])
  })

  test('an outcome has its intent beside it, and the intent is no line of its own', async () => {
    const intent = await audit.record(entry({ outcome: 'intended', detail: { command: 'DEL' } }))
    await audit.record(entry({ verb: 'probe' }))
    await audit.record(entry({ outcome: 'failed', intent, detail: 'no answer' }))
    const lonely = await audit.record(entry({ outcome: 'intended' }))
    const { lines } = await page()
    expect(lines.map(({ sequence, outcome }) => [sequence, outcome])).toEqual([
      [lonely, 'intended'],
      [3, 'failed'],
      [2, 'done']
    ])
    expect(lines[1]?.intent).toEqual({ sequence: intent, atMs: 1_000, detail: { command: 'DEL' } })
    // What the intent says is found too.
    expect((await page({ text: '"del"' })).lines).toEqual([lines[1]])
    expect((await page({ outcome: 'failed' })).lines).toEqual([lines[1]])
    expect(await sequences({ outcome: 'intended' })).toEqual([lonely, intent])
    // At the end of a page as well: the intent is looked for beyond it.
    const short = await page({}, undefined, 2)
    expect(short.lines[1]?.intent?.sequence).toBe(intent)
    expect((await page({}, short.next ?? '')).lines.map(({ sequence }) => sequence)).toEqual([2, 1])
  })

  test('what is no line of the chain is counted and does not end the reading; a line without its end is left out', async () => {
    await audit.record(entry())
    await audit.record(entry({ detail: 'changed' }))
    await audit.record(entry())
    await writeFile(path, `${(await readFile(path, 'utf8')).replace('changed', 'forged!')}{"half`)
    const answer = await page()
    expect(answer.lines.map(({ sequence }) => sequence)).toEqual([3, 1])
    expect(answer.damaged).toBe(1)
    const all: unknown[] = []
    for await (const one of allOfAudit(path, {})) all.push(typeof one === 'string' ? one.includes('forged!') : one.sequence)
    expect(all).toEqual([1, true, 3])
  })
})
