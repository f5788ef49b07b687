import { formatRanges } from '@slotscope/observer/stream'
import { useEffect, useId, useState } from 'react'
import { formatCount } from '../../model/format.ts'
import { mostSlots, type Wish } from '../../model/plan-wish.ts'
import { takeSlots } from '../../model/selection.ts'
import { Segmented } from '../../ui/segmented.tsx'
import styles from './plan-card.module.css'
import { useStage } from './room-context.ts'

/** How many of the slots, and from which end; every change is a new plan. */
export function AmountControl({ wish }: { readonly wish: Extract<Wish, { kind: 'move' }> }) {
  const { desk } = useStage()
  const id = useId()
  const most = mostSlots(wish)
  const [typed, setTyped] = useState(String(wish.count))
  useEffect(() => setTyped(String(wish.count)), [wish.count])
  const slots = takeSlots(wish.pool, wish.count, wish.end)
  const commit = () => {
    const count = Number(typed)
    if (Number.isInteger(count) && count >= 1 && count !== wish.count) desk.amend(count, wish.end)
    else setTyped(String(wish.count))
  }
  return (
    <fieldset className={styles.amount}>
      <legend className="visually-hidden">Amount</legend>
      <Segmented
        label="Which end"
        value={wish.end}
        onChange={(end) => desk.amend(wish.count, end)}
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
        value={wish.count}
        onChange={(event) => desk.amend(Number(event.target.value), wish.end)}
      />
      <span className={styles.chosen}>{formatRanges(slots, 2)}</span>
    </fieldset>
  )
}
