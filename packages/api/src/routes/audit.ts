import { type AuditAnswer, type AuditFilter, type AuditVerdict, type CsvCell, csvLine } from '@slotscope/observer/stream'
import { type Static, Type } from 'typebox'
import type { ApiContext, App } from '../context.ts'
import { verifyAudit } from '../security/audit-chain.ts'
import { type AuditRecord, allOfAudit, readAudit } from '../security/audit-reader.ts'
import { Downloads } from './downloads.ts'
import { closed } from './schemas.ts'

const LINES_OF_PAGE = 100

const word = Type.String({ minLength: 1, maxLength: 256 })
const instant = Type.String({ pattern: '^[0-9]{1,16}$' })
const filter = {
  user: Type.Optional(word),
  verb: Type.Optional(word),
  outcome: Type.Optional(Type.Enum(['intended', 'done', 'failed', 'refused'])),
  cluster: Type.Optional(word),
  text: Type.Optional(word),
  fromMs: Type.Optional(instant),
  toMs: Type.Optional(instant)
}
const asked = closed({ ...filter, before: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })) })
const exported = closed({ ...filter, format: Type.Enum(['csv', 'json']) })
const noted = closed({ noted: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })) })

/** The audit, for who may inspect it: its lines newest first, all of them as a file, and whether the chain holds. */
export function auditRoutes(app: App, context: ApiContext): void {
  const access = 'inspect' as const
  const downloads = new Downloads()

  app.get('/api/audit', { config: { access }, schema: { querystring: asked } }, async (request): Promise<AuditAnswer> => {
    const { path, kept } = context.audit
    const { before, ...rest } = request.query
    return { kept, ...(await readAudit(path, filterOf(rest), { before, most: LINES_OF_PAGE })) }
  })

  app.get('/api/audit/export', { config: { access }, schema: { querystring: exported } }, (request, reply) => {
    const { path } = context.audit
    const { format, ...rest } = request.query
    const name = `slotscope-audit-${new Date(context.now()).toISOString().slice(0, 19).replaceAll(':', '')}.${format}`
    reply
      .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}"`)
    const lines = allOfAudit(path, filterOf(rest))
    return downloads.send(request, reply, format === 'csv' ? asCsv(lines) : asJson(lines))
  })

  // The whole file is read: whoever asks the same while it is being read gets the same answer.
  const reading = new Map<string | undefined, Promise<AuditVerdict>>()
  app.get('/api/audit/verify', { config: { access }, schema: { querystring: noted } }, async (request): Promise<AuditVerdict> => {
    const { path, kept } = context.audit
    const { noted } = request.query
    const verdict = reading.get(noted) ?? verifyAudit(path, noted).finally(() => reading.delete(noted))
    reading.set(noted, verdict)
    return { ...(await verdict), kept }
  })
}

function filterOf({ fromMs, toMs, ...words }: Omit<Static<typeof asked>, 'before'>): AuditFilter {
  return {
    ...words,
    ...(fromMs === undefined ? {} : { fromMs: Number(fromMs) }),
    ...(toMs === undefined ? {} : { toMs: Number(toMs) })
  }
}

const names = 'sequence at user role peer requestId verb resource outcome intent detail before after hash'

async function* asCsv(lines: AsyncIterable<AuditRecord | string>): AsyncGenerator<string> {
  yield csvLine(names.split(' '))
  for await (const line of lines) {
    if (typeof line === 'string') {
      yield csvLine(['', '', '', '', '', '', '', 'not a line of the chain', '', '', line, '', '', ''])
      continue
    }
    const { sequence, at, actor, peer, requestId, verb, resource, outcome, intent, detail, before, after, hash } = line
    const who = [actor?.user, actor?.role]
    yield csvLine([sequence, at, ...who, peer, requestId, verb, resource, outcome, intent, cell(detail), cell(before), cell(after), hash])
  }
}

/** What has parts stands as JSON. */
function cell(value: unknown): CsvCell {
  return value === undefined || value === null || typeof value === 'string' ? value : JSON.stringify(value)
}

async function* asJson(lines: AsyncIterable<AuditRecord | string>): AsyncGenerator<string> {
  let before = '[\n'
  for await (const line of lines) {
    yield before + JSON.stringify(typeof line === 'string' ? { damaged: line } : line)
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}
