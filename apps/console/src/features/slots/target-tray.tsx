import { countSlots, formatRanges } from '@slotscope/observer/stream'
import { X } from 'lucide-react'
import { memo, type KeyboardEvent as ReactKeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import { type Ghost, ghostWords, leftOutWords } from '../../model/ghost.ts'
import { targetsOf } from '../../model/targets.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { CarriedTray, Refusals } from './carried-tray.tsx'
import { focusMap } from './range-input.tsx'
import { useRoom, useStage } from './room-context.ts'
import styles from './target-tray.module.css'

/** From this many shards on the list can be filtered. */
const filterFrom = 9

/** With more lanes than this most are out of sight: what a pointer carries finds its targets in a tray too. */
const carriedFrom = 20
/** Where to? The same ghosts and numbers as on the lanes, for keyboard, touch, and a pointer among many lanes. Enter plans, Esc puts down. */
export const TargetTray = memo(function TargetTray() {
  const { state, owners } = useRoom()
  if (state.tray && state.lift?.by === 'keys') return <OpenTray />
  return state.lift?.by === 'pointer' && owners.order.length > carriedFrom ? <CarriedTray /> : null
})

function OpenTray() {
  const { state, ghosts, rankedShards, dispatch, drop, balance } = useRoom()
  const announce = useAnnounce()
  const [filter, setFilter] = useState('')
  const list = useRef<HTMLUListElement>(null)
  const tray = useRef<HTMLElement>(null)
  const slots = state.lift?.what.kind === 'exact' ? state.lift.what.slots : []
  const { shown, legal, illegal } = useMemo(
    () => targetsOf(ghosts, rankedShards, filter, balance, ghosts.size >= filterFrom),
    [ghosts, rankedShards, filter, balance]
  )

  // Slots without an owner are not moved.
  const verb = [...ghosts.values()].some((ghost) => ghost.legal && ghost.gives) ? 'Give' : 'Move'
  const close = () => {
    dispatch({ type: 'put-down' })
    announce('Put down. Nothing was sent.')
    focusMap()
  }
  const options = () => [...(list.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])]
  // Once, when the tray opens: afterwards the focus is the person's.
  const open = useRef(() => {
    announce(`${plural(countSlots(slots), 'slot')} lifted. ${plural(legal, 'shard')} can take ${countSlots(slots) === 1 ? 'it' : 'them'}.`)
    const first = list.current?.querySelector('button') ?? document.querySelector<HTMLElement>('[data-tray-close]')
    first?.focus({ preventScroll: true })
    tray.current?.scrollIntoView({ block: 'nearest' })
  })
  useEffect(() => open.current(), [])

  const onKeyDown = (event: ReactKeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      return close()
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const buttons = options()
    const now = buttons.indexOf(document.activeElement as HTMLButtonElement)
    buttons[(now + step + buttons.length) % buttons.length]?.focus()
  }

  return (
    <section
      ref={tray}
      className={styles.tray}
      role="dialog"
      aria-label={`${verb} ${plural(countSlots(slots), 'slot')} to`}
      onKeyDown={onKeyDown}
    >
      <div className={styles.head}>
        <h2>
          {verb} {plural(countSlots(slots), 'slot')} to <span className={styles.ranges}>{formatRanges(slots, 2)}</span>
        </h2>
        <Button size="small" look="quiet" icon aria-label="Put down" data-tray-close="" onClick={close}>
          <X aria-hidden />
        </Button>
      </div>
      {ghosts.size >= filterFrom && (
        <input
          className={styles.filter}
          aria-label="Filter shards by letter"
          placeholder="Filter, e.g. C"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
      )}
      <ul ref={list} className={styles.list} aria-label="Shards that can take them">
        {shown.map((ghost) => (
          <Target
            key={ghost.shard}
            ghost={ghost}
            onChoose={() => drop(ghost.shard)}
            onOver={() => dispatch({ type: 'over', shard: ghost.shard })}
          />
        ))}
      </ul>
      {legal > shown.length && <p className={styles.more}>{formatCount(legal - shown.length)} more: type a letter</p>}
      {illegal.length > 0 && <Refusals ghosts={illegal} />}
      <p className={styles.keys}>
        <Kbd>↑</Kbd> <Kbd>↓</Kbd> choose · <Kbd>Enter</Kbd> plan · <Kbd>Esc</Kbd> put down
      </p>
    </section>
  )
}

function Target({ ghost, onChoose, onOver }: { readonly ghost: Ghost; readonly onChoose: () => void; readonly onOver: () => void }) {
  const { shards, nodes } = useStage()
  const announce = useAnnounce()
  const shard = shards[ghost.shard]
  if (!shard || !ghost.legal) return null
  const primary = shard.primary === null ? undefined : nodes[shard.primary]
  const left = leftOutWords(ghost)
  return (
    <li>
      <button
        type="button"
        className={styles.target}
        onFocus={() => {
          onOver()
          announce(`Shard ${shard.label}: ${ghostWords(ghost)}`)
        }}
        onPointerEnter={onOver}
        onClick={onChoose}
      >
        {/* What is read stands in the order of a sentence; where it is seen is the grid's affair. */}
        <span className="visually-hidden">Shard {shard.label}: </span>
        <ShardBadge label={shard.label} color={shard.color} />
        <span className={styles.words}>{ghostWords(ghost)}</span>
        <span className={styles.name}>
          <span className="visually-hidden">, </span>
          {primary?.name ?? shard.key.slice(0, 8)}
          {left !== null && <small>{left}</small>}
        </span>
      </button>
    </li>
  )
}
