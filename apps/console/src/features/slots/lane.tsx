import { type CoreState, countSlots, type ShardState, type SlotRange } from '@slotscope/observer/stream'
import { Database, EllipsisVertical, MoveRight, PackageOpen } from 'lucide-react'
import { type CSSProperties, memo, useMemo } from 'react'
import { useLocation } from 'wouter'
import { formatCompact, formatCount, plural } from '../../model/format.ts'
import { type Ghost, ghostKeys, ghostWords, leftOutWords } from '../../model/ghost.ts'
import type { LaneScale } from '../../model/lane-blocks.ts'
import { copiedShare, isRunning, labelOf } from '../../model/migration-progress.ts'
import { nodeTrouble, oldFigures } from '../../model/node-words.ts'
import { roomPath } from '../../room-path.ts'
import { useCluster, useNow } from '../../stream/hooks.ts'
import { Chip } from '../../ui/chip.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { ShardBadge, shardStyle } from '../../ui/shard-badge.tsx'
import styles from './lane.module.css'
import { LaneTrack } from './lane-track.tsx'
import { useStage } from './room-context.ts'

export type LaneHand = {
  readonly ghost: Ghost | undefined
  readonly over: boolean
  readonly lifting: boolean
  /** What of its slots is selected, and what is in the hand. */
  readonly selected: readonly SlotRange[]
  readonly inHand: readonly SlotRange[]
}

export type LaneProps = LaneHand & {
  readonly shard: ShardState
  readonly scale: LaneScale
  readonly greatest: number
  readonly mean: number
  /** In a virtual list: where it stands, and its number among all. */
  readonly place?: { readonly top: number; readonly index: number; readonly of: number }
}

/** One shard: letter and colour, its primary and replicas, where its slots are, how many, and what a drop would do. */
export const Lane = memo(function Lane(props: LaneProps) {
  const { shard, place, ghost, over } = props
  const { nodes, nodeCount, jobs, shards, dispatch } = useStage()
  const primary = shard.primary === null ? undefined : nodes[shard.primary]
  const unnamed = primary?.name === `${primary?.host}:${primary?.port}`
  const trouble = primary ? nodeTrouble(primary) : null
  const now = useNow(5_000)
  const old = primary ? oldFigures(primary, now, nodeCount) : null
  const doing = useMemo(() => doingOf(shard.key, jobs, shards), [shard.key, jobs, shards])
  const name = [
    `Shard ${shard.label}`,
    plural(shard.slotCount, 'slot'),
    `${formatCount(shard.keys)} keys`,
    primary ? `primary ${primary.name}, port ${primary.port}` : 'no primary',
    plural(shard.replicas.length, 'replica'),
    ...(trouble === null ? [] : [`primary ${trouble}`])
  ].join(', ')
  const style: CSSProperties = { ...shardStyle(shard.color), ...(place ? { position: 'absolute', top: place.top, left: 8, right: 8 } : {}) }
  return (
    <li
      className={styles.lane}
      data-lane={shard.key}
      data-label={shard.label}
      data-ghost={ghost ? (ghost.legal ? 'legal' : 'illegal') : undefined}
      data-over={over || undefined}
      aria-label={name}
      aria-posinset={place ? place.index + 1 : undefined}
      aria-setsize={place?.of}
      style={style}
    >
      <button
        type="button"
        className={styles.who}
        disabled={shard.slotCount === 0}
        onClick={() => dispatch({ type: 'select', selection: shard.slots })}
      >
        <span className="visually-hidden">Shard {shard.label}, </span>
        <ShardBadge label={shard.label} color={shard.color} />
        <span className={styles.name}>
          {/* Without a name of its own a node is its address: the port first, since that is what tells them apart. */}
          <span className={styles.node}>{primary ? (unnamed ? `:${primary.port}` : primary.name) : 'no primary'}</span>
          <small>
            {/* What is wrong is worth more than where: there is not room for both. */}
            {trouble !== null ? <span className={styles.warn}>{trouble}</span> : primary && (unnamed ? primary.host : `:${primary.port}`)}
          </small>
        </span>
        <span className="visually-hidden">: select its {plural(shard.slotCount, 'slot')}</span>
      </button>
      <div className={styles.middle}>
        <LaneTrack {...props} />
        <Replicas shard={shard} />
      </div>
      <LaneFigure shard={shard} ghost={ghost} given={props.lifting ? countSlots(props.inHand) : 0} doing={doing} old={old} />
      <LaneMenu shard={shard} />
    </li>
  )
})

/** Its replicas as chips, those in trouble first; beyond the room that there is, their number. */
function Replicas({ shard }: { readonly shard: ShardState }) {
  const { nodes } = useStage()
  const healthy = (id: string) => (nodes[id]?.health === 'online' ? 1 : 0)
  const ordered = [...shard.replicas].sort((a, b) => healthy(a) - healthy(b))
  const words = (id: string) => {
    const node = nodes[id]
    return node ? `:${node.port}${node.health === 'online' ? '' : ` ${node.health}`}` : id.slice(0, 8)
  }
  const [first, ...rest] = ordered
  if (first === undefined) return <span className={styles.none}>no replica</span>
  return (
    <ul className={styles.replicas} aria-label={`Replicas of shard ${shard.label}`}>
      <li>
        <Chip className={styles.replica} {...(healthy(first) === 1 ? {} : { tone: 'warn' as const })}>
          {words(first)}
        </Chip>
      </li>
      {rest.length > 0 && (
        <li title={rest.map(words).join(', ')}>
          <span aria-hidden="true">+{rest.length}</span>
          <span className="visually-hidden">{rest.map(words).join(', ')}</span>
        </li>
      )}
    </ul>
  )
}

/** What can be done with a whole shard. A plan is made first, so nothing here sends anything. */
const LaneMenu = memo(function LaneMenu({ shard }: { readonly shard: ShardState }) {
  return (
    <Menu
      label={`What to do with shard ${shard.label}`}
      button={<EllipsisVertical aria-hidden />}
      buttonProps={laneMenuButton}
      items={<LaneMenuItems shard={shard} />}
    />
  )
})

const laneMenuButton = { size: 'small', look: 'quiet', icon: true, className: styles.menu } as const

function LaneMenuItems({ shard }: { readonly shard: ShardState }) {
  const { dispatch, desk, owners, live, balance } = useStage()
  const { id } = useCluster()
  const [, navigate] = useLocation()
  const cannot =
    shard.slotCount === 0
      ? 'It owns no slots'
      : owners.order.length < 2
        ? 'There is no other shard'
        : live
          ? null
          : 'The stream is lost: nothing can be planned'
  return (
    <>
      <MenuItem
        label="Move its slots…"
        icon={<MoveRight aria-hidden />}
        note="Selects all of them and asks where to"
        off={cannot}
        onChoose={() => {
          dispatch({ type: 'select', selection: shard.slots })
          dispatch({ type: 'open-tray' })
        }}
      />
      <MenuItem
        label={`Drain ${shard.label}…`}
        icon={<PackageOpen aria-hidden />}
        note="Plans to spread every slot over the other shards"
        off={cannot}
        onChoose={() => desk.ask({ kind: 'drain', shard: shard.key, by: balance })}
      />
      <MenuItem
        label="Show its keys"
        icon={<Database aria-hidden />}
        onChoose={() => navigate(`${roomPath(id, 'databases')}?shard=${shard.label}`)}
      />
    </>
  )
}

function LaneFigure(props: {
  readonly shard: ShardState
  readonly ghost: Ghost | undefined
  /** How many slots it would give up for what is in the hand. */
  readonly given: number
  /** What a running job does to this shard, in a few words. */
  readonly doing: string | null
  /** How old the figures are, when they are too old to pass for now. */
  readonly old: string | null
}) {
  const { shard, ghost, given, doing, old } = props
  if (ghost?.legal)
    return (
      <div className={styles.figure} title={[ghostWords(ghost), leftOutWords(ghost)].filter(Boolean).join('. ')}>
        <span>
          <b>{formatCount(ghost.slotsBefore)}</b> → <b className={styles.after}>{formatCount(ghost.slotsAfter)}</b> slots
        </span>
        <span className={styles.sub}>{ghostKeys(ghost)}</span>
      </div>
    )
  if (ghost)
    return (
      <div className={styles.figure}>
        {given > 0 && (
          <span>
            <b>{formatCount(shard.slotCount)}</b> → {formatCount(shard.slotCount - given)} slots
          </span>
        )}
        <span className={styles.reason}>{ghost.reason}</span>
      </div>
    )
  return (
    <div className={styles.figure}>
      <span>
        <b>{formatCount(shard.slotCount)}</b> {shard.slotCount === 1 ? 'slot' : 'slots'}
      </span>
      <span className={styles.sub}>
        {doing ?? (shard.slotCount === 0 ? 'empty, can take slots' : `${formatCompact(shard.keys)} keys`)}
        {doing === null && old !== null && <span className={styles.old}> {old}</span>}
      </span>
    </div>
  )
}

/** `copied 74 %, owned by A` on the target; `copying 512 to B` on the source. */
function doingOf(shard: string, jobs: CoreState['jobs'], shards: CoreState['shards']): string | null {
  const running = Object.values(jobs).filter(isRunning)
  const arriving = running.find((job) => job.targetShard === shard)
  if (arriving) {
    const share = copiedShare(arriving)
    return `copied ${share === null ? '…' : `${Math.floor(share * 100)} %`}, owned by ${labelOf(arriving.sourceShard, shards)}`
  }
  const leaving = running.filter((job) => job.sourceShard === shard)
  if (leaving.length === 0) return null
  const slots = leaving.reduce((sum, job) => sum + job.slotCount, 0)
  const targets = [...new Set(leaving.map((job) => labelOf(job.targetShard, shards)))]
  return `copying ${formatCount(slots)} to ${targets.length <= 3 ? targets.join(', ') : plural(targets.length, 'shard')}`
}
