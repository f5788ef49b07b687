import type { ConfirmAnswer, PlanAnswer, PlanRequest, PlanState, SlotRange, StaleDetail } from '@slotscope/observer/stream'
import { countSlots, normalise } from '@slotscope/observer/stream'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiFailure, post, remove, wordsOf } from '../../api/client.ts'
import { mostSlots, requestOf, type Wish } from '../../model/plan-wish.ts'
import { hasOwnCard } from '../../model/queue-words.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'

/** The plan that this person is making: one at a time, on top of the jobs. */
export type Draft = {
  readonly wish: Wish
  readonly status: 'asking' | 'ready' | 'sending' | 'sent'
  readonly plan: PlanState | null
  readonly failure: Failure | null
}

export type Failure = {
  readonly kind: 'stale' | 'expired' | 'refused' | 'other'
  readonly words: string
  readonly differences: readonly StaleDetail[]
}

export type PlanDesk = {
  readonly draft: Draft | null
  /** Asks for a plan; an older draft is thrown away. `soon`: what is typed may go on in a moment. */
  readonly ask: (wish: Wish, soon?: 'soon') => void
  /** The same for a drop. `pool` allows for changing the amount afterwards. */
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
  const queues = useCore((core) => core.queues)
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
    async (wish: Wish, delayMs: number) => {
      const mine = ++turn.current
      clearTimeout(timer.current)
      forget(latest.current?.plan?.planId)
      setDraft({ wish, status: 'asking', plan: null, failure: null })
      if (delayMs > 0) await new Promise<void>((done) => (timer.current = setTimeout(done, delayMs)))
      if (mine !== turn.current) return
      try {
        const plan = await post<PlanAnswer>(base, requestOf(wish))
        if (mine !== turn.current) return forget(plan.planId)
        setDraft({ wish, status: 'ready', plan, failure: null })
      } catch (error) {
        if (mine === turn.current) setDraft({ wish, status: 'ready', plan: null, failure: toFailure(error) })
      }
    },
    [base, forget]
  )

  const ask = useCallback<PlanDesk['ask']>((wish, soon) => void request(wish, soon ? settleMs : 0), [request])

  const propose = useCallback<PlanDesk['propose']>(
    (wanted, pool, end = 'first') => {
      const slots = normalise(wanted.slots)
      ask({ kind: 'move', targetShard: wanted.targetShard, pool: pool ? normalise(pool) : slots, count: countSlots(slots), end })
    },
    [ask]
  )

  const amend = useCallback<PlanDesk['amend']>(
    (count, end) => {
      const wish = latest.current?.wish
      if (wish?.kind === 'move') void request({ ...wish, count: Math.min(Math.max(1, Math.round(count)), mostSlots(wish)), end }, settleMs)
    },
    [request]
  )

  const again = useCallback(() => {
    if (latest.current) ask(latest.current.wish)
  }, [ask])

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
      const { jobs } = await post<ConfirmAnswer>(`${base}/${now.plan.planId}/confirm`, {})
      if (mine !== turn.current) return
      setDraft({ ...now, status: 'sent', failure: null })
      announce(sentWords(jobs))
    } catch (error) {
      if (mine === turn.current) setDraft({ ...now, status: 'ready', failure: toFailure(error) })
    }
  }, [base, announce])

  // The card becomes the job, or the queue, in place: once the stream has one of this plan, the draft has done its work.
  const planId = draft?.status === 'sent' ? draft.plan?.planId : undefined
  const queue = planId === undefined ? undefined : queues?.[planId]
  const started =
    queue !== undefined && (hasOwnCard(queue, jobs) || queue.moves.some(({ job }) => job !== null && Object.hasOwn(jobs, job)))
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
    () => ({ draft, ask, propose, amend, again, discard, confirm: () => void confirm() }),
    [draft, ask, propose, amend, again, discard, confirm]
  )
}

function sentWords(jobs: ConfirmAnswer['jobs']): string {
  const refused = jobs.filter((job) => job.error !== null).length
  if (refused > 0) return 'A node refused the move'
  const waiting = jobs.filter((job) => job.waitsFor !== undefined).length
  if (jobs.length === 1) return waiting > 0 ? 'The move waits for its turn' : 'The move was sent'
  return waiting > 0
    ? `${jobs.length - waiting} of ${jobs.length} moves were sent, the others wait for their turn`
    : `${jobs.length} moves were sent`
}

function toFailure(error: unknown): Failure {
  if (!(error instanceof ApiFailure)) return { kind: 'other', words: wordsOf(error), differences: [] }
  if (error.code === 'PLAN_STALE')
    return { kind: 'stale', words: error.message, differences: Array.isArray(error.details) ? (error.details as StaleDetail[]) : [] }
  if (error.code === 'PLAN_EXPIRED') return { kind: 'expired', words: error.message, differences: [] }
  if (error.code === 'PLAN_REFUSED') return { kind: 'refused', words: error.message, differences: [] }
  return { kind: 'other', words: error.message, differences: [] }
}
