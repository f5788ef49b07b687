import type { ShardState, SlotRange } from '@slotscope/observer/stream'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Scale } from 'lucide-react'
import { memo, useMemo, useRef, useState } from 'react'
import { plural } from '../../model/format.ts'
import { defaultLaneScale, type LaneScale } from '../../model/lane-blocks.ts'
import { usualTolerance } from '../../model/plan-wish.ts'
import { intersect, sameRanges } from '../../model/selection.ts'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Lane, type LaneHand, type LaneProps } from './lane.tsx'
import styles from './lanes.module.css'
import { useHand, useRoom, useStage } from './room-context.ts'
import { UnassignedLane } from './unassigned-lane.tsx'

/** From this many shards on only the lanes in sight are in the page. */
const virtualFrom = 40

/** One lane per shard, in the order of their letters; a lane keeps its place while something is lifted. */
export const Lanes = memo(function Lanes() {
  const { owners, state, ghosts } = useRoom()
  const [chosen, setChosen] = useState<LaneScale | null>(null)
  const scale = chosen ?? defaultLaneScale(owners.order.length)
  const unassigned = useCore((core) => core.unassigned)
  const most = useMemo(() => owners.order.reduce((size, shard) => Math.max(size, shard.slotCount), 0), [owners])
  // Room for what may land: a ghost beyond the end of its lane would say nothing.
  const after = [...ghosts.values()].reduce((size, ghost) => Math.max(size, ghost.legal ? ghost.slotsAfter : 0), 0)
  const greatest = Math.max(most * 1.12, after)
  const mean = owners.order.length > 0 ? owners.order.reduce((sum, shard) => sum + shard.slotCount, 0) / owners.order.length : 0
  const severalReplicas = useMemo(() => owners.order.some((shard) => shard.replicas.length > 1), [owners])
  const legal = [...ghosts.values()].filter((ghost) => ghost.legal).length
  return (
    <Panel
      title="Shards"
      className={severalReplicas ? `${styles.panel} ${styles.severalReplicas}` : styles.panel}
      note={
        state.lift ? (
          legal === 0 ? (
            'no shard can take this'
          ) : (
            `${plural(legal, 'shard')} can take this`
          )
        ) : (
          <span className={styles.advice}>
            drag slots onto a lane · <Kbd>M</Kbd>
          </span>
        )
      }
      actions={
        <span className={styles.actions}>
          <Rebalance />
          <Segmented<LaneScale>
            label="Scale of the lanes"
            value={scale}
            onChange={setChosen}
            segments={[
              { value: 'position', label: 'Position' },
              { value: 'size', label: 'Size' }
            ]}
          />
        </span>
      }
    >
      {owners.order.length >= virtualFrom ? (
        <VirtualLanes shards={owners.order} scale={scale} greatest={greatest} mean={mean} />
      ) : (
        <ul className={styles.list} aria-label="Shards" data-lanes="">
          {owners.order.map((shard) => (
            <LaneUnderHand key={shard.key} shard={shard} scale={scale} greatest={greatest} mean={mean} />
          ))}
        </ul>
      )}
      {unassigned.length > 0 && <UnassignedLane ranges={unassigned} />}
    </Panel>
  )
})

/** Asks for a plan that evens out what the lanes show; nothing is sent before it is read. */
function Rebalance() {
  const { owners, desk, live, balance } = useStage()
  const alone = owners.order.length < 2
  return (
    <Button
      size="small"
      disabled={alone || !live}
      title={alone ? 'There is one shard only' : 'Plan moves that even out slots, keys or CPU over the shards'}
      onClick={() => desk.ask({ kind: 'rebalance', by: balance, tolerance: usualTolerance })}
    >
      <Scale aria-hidden />
      Rebalance…
    </Button>
  )
}

/** What the hand does to one lane. Most movements change nothing of most lanes, and those are not drawn again. */
function LaneUnderHand(props: Omit<LaneProps, keyof LaneHand>) {
  const { state, ghosts, lifted } = useHand()
  const { shard } = props
  const selected = useSameRanges(useMemo(() => intersect(state.selection, shard.slots), [state.selection, shard.slots]))
  const inHand = useSameRanges(useMemo(() => intersect(lifted, shard.slots), [lifted, shard.slots]))
  return (
    <Lane
      {...props}
      ghost={ghosts.get(shard.key)}
      over={state.lift?.over === shard.key}
      lifting={state.lift !== null}
      selected={selected}
      inHand={inHand}
    />
  )
}

/** The last ranges as long as they are equal. */
function useSameRanges(ranges: readonly SlotRange[]): readonly SlotRange[] {
  const last = useRef(ranges)
  if (!sameRanges(last.current, ranges)) last.current = ranges
  return last.current
}

/** Only what is in sight. It stands still while the hand moves: a new place for each lane would draw every one of them anew. */
const VirtualLanes = memo(function VirtualLanes(props: {
  readonly shards: readonly ShardState[]
  readonly scale: LaneScale
  readonly greatest: number
  readonly mean: number
}) {
  const list = useRef<HTMLUListElement>(null)
  const rows = useVirtualizer({ count: props.shards.length, getScrollElement: () => list.current, estimateSize: () => 46, overscan: 6 })
  return (
    <ul ref={list} className={styles.list} aria-label="Shards" data-lanes="" data-virtual="">
      <li role="presentation" style={{ height: rows.getTotalSize() }} className={styles.spacer} />
      {rows.getVirtualItems().map((row) => {
        const shard = props.shards[row.index]!
        return (
          <LaneUnderHand
            key={shard.key}
            shard={shard}
            scale={props.scale}
            greatest={props.greatest}
            mean={props.mean}
            place={{ top: row.start, index: row.index, of: props.shards.length }}
          />
        )
      })}
    </ul>
  )
})
