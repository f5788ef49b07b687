import { countSlots, formatRanges } from '@slotscope/observer/stream'
import { useEffect, useId, useState } from 'react'
import { formatCount } from '../../model/format.ts'
import { takeSlots } from '../../model/selection.ts'
import { Segmented } from '../../ui/segmented.tsx'
import styles from './plan-card.module.css'
import type { Draft } from './plan-desk.ts'
import { useRoom } from './room-context.ts'

/** How many of the slots, and from which end; every change is a new plan. */
export function AmountControl({ draft }: { readonly draft: Draft }) {
  const { desk } = useRoom()
  const id = useId()
  const most = countSlots(draft.pool)
  const [typed, setTyped] = useState(String(draft.count))
  useEffect(() => setTyped(String(draft.count)), [draft.count])
  const slots = takeSlots(draft.pool, draft.count, draft.end)
  const commit = () => {
    const count = Number(typed)
    if (Number.isInteger(count) && count >= 1 && count !== draft.count) desk.amend(count, draft.end)
    else setTyped(String(draft.count))
  }
  return (
    <fieldset className={styles.amount}>
      <legend className="visually-hidden">Amount</legend>
      <Segmented
        label="Which end"
        value={draft.end}
        onChange={(end) => desk.amend(draft.count, end)}
        segments={[
          { value: 'first', label: 'First' },
          { value: 'last', label: 'Last' }
        ]}
      />
      <label htmlFor={id} className="visually-hidden">
        Slots to move
      </label>
      <input
        id={id}
        className={styles.count}
        inputMode="numeric"
        value={typed}
        onChange={(event) => setTyped(event.target.value.replaceAll(/\D/g, ''))}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit()
        }}
      />
      <span className={styles.of}>of {formatCount(most)} slots</span>
      <input
        type="range"
        className={styles.slider}
        aria-label="Slots to move"
        min={1}
        max={most}
        value={draft.count}
        onChange={(event) => desk.amend(Number(event.target.value), draft.end)}
      />
      <span className={styles.chosen}>{formatRanges(slots, 2)}</span>
    </fieldset>
  )
}
