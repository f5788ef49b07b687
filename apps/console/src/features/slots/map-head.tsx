import { countSlots, formatRanges } from '@slotscope/observer/stream'
import { Grip, X } from 'lucide-react'
import { memo, useState } from 'react'
import { formatCompact, plural } from '../../model/format.ts'
import { sumSlots } from '../../model/slot-sums.ts'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { RangeInput } from './range-input.tsx'
import { type MapFigure, useHand, useRoom, useStage } from './room-context.ts'
import styles from './slot-map.module.css'
import { useDrag } from './use-drag.ts'

/** What the map is coloured by, and what is selected, with a grip that lifts it. */
export function MapHead() {
  const { state } = useHand()
  return (
    <div className={styles.head}>
      <FigureChoice />
      {state.typing ? <RangeInput /> : <SelectionSummary />}
    </div>
  )
}

const FigureChoice = memo(function FigureChoice() {
  const { figure, setFigure } = useStage()
  const stats = useCore((core) => core.cluster.slotStatsEnabled)
  const off = stats !== true
  return (
    <Segmented<MapFigure>
      label="Colour the map by"
      value={figure}
      onChange={setFigure}
      segments={[
        { value: 'owner', label: 'Owner' },
        { value: 'keys', label: 'Keys' },
        { value: 'cpu', label: 'CPU', off },
        { value: 'bytes-in', label: 'Bytes in', off },
        { value: 'bytes-out', label: 'Bytes out', off }
      ]}
    />
  )
})

function SelectionSummary() {
  const { state, dispatch, sums } = useRoom()
  const startDrag = useDrag()
  const [pressed, setPressed] = useState(false)
  const { selection } = state
  if (selection.length === 0)
    return (
      <button type="button" className={styles.typeRanges} onClick={() => dispatch({ type: 'type-ranges', open: true })}>
        <span className={styles.byMouse}>Drag over slots, or type ranges</span>
        <span className={styles.byFinger}>Hold, then drag over slots, or type ranges</span> <Kbd>G</Kbd>
      </button>
    )
  const count = countSlots(selection)
  const keys = sums ? sumSlots(sums, selection) : null
  return (
    <div className={styles.summary}>
      <span className={styles.summaryWords} title={formatRanges(selection, 40)}>
        <b>{formatRanges(selection, 2)}</b>
        {keys !== null && <span className={styles.summaryKeys}> · {formatCompact(keys)} keys</span>}
      </span>
      <Button
        size="small"
        className={styles.grip}
        data-pressed={pressed || undefined}
        aria-label={`Move ${plural(count, 'slot')}`}
        title="Drag onto a shard, or press M"
        onPointerDown={(event) => {
          if (event.button !== 0 || event.pointerType === 'touch') return
          setPressed(true)
          addEventListener('pointerup', () => setPressed(false), { once: true })
          startDrag(event.nativeEvent, { kind: 'exact', slots: selection }, () => undefined)
        }}
        onClick={() => dispatch({ type: 'open-tray' })}
      >
        <Grip aria-hidden />
        {plural(count, 'slot')}
      </Button>
      <Button
        size="small"
        look="quiet"
        icon
        aria-label="Clear the selection"
        title="Clear the selection (Esc)"
        onClick={() => dispatch({ type: 'select', selection: [] })}
      >
        <X aria-hidden />
      </Button>
    </div>
  )
}
