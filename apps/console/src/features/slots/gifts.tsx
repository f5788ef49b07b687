import type { CoreState, NodeDeed } from '@slotscope/observer/stream'
import { lazy, Suspense, useCallback } from 'react'
import { focusMap } from './range-input.tsx'
import { useStage } from './room-context.ts'

// Seldom needed, and the rest of what is done to nodes comes with it.
const GiftPlan = lazy(() => import('../topology/gift-plan.tsx'))
const DeedCard = lazy(async () => ({ default: (await import('../topology/deed-list.tsx')).DeedCard }))

/** The plan by which slots without an owner are given to a shard, while it is on the table. */
export function GiftDraft() {
  const { gift, give } = useStage()
  const end = useCallback(() => {
    give(null)
    focusMap()
  }, [give])
  return (
    gift && (
      <Suspense fallback={null}>
        <GiftPlan slots={gift.slots} shard={gift.shard} onEnd={end} />
      </Suspense>
    )
  )
}

/** What became of it, among the migrations. */
export function GiftDeed({ deed }: { readonly deed: NodeDeed }) {
  return (
    <Suspense fallback={null}>
      <DeedCard deed={deed} />
    </Suspense>
  )
}

/** Slots that were given, or are being given, by anybody. */
export function giftsOf(deeds: CoreState['deeds']): readonly NodeDeed[] {
  return Object.values(deeds ?? {}).filter((deed) => deed.request.kind === 'add-slots' && deed.confirmedAtMs !== null)
}
