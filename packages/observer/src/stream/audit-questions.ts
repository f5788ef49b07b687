import type { Role } from './questions.ts'

/**
 * What is asked of the audit. It is Slotscope's own and not one cluster's: who intended what, and what came of it, in one chain of lines.
 */

/** GET /api/audit/verify?noted=. `problem` names the first line that does not fit; `lines` fit before it. `kept`: as in `AuditAnswer`. */
export type AuditVerdict = {
  readonly kept: boolean
  readonly lines: number
  readonly lastHash: string | null
  readonly problem: { readonly line: number; readonly words: string } | null
}

/** `intended` is written before the effect; `done`, `failed` or `refused` after it. */
export type AuditOutcome = 'intended' | 'done' | 'failed' | 'refused'

/**
 * What of the audit is asked for; what is absent does not matter. Query string of GET /api/audit and of GET
 * /api/audit/export?format=csv|json, whose file has every line that fits, oldest first.
 */
export type AuditFilter = {
  /** A whole name. */
  readonly user?: string
  /** What was done: a verb of the role table, `log-in`, or `mend`. */
  readonly verb?: string
  readonly outcome?: AuditOutcome
  /** Id of a cluster: only what was done to it. */
  readonly cluster?: string
  /** Anywhere in a line, upper and lower case alike. */
  readonly text?: string
  /** Milliseconds since 1970, both included. */
  readonly fromMs?: number
  readonly toMs?: number
}

/** One line. What came of an intent has the intent's line beside it, where that stands not too far away in the file. */
export type AuditLine = {
  /** Its place in the chain: 1 is the first. */
  readonly sequence: number
  readonly atMs: number
  /** Null: nobody was logged in, or Slotscope did it by itself. */
  readonly actor: { readonly user: string; readonly role: Role } | null
  /** Address of the socket; empty: there was none. */
  readonly peer: string
  readonly requestId: string
  readonly verb: string
  readonly resource: string
  readonly outcome: AuditOutcome
  readonly detail: unknown
  readonly before: unknown
  readonly after: unknown
  /** The line that intended it. Null: there is none, or this is one itself. */
  readonly intent: { readonly sequence: number; readonly atMs: number; readonly detail: unknown } | null
}

/** GET /api/audit : at most about 100 lines that fit, newest first. */
export type AuditAnswer = {
  /** False: it ends with Slotscope, which has no folder for data. */
  readonly kept: boolean
  readonly lines: readonly AuditLine[]
  /** What in the stretch that was read is no line of a chain, or not what its hash stands for: verify to see which. */
  readonly damaged: number
  /** For `before=` of the next question; null: the beginning of the file, or of the time that was asked for, was reached. */
  readonly next: string | null
  /** How far back was read, by the clock of the lines; null: nothing was read. */
  readonly readBackToMs: number | null
}
