import { countSlots } from '@slotscope/observer/stream'
import { memo, useContext, useEffect, useImperativeHandle, useRef } from 'react'
import { createPortal } from 'react-dom'
import { formatCount, formatDelta, plural } from '../../model/format.ts'
import { ghostWords, leftOutWords } from '../../model/ghost.ts'
import { labelOf } from '../../model/migration-progress.ts'
import { ShardBadge, shardStyle } from '../../ui/shard-badge.tsx'
import styles from './drag-tag.module.css'
import { useRoom } from './room-context.ts'
import { TagContext } from './use-drag.ts'

/** What is in the hand, beside the pointer; over a lane, what a drop would do there, or why it cannot. */
export const DragTag = memo(function DragTag() {
  const { state, ghosts, shards, lifted } = useRoom()
  const element = useRef<HTMLDivElement>(null)
  const tag = useContext(TagContext)
  // Its size is known beforehand: asking for it at every movement would make the browser lay out the page each time.
  const size = useRef({ width: 0, height: 0 })
  const carrying = state.lift?.by === 'pointer'
  useEffect(() => {
    if (!carrying || !element.current) return
    const observer = new ResizeObserver(([entry]) => {
      const [box] = entry?.borderBoxSize ?? []
      if (box) size.current = { width: box.inlineSize, height: box.blockSize }
    })
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [carrying])
  useImperativeHandle(tag, () => ({
    moveTo: (x, y) => {
      const box = element.current
      if (!box) return
      const { width, height } = size.current
      const left = x + 18 + width > innerWidth ? x - width - 12 : x + 18
      const top = y + 20 + height > innerHeight ? y - height - 12 : y + 20
      box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
      box.style.visibility = 'visible'
    }
  }))
  const { lift } = state
  if (lift?.by !== 'pointer') return null
  const ghost = lift.over === null ? undefined : ghosts.get(lift.over)
  const target = lift.over === null ? undefined : shards[lift.over]
  const count = lift.what.kind === 'exact' ? countSlots(lift.what.slots) : countSlots(lifted)
  return createPortal(
    <div
      ref={element}
      className={styles.tag}
      data-ghost={ghost ? (ghost.legal ? 'legal' : 'illegal') : undefined}
      style={target ? shardStyle(target.color) : undefined}
      aria-hidden="true"
    >
      <p className={styles.what}>
        <b>{count > 0 ? plural(count, 'slot') : `slots of ${lift.what.kind === 'even' ? labelOf(lift.what.source, shards) : ''}`}</b>
        {target && (
          <>
            <span>to</span>
            <ShardBadge label={target.label} color={target.color} small />
          </>
        )}
      </p>
      {ghost?.legal ? (
        <>
          <p>
            {target?.label} {formatCount(ghost.slotsBefore)} → <b>{formatCount(ghost.slotsAfter)}</b> slots
            {ghost.gives ? ', the new ones empty' : ghost.keys !== null && <>, {formatDelta(ghost.keys)} keys</>}
          </p>
          {leftOutWords(ghost) !== null && <p className={styles.note}>{leftOutWords(ghost)}</p>}
        </>
      ) : ghost ? (
        <p className={styles.note}>{ghostWords(ghost)}</p>
      ) : (
        <p className={styles.note}>drop on a shard · Esc puts it down</p>
      )}
    </div>,
    document.body
  )
})
