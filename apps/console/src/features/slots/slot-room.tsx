import { CircleDashed } from 'lucide-react'
import { lazy, memo, type RefObject, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import { roomPath } from '../../room-path.ts'
import { usePresentation } from '../../shell/presentation.tsx'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { DragTag } from './drag-tag.tsx'
import { Hint } from './hint.tsx'
import { HotSlots } from './hot-slots.tsx'
import { KeyFinder } from './key-finder.tsx'
import { Lanes } from './lanes.tsx'
import { Migrations } from './migrations.tsx'
import { focusMap } from './range-input.tsx'
import { RangeTable } from './range-table.tsx'
import { HandContext, type Room, RoomNowContext, StageContext, useHand } from './room-context.ts'
import { SlotMap } from './slot-map.tsx'
import styles from './slot-room.module.css'
import { TargetTray } from './target-tray.tsx'
import { TouchBar } from './touch-bar.tsx'
import { TagContext, type TagPosition } from './use-drag.ts'
import { useMapLayout } from './use-map-layout.ts'
import { useRoomCommands } from './use-room-commands.ts'
import { useRoomKeys } from './use-room-keys.ts'
import { useSlotRoom } from './use-slot-room.ts'

const Strip = lazy(() => import('../traffic/strip.tsx'))

/** The screen that people come for: the map, the lanes beside it, the jobs under them, and what clients notice. */
export default function SlotRoom() {
  const { id } = useCluster()
  const empty = useCore((core) => Object.keys(core.shards).length === 0)
  return empty ? (
    <EmptyState
      icon={<CircleDashed aria-hidden />}
      title="No shard yet"
      action={<Link href={roomPath(id, 'topology')}>Let nodes meet in Topology</Link>}
    >
      The nodes that answer know of no primary. Once nodes have met and slots are assigned, the map appears by itself.
    </EmptyState>
  ) : (
    <FilledRoom />
  )
}

function FilledRoom() {
  const { stage, hand } = useSlotRoom()
  const now = useRef<Room>({ ...stage, ...hand })
  now.current = { ...stage, ...hand }
  const { on: presented } = usePresentation()
  const tag = useRef<TagPosition | null>(null)
  const [table, setTable] = useState(false)
  const [zoom, setZoom] = useState(1)
  const columns = useRef<HTMLDivElement>(null)
  const right = useRef<HTMLDivElement>(null)
  const drafting = stage.desk.draft !== null || stage.gift !== null
  // A plan may push the lanes out of sight on a small screen; once it is decided they matter again.
  useEffect(() => {
    if (!drafting) right.current?.scrollTo({ top: 0 })
  }, [drafting])
  const layout = useMapLayout(columns, zoom, !presented)
  const toTable = useCallback(() => setTable(true), [])
  const toMap = useCallback(() => {
    setTable(false)
    focusMap()
  }, [])
  useRoomCommands(stage, { shown: table, toggle: table ? toMap : toTable })
  useRoomKeys(now, table ? toMap : toTable)
  return (
    <StageContext value={stage}>
      <HandContext value={hand}>
        <RoomNowContext value={now}>
          <TagContext value={tag}>
            <RoomParts
              columns={columns}
              right={right}
              layout={layout}
              zoom={zoom}
              onZoom={setZoom}
              table={table}
              onTable={toTable}
              onMap={toMap}
              presented={presented}
            />
            <DragTag />
          </TagContext>
        </RoomNowContext>
      </HandContext>
    </StageContext>
  )
}

type Parts = {
  readonly columns: RefObject<HTMLDivElement | null>
  readonly right: RefObject<HTMLDivElement | null>
  readonly layout: ReturnType<typeof useMapLayout>
  readonly zoom: number
  readonly onZoom: (zoom: number) => void
  readonly table: boolean
  readonly onTable: () => void
  readonly onMap: () => void
  readonly presented: boolean
}

/** What stands where. It does not move with the hand: a part that does looks at the hand itself, and the others are not drawn again. */
const RoomParts = memo(function RoomParts({ columns, right, layout, zoom, onZoom, table, onTable, onMap, presented }: Parts) {
  return (
    <div className={styles.room}>
      <h2 className="visually-hidden">Slots</h2>
      <div ref={columns} className={styles.columns} style={{ gridTemplateColumns: `${layout?.panelWidth ?? 580}px minmax(0, 1fr)` }}>
        {table ? (
          <RangeTable onMap={onMap} />
        ) : (
          <SlotMap legend={!presented} layout={layout} zoom={zoom} onZoom={onZoom} onTable={onTable} />
        )}
        <div ref={right} className={styles.right}>
          {!presented && <Hint />}
          <KeyFinder />
          <Lanes />
          <TargetTray />
          <Note />
          <Migrations />
          {!presented && <HotSlots />}
          {!presented && <StripPanel />}
        </div>
      </div>
      <TouchBar />
    </div>
  )
})

function Note() {
  const { state } = useHand()
  return state.note === null ? null : (
    <p className={styles.note} role="status">
      {state.note}
    </p>
  )
}

function StripPanel() {
  return (
    <Panel title="What clients notice" className={styles.strip}>
      <Suspense fallback={null}>
        <Strip />
      </Suspense>
    </Panel>
  )
}
