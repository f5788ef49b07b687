import { createContext, useCallback, useContext, useEffect, useRef } from 'react'
import { ghostWords, type Lift, liftWords } from '../../model/ghost.ts'
import { labelOf } from '../../model/migration-progress.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { followDrag } from './drag.ts'
import { useRoomNow } from './room-context.ts'

/** Where the pointer is while it carries something; the tag beside it follows without drawing the room again. */
export type TagPosition = { readonly moveTo: (x: number, y: number) => void }

export const TagContext = createContext<{ current: TagPosition | null }>({ current: null })

/** Starts following a press that may become a drag; `onClick` is called when it does not. */
export function useDrag(): (press: PointerEvent, what: Lift, onClick: () => void) => void {
  const announce = useAnnounce()
  const tag = useContext(TagContext)
  const latest = useRoomNow()
  const stop = useRef<(() => void) | null>(null)
  useEffect(() => () => stop.current?.(), [])
  return useCallback(
    (press, what, onClick) => {
      let over: string | null = null
      stop.current = followDrag(
        press,
        what,
        {
          onLift: () => {
            latest.current.dispatch({ type: 'lift', what, by: 'pointer' })
            announce(`Lifted ${liftWords(what, (shard) => labelOf(shard, latest.current.shards))}. Drop on a shard, or press Escape.`)
          },
          onMove: (x, y, shard) => {
            tag.current?.moveTo(x, y)
            if (shard === over) return
            over = shard
            latest.current.dispatch({ type: 'over', shard })
            const ghost = shard === null ? undefined : latest.current.ghosts.get(shard)
            if (ghost) announce(`Shard ${labelOf(ghost.shard, latest.current.shards)}: ${ghostWords(ghost)}`)
          },
          onDrop: (shard) => {
            // A lift that was put down meanwhile, because its slots changed owner or the stream was lost, drops nothing.
            if (shard !== null && latest.current.state.lift) latest.current.drop(shard)
            else latest.current.dispatch({ type: 'put-down' })
          },
          onCancel: () => {
            latest.current.dispatch({ type: 'put-down' })
            announce('Put down. Nothing was sent.')
          }
        },
        onClick
      )
    },
    [announce, tag, latest]
  )
}
