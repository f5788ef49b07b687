import type { NodeDeed, NodePlanAnswer, NodePlanRequest, NodeStaleDetail } from '@slotscope/observer/stream'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { ApiFailure, post, remove, wordsOf } from '../../api/client.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { useOutcomes } from './deed-outcomes.ts'

/** The plan for a node that this person is making: one at a time. */
export type NodeDraft = {
  readonly request: NodePlanRequest
  readonly status: 'asking' | 'ready' | 'sending'
  readonly plan: NodePlanAnswer | null
  readonly failure: NodeFailure | null
}

export type NodeFailure = { readonly code: string; readonly words: string; readonly differences: readonly NodeStaleDetail[] }

export type NodeDesk = {
  readonly draft: NodeDraft | null
  readonly ask: (request: NodePlanRequest) => void
  readonly again: () => void
  /** `typedName`: what was typed, where the plan asks for it. */
  readonly confirm: (typedName: string) => void
  readonly discard: () => void
}

/** `says`: what becomes of deeds is announced here; false where somebody does so already. */
export function useNodeDesk({ says = true }: { readonly says?: boolean } = {}): NodeDesk {
  const { id: cluster } = useCluster()
  const announce = useAnnounce()
  const deeds = useCore((core) => (says ? core.deeds : undefined))
  const [draft, setDraft] = useState<NodeDraft | null>(null)
  const latest = useRef<NodeDraft | null>(null)
  const turn = useRef(0)
  latest.current = draft
  const base = `/api/clusters/${encodeURIComponent(cluster)}/node-plans`

  const withdraw = useCallback(() => {
    const planId = latest.current?.plan?.planId
    // A plan that was run, has expired or is gone already needs no deleting: any answer is right.
    if (planId !== undefined) void remove(`${base}/${planId}`).catch(() => undefined)
  }, [base])

  const ask = useCallback(
    async (request: NodePlanRequest) => {
      const mine = ++turn.current
      withdraw()
      setDraft({ request, status: 'asking', plan: null, failure: null })
      try {
        const plan = await post<NodePlanAnswer>(base, request)
        if (mine === turn.current) setDraft({ request, status: 'ready', plan, failure: null })
        else void remove(`${base}/${plan.planId}`).catch(() => undefined)
      } catch (error) {
        if (mine === turn.current) setDraft({ request, status: 'ready', plan: null, failure: toFailure(error) })
      }
    },
    [base, withdraw]
  )

  const confirm = useCallback(
    async (typedName: string) => {
      const now = latest.current
      if (!now?.plan || now.status !== 'ready') return
      const mine = turn.current
      setDraft({ ...now, status: 'sending', failure: null })
      try {
        const { planId, nonce, typedName: wanted } = now.plan
        const { title } = await post<NodeDeed>(`${base}/${planId}/confirm`, wanted === null ? {} : { nonce, typedName })
        if (mine !== turn.current) return
        setDraft(null)
        announce(`Begun: ${title}`)
      } catch (error) {
        if (mine === turn.current) setDraft({ ...now, status: 'ready', failure: toFailure(error) })
      }
    },
    [base, announce]
  )

  const discard = useCallback(() => {
    turn.current += 1
    withdraw()
    setDraft(null)
  }, [withdraw])

  // Leaving the room throws the draft away, so that nobody else looks at a plan that is nobody's.
  useEffect(
    () => () => {
      turn.current += 1
      if (latest.current?.status === 'ready') withdraw()
    },
    [withdraw]
  )
  useOutcomes(deeds)

  return useMemo(
    () => ({
      draft,
      ask: (request) => void ask(request),
      again: () => void (latest.current && ask(latest.current.request)),
      confirm: (typedName) => void confirm(typedName),
      discard
    }),
    [draft, ask, confirm, discard]
  )
}

function toFailure(error: unknown): NodeFailure {
  if (!(error instanceof ApiFailure)) return { code: 'INTERNAL', words: wordsOf(error), differences: [] }
  const isStale = error.code === 'PLAN_STALE' && Array.isArray(error.details)
  return { code: error.code, words: error.message, differences: isStale ? (error.details as NodeStaleDetail[]) : [] }
}
