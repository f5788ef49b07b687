import type { SlotRange } from '@slotscope/observer/stream'
import { useEffect, useRef } from 'react'
import { useNodeDesk } from './node-desk.ts'
import { NodePlanCard } from './node-plan-card.tsx'

/** The plan by which slots without an owner are given to a shard. It ends when the plan was confirmed or thrown away. */
export default function GiftPlan(props: { readonly slots: readonly SlotRange[]; readonly shard: string; readonly onEnd: () => void }) {
  const { slots, shard, onEnd } = props
  const desk = useNodeDesk({ says: false })
  const { draft } = desk
  const latest = useRef(desk)
  latest.current = desk
  useEffect(() => latest.current.ask({ kind: 'add-slots', slots, shard }), [slots, shard])
  const begun = useRef(false)
  useEffect(() => {
    if (draft) begun.current = true
    else if (begun.current) onEnd()
  }, [draft, onEnd])
  return draft && <NodePlanCard desk={desk} draft={draft} />
}
