import type { NodeState, Problem } from '@slotscope/observer/stream'

/** What a receiver gets. Raised when a field changes its meaning. */
export const NOTICE_VERSION = 1

/** `changed`: from a warning to critical, or back. */
export type NoticeEvent = 'began' | 'changed' | 'ended'

/** The body of one POST. Times are ISO 8601. */
export type Notice = {
  readonly version: typeof NOTICE_VERSION
  readonly event: NoticeEvent
  readonly at: string
  readonly cluster: { readonly id: string; readonly name: string }
  readonly problem: {
    /** The same while the problem lasts, and when it comes back. */
    readonly id: string
    readonly severity: Problem['severity']
    readonly text: string
    readonly evidence: string
    readonly node: { readonly id: string; readonly name: string | null; readonly address: string | null } | null
    readonly since: string
    /** A command that repairs it, for a shell. */
    readonly repair: string | null
  }
  /** The cluster in the console. */
  readonly link: string
}

export function noticeOf(
  event: NoticeEvent,
  problem: Problem,
  where: { readonly cluster: Notice['cluster']; readonly node: NodeState | undefined; readonly link: string; readonly nowMs: number }
): Notice {
  const { id, severity, title, evidence, sinceMs, repair } = problem
  const node =
    problem.node === null
      ? null
      : { id: problem.node, name: where.node?.name ?? null, address: where.node ? `${where.node.host}:${where.node.port}` : null }
  return {
    version: NOTICE_VERSION,
    event,
    at: new Date(where.nowMs).toISOString(),
    cluster: where.cluster,
    problem: { id, severity, text: title, evidence, node, since: new Date(sinceMs).toISOString(), repair },
    link: where.link
  }
}
