import type { ConfirmAnswer, PlanAnswer, PlanRequest, PlanState, SlotRange, StaleDetail } from '@slotscope/observer/stream'
import { countSlots, normalise } from '@slotscope/observer/stream'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiFailure, post, remove, wordsOf } from '../../api/client.ts'
import { takeSlots } from '../../model/selection.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'

/** The plan that this person is making: one at a time, on top of the jobs. */
export type Draft = {
  readonly targetShard: string
  /** What the amount is taken from: a selection, or the block of a lane that was pressed. */
  readonly pool: readonly SlotRange[]
  readonly count: number
  readonly end: 'first' | 'last'
  readonly status: 'asking' | 'ready' | 'sending' | 'sent'
  readonly plan: PlanState | null
  readonly failure: Failure | null
  /** What each source answered to the confirmation: the job's name, or the server's words why not. */
  readonly answers: ConfirmAnswer['jobs']
}

export type Failure = {
  readonly kind: 'stale' | 'expired' | 'refused' | 'other'
  readonly words: string
  readonly differences: readonly StaleDetail[]
}

export type PlanDesk = {
  readonly draft: Draft | null
  /** Asks for a plan; an older draft is thrown away. `pool` allows for changing the amount afterwards. */
  readonly propose: (request: PlanRequest, pool?: readonly SlotRange[], end?: 'first' | 'last') => void
  readonly amend: (count: number, end: 'first' | 'last') => void
  readonly again: () => void
  readonly confirm: () => void
  readonly discard: () => void
}

/** Changes of the amount wait this long for the next one, so that a slider asks for one plan, not for fifty. */
const settleMs = 300

export function usePlanDesk(): PlanDesk {
  const { id: cluster } = useCluster()
  const announce = useAnnounce()
  const jobs = useCore((core) => core.jobs)
  const [draft, setDraft] = useState<Draft | null>(null)
  const latest = useRef<Draft | null>(null)
  const turn = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  latest.current = draft
  const base = `/api/clusters/${encodeURIComponent(cluster)}/plans`

  const forget = useCallback(
    (planId: string | undefined) => {
      // A plan that was run, has expired or is forgotten already needs no deleting: any answer is right.
      if (planId !== undefined) void remove(`${base}/${planId}`).catch(() => undefined)
    },
    [base]
  )

  const request = useCallback(
    async (asked: Draft, delayMs: number) => {
      const mine = ++turn.current
      clearTimeout(timer.current)
      forget(latest.current?.plan?.planId)
      setDraft({ ...asked, status: 'asking', plan: null, failure: null, answers: [] })
      if (delayMs > 0) await new Promise<void>((done) => (timer.current = setTimeout(done, delayMs)))
      if (mine !== turn.current) return
      const slots = takeSlots(asked.pool, asked.count, asked.end)
      try {
        const plan = await post<PlanAnswer>(base, { slots, targetShard: asked.targetShard } satisfies PlanRequest)
        if (mine !== turn.current) return forget(plan.planId)
        setDraft({ ...asked, status: 'ready', plan, failure: null, answers: [] })
      } catch (error) {
        if (mine === turn.current) setDraft({ ...asked, status: 'ready', plan: null, failure: toFailure(error), answers: [] })
      }
    },
    [base, forget]
  )

  const propose = useCallback<PlanDesk['propose']>(
    (wanted, pool, end = 'first') => {
      const slots = normalise(wanted.slots)
      void request(
        {
          targetShard: wanted.targetShard,
          pool: pool ? normalise(pool) : slots,
          count: countSlots(slots),
          end,
          status: 'asking',
          plan: null,
          failure: null,
          answers: []
        },
        0
      )
    },
    [request]
  )

  const amend = useCallback<PlanDesk['amend']>(
    (count, end) => {
      const now = latest.current
      if (now) void request({ ...now, count: Math.min(Math.max(1, Math.round(count)), countSlots(now.pool)), end }, settleMs)
    },
    [request]
  )

  const again = useCallback(() => {
    if (latest.current) void request(latest.current, 0)
  }, [request])

  const discard = useCallback(() => {
    turn.current += 1
    clearTimeout(timer.current)
    forget(latest.current?.plan?.planId)
    setDraft(null)
  }, [forget])

  const confirm = useCallback(async () => {
    const now = latest.current
    if (!now?.plan || now.status !== 'ready') return
    const mine = turn.current
    setDraft({ ...now, status: 'sending', failure: null })
    try {
      const answer = await post<ConfirmAnswer>(`${base}/${now.plan.planId}/confirm`, {})
      if (mine !== turn.current) return
      const refused = answer.jobs.some((job) => job.error !== null)
      setDraft({ ...now, status: 'sent', failure: null, answers: answer.jobs })
      announce(refused ? 'A node refused the move' : 'The move was sent')
    } catch (error) {
      if (mine === turn.current) setDraft({ ...now, status: 'ready', failure: toFailure(error) })
    }
  }, [base, announce])

  // The card becomes the job in place: once the stream shows a job of this plan, the draft has done its work.
  const planId = draft?.plan?.planId
  const started =
    draft?.status === 'sent' &&
    draft.answers.every((answer) => answer.error === null) &&
    (Object.values(jobs).some((job) => job.planId === planId) ||
      draft.answers.some(({ name }) => name !== null && Object.hasOwn(jobs, name)))
  useEffect(() => {
    if (started) setDraft(null)
  }, [started])

  // Leaving the room throws the draft away, so that nobody else looks at a plan that is nobody's.
  useEffect(
    () => () => {
      turn.current += 1
      const now = latest.current
      if (now?.plan && now.status === 'ready') forget(now.plan.planId)
    },
    [forget]
  )

  return useMemo(
    () => ({ draft, propose, amend, again, discard, confirm: () => void confirm() }),
    [draft, propose, amend, again, discard, confirm]
  )
}

function toFailure(error: unknown): Failure {
  if (!(error instanceof ApiFailure)) return { kind: 'other', words: wordsOf(error), differences: [] }
  if (error.code === 'PLAN_STALE')
    return { kind: 'stale', words: error.message, differences: Array.isArray(error.details) ? (error.details as StaleDetail[]) : [] }
  if (error.code === 'PLAN_EXPIRED') return { kind: 'expired', words: error.message, differences: [] }
  if (error.code === 'PLAN_REFUSED') return { kind: 'refused', words: error.message, differences: [] }
  return { kind: 'other', words: error.message, differences: [] }
}
