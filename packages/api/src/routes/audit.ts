import type { AuditVerdict } from '@slotscope/observer/stream'
import type { ApiContext, App } from '../context.ts'
import { verifyAudit } from '../security/audit-chain.ts'

/** GET /api/audit/verify : whether the chain of the audit holds, from its first line to its last. */
export function auditRoutes(app: App, context: ApiContext): void {
  // The whole file is read: whoever asks while it is being read gets the same answer.
  let reading: Promise<AuditVerdict> | undefined
  app.get('/api/audit/verify', { config: { access: 'inspect' } }, async (): Promise<AuditVerdict> => {
    const { path } = context.audit
    if (path === undefined) return { kept: false, lines: 0, lastHash: null, problem: null }
    reading ??= verifyAudit(path).finally(() => {
      reading = undefined
    })
    return reading
  })
}
