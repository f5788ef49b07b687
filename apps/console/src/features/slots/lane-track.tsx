import type { ShardState, SlotRange } from '@slotscope/observer/stream'
import { type PointerEvent as ReactPointerEvent, useMemo } from 'react'
import { type LaneBlock, positionBlocks, positionPath, pressedBlock, sizeShare, slotAtShare } from '../../model/lane-blocks.ts'
import { copiedShare, isRunning } from '../../model/migration-progress.ts'
import { between, includes, intersect } from '../../model/selection.ts'
import { roundOf } from '../../ui/shard-badge.tsx'
import styles from './lane.module.css'
import type { LaneProps } from './lane.tsx'
import { useRoomNow, useStage } from './room-context.ts'
import { useDrag } from './use-drag.ts'

/** The bar of a lane: where its slots are, what is selected of them, what leaves, what arrives, what would land. */
export function LaneTrack(props: LaneProps) {
  const { shard, scale, greatest, selected, inHand } = props
  const { dispatch, jobs } = useStage()
  const now = useRoomNow()
  const startDrag = useDrag()
  const running = useMemo(() => Object.values(jobs).filter(isRunning), [jobs])
  const leaving = running.filter((job) => job.sourceShard === shard.key)
  const arriving = running.filter((job) => job.targetShard === shard.key)
  const landing = props.ghost?.legal ? props.ghost.moving : []

  const onPointerDown = (event: ReactPointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || event.pointerType === 'touch' || shard.slotCount === 0) return
    const box = event.currentTarget.getBoundingClientRect()
    const slotOf = (x: number) => slotAtShare((x - box.left) / box.width)
    const slot = slotOf(event.clientX)
    const press = event.nativeEvent
    if (event.altKey && scale === 'position')
      return brushLane(press, slotOf, (ranges) => dispatch({ type: 'select', selection: intersect(ranges, shard.slots) }))
    const onSelection = scale === 'position' ? includes(selected, slot) : selected.length > 0
    if (onSelection) return startDrag(press, { kind: 'exact', slots: now.current.state.selection }, () => undefined)
    const hit = scale === 'position' ? pressedBlock(shard.slots, slot) : { block: null, end: 'last' as const }
    if (!hit) return
    const pool = hit.block ? [hit.block] : shard.slots
    startDrag(press, { kind: 'even', source: shard.key, pool, end: hit.end }, () => dispatch({ type: 'select', selection: pool }))
  }

  const place = (ranges: readonly SlotRange[]): readonly LaneBlock[] => {
    if (scale === 'position') return positionBlocks(ranges, 60)
    const count = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)
    const width = sizeShare(count, greatest)
    const end = sizeShare(shard.slotCount, greatest)
    return count > 0 ? [{ left: Math.max(0, end - width), width }] : []
  }
  const append = (ranges: readonly SlotRange[]): readonly LaneBlock[] =>
    scale === 'position'
      ? positionBlocks(ranges, 60)
      : place(ranges).map(({ width }) => ({ left: Math.min(1 - width, sizeShare(shard.slotCount, greatest)), width }))

  return (
    <div className={styles.track} data-empty={shard.slotCount === 0 || undefined} onPointerDown={onPointerDown} aria-hidden="true">
      {scale === 'position' ? (
        <Blocks shard={shard} />
      ) : (
        <div className={styles.bar} style={{ width: percent(sizeShare(shard.slotCount, greatest)) }} />
      )}
      {scale === 'size' && greatest > 0 && <div className={styles.mean} style={{ left: percent(props.mean / greatest) }} />}
      {leaving.map((job) =>
        place(job.slots).map((block) => (
          <div key={`${job.name} ${block.left}`} className={`${styles.mark} ${styles.leaving}`} style={at(block)} />
        ))
      )}
      {arriving.map((job) =>
        append(job.slots).map((block) => (
          <div key={`${job.name} ${block.left}`} className={`${styles.mark} ${styles.arriving}`} style={at(block)}>
            <i style={{ width: percent(copiedShare(job) ?? 0) }} />
          </div>
        ))
      )}
      {inHand.length > 0
        ? place(inHand).map((block) => <div key={block.left} className={`${styles.mark} ${styles.lifted}`} style={at(block)} />)
        : place(selected).map((block) => <div key={block.left} className={`${styles.mark} ${styles.selected}`} style={at(block)} />)}
      {append(landing).map((block) => (
        <div key={block.left} className={`${styles.mark} ${styles.landing}`} style={at(block)} />
      ))}
    </div>
  )
}

/** All ranges of a shard as one path; past eight shards with stripes, as on the map. */
function Blocks({ shard }: { readonly shard: ShardState }) {
  const path = useMemo(() => positionPath(shard.slots), [shard.slots])
  const round = roundOf(shard.label)
  return (
    <svg className={styles.blocks} viewBox="0 0 16384 1" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} fill="var(--shard)" />
      {round > 0 && <path d={path} transform="translate(0 0.78) scale(1 0.22)" fill="var(--on-shard)" />}
    </svg>
  )
}

/** Brushing along a lane, with Alt: like the map, in slot order, cut to what the shard owns. */
function brushLane(press: PointerEvent, slotOf: (x: number) => number, select: (ranges: readonly SlotRange[]) => void): void {
  const anchor = slotOf(press.clientX)
  const onMove = (event: PointerEvent) => {
    if (event.pointerId === press.pointerId) select([between(anchor, slotOf(event.clientX))])
  }
  const stop = (event: PointerEvent) => {
    if (event.pointerId !== press.pointerId) return
    removeEventListener('pointermove', onMove)
    removeEventListener('pointerup', stop)
    removeEventListener('pointercancel', stop)
  }
  addEventListener('pointermove', onMove)
  addEventListener('pointerup', stop)
  addEventListener('pointercancel', stop)
}

function at(block: LaneBlock) {
  return { left: percent(block.left), width: percent(block.width) }
}

function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(3)}%`
}
