import { countSlots } from '@slotscope/observer/stream'
import { X } from 'lucide-react'
import { memo } from 'react'
import { formatCompact, plural } from '../../model/format.ts'
import { sumSlots } from '../../model/slot-sums.ts'
import { Button } from '../../ui/button.tsx'
import { useRoom } from './room-context.ts'
import styles from './touch-bar.module.css'

/** On a phone nothing is dragged between panels: a fixed bar says what is selected and opens the tray. */
export const TouchBar = memo(function TouchBar() {
  const { state, dispatch, sums, desk, gift } = useRoom()
  const count = countSlots(state.selection)
  if (count === 0 || state.tray || desk.draft || gift) return null
  const keys = sums ? sumSlots(sums, state.selection) : null
  return (
    <div className={styles.bar} role="toolbar" aria-label="Selected slots">
      <span className={styles.words}>
        <b>{plural(count, 'slot')}</b>
        {keys !== null && <> · {formatCompact(keys)} keys</>}
      </span>
      <Button look="primary" onClick={() => dispatch({ type: 'open-tray' })}>
        Move…
      </Button>
      <Button icon aria-label="Clear the selection" onClick={() => dispatch({ type: 'select', selection: [] })}>
        <X aria-hidden />
      </Button>
    </div>
  )
})
