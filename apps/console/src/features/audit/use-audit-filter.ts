import type { AuditFilter, AuditOutcome } from '@slotscope/observer/stream'
import { useMemo } from 'react'
import { outcomeWords } from '../../model/audit-words.ts'
import { useCluster, useConnection, useNow } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { useQueryParameter } from '../../ui/query-parameter.ts'

const hour = 3_600_000
export const spans = {
  hour: { words: 'Last hour', ms: hour },
  day: { words: 'Last 24 hours', ms: 24 * hour },
  week: { words: 'Last 7 days', ms: 7 * 24 * hour }
} as const
export type Span = keyof typeof spans

/** While the past is shown, later lines are left out in steps of this: a replay must not ask anew at every tick. */
const PAST_STEP_MS = 10_000

/** What of the audit is shown, as it stands in the address. */
export type FilterState = {
  readonly filter: AuditFilter
  readonly isFiltered: boolean
  readonly user: string
  readonly setUser: (user: string | null) => void
  readonly verb: string
  readonly setVerb: (verb: string | null) => void
  readonly outcome: AuditOutcome | ''
  readonly setOutcome: (outcome: string | null) => void
  readonly span: Span | 'between' | ''
  readonly setSpan: (span: string | null) => void
  /** Of `between`, as a field for local time takes it; empty: open. */
  readonly from: string
  readonly setFrom: (from: string | null) => void
  readonly to: string
  readonly setTo: (to: string | null) => void
  readonly text: string
  readonly setText: (text: string | null) => void
  readonly everywhere: boolean
  readonly setEverywhere: (everywhere: boolean) => void
  /** Nothing after this instant is shown, because one looks back; null: it is now. */
  readonly pastMs: number | null
  /** A recording is played: the audit is the one of the Slotscope that plays it. */
  readonly isPlayed: boolean
}

export function useAuditFilter(): FilterState {
  const { id } = useCluster()
  const isPlayed = useConnection().capabilities.includes('recorded')
  const isPast = useUnchangeableReason() !== null && !isPlayed
  const now = useNow(PAST_STEP_MS)
  const [user, setUser] = useQueryParameter('user')
  const [verb, setVerb] = useQueryParameter('verb')
  const [outcomeText, setOutcome] = useQueryParameter('outcome')
  const [spanText, setSpan] = useQueryParameter('span')
  const [from, setFrom] = useQueryParameter('from')
  const [to, setTo] = useQueryParameter('to')
  const [text, setText] = useQueryParameter('find')
  const [scope, setScope] = useQueryParameter('scope')
  const outcome = outcomeText !== null && outcomeText in outcomeWords ? (outcomeText as AuditOutcome) : ''
  const span = spanText !== null && spanText in spans ? (spanText as Span) : spanText === 'between' ? 'between' : ''
  const everywhere = scope === 'all' || isPlayed
  const pastMs = isPast ? Math.ceil(now / PAST_STEP_MS) * PAST_STEP_MS : null
  // So that a span does not ask anew every second.
  const minute = Math.floor(now / 60_000) * 60_000
  const sinceMs = span in spans ? (pastMs ?? minute) - spans[span as Span].ms : null
  const filter = useMemo<AuditFilter>(() => {
    const [fromMs, toMs] = span === 'between' ? [Date.parse(from ?? ''), Date.parse(to ?? '')] : [sinceMs ?? Number.NaN, Number.NaN]
    const latestMs = Math.min(...[toMs, pastMs ?? Number.NaN].filter((one) => !Number.isNaN(one)))
    return {
      ...(user ? { user } : {}),
      ...(verb ? { verb } : {}),
      ...(outcome ? { outcome } : {}),
      ...(everywhere ? {} : { cluster: id }),
      ...(text ? { text } : {}),
      ...(Number.isFinite(fromMs) ? { fromMs } : {}),
      ...(Number.isFinite(latestMs) ? { toMs: latestMs } : {})
    }
  }, [id, user, verb, outcome, span, from, to, text, everywhere, sinceMs, pastMs])
  return {
    filter,
    isFiltered: Boolean(user || verb || outcome || span || text),
    user: user ?? '',
    setUser,
    verb: verb ?? '',
    setVerb,
    outcome,
    setOutcome,
    span,
    setSpan,
    from: from ?? '',
    setFrom,
    to: to ?? '',
    setTo,
    text: text ?? '',
    setText,
    everywhere,
    setEverywhere: (all) => setScope(all ? 'all' : null),
    pastMs,
    isPlayed
  }
}
