import { countSlots, formatRanges, type ShardState } from '@slotscope/observer/stream'
import { X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import { type BalanceFigure, type Ghost, ghostWords, leftOutWords } from '../../model/ghost.ts'
import { compareLabels } from '../../model/shard-order.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { focusMap } from './range-input.tsx'
import { useRoom } from './room-context.ts'
import styles from './target-tray.module.css'

/** From this many shards on the list can be filtered. */
const filterFrom = 9

/** Where to? The same ghosts and numbers as on the lanes, for keyboard and touch. Enter plans, Esc puts down. */
export function TargetTray() {
  const { state } = useRoom()
  return state.tray && state.lift?.by === 'keys' ? <OpenTray /> : null
}

function OpenTray() {
  const { state, ghosts, shards, dispatch, drop, balance } = useRoom()
  const announce = useAnnounce()
  const [filter, setFilter] = useState('')
  const list = useRef<HTMLUListElement>(null)
  const tray = useRef<HTMLElement>(null)
  const slots = state.lift?.what.kind === 'exact' ? state.lift.what.slots : []
  const all = useMemo(
    () => [...ghosts.values()].sort((a, b) => compareLabels(shards[a.shard]?.label ?? 'Z9', shards[b.shard]?.label ?? 'Z9')),
    [ghosts, shards]
  )
  const words = filter.trim().toLowerCase()
  const legal = all.filter((ghost) => ghost.legal && (words === '' || shards[ghost.shard]?.label.toLowerCase().startsWith(words)))
  const illegal = all.filter((ghost) => !ghost.legal)
  // With many shards the emptiest come first: that is where slots are wanted.
  const shown =
    all.length >= filterFrom && words === ''
      ? [...legal].sort((a, b) => weight(shards[a.shard], balance) - weight(shards[b.shard], balance)).slice(0, 5)
      : legal

  const close = () => {
    dispatch({ type: 'put-down' })
    announce('Put down. Nothing was sent.')
    focusMap()
  }
  const options = () => [...(list.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])]
  // Once, when the tray opens: afterwards the focus is the person's.
  const open = useRef(() => {
    announce(
      `${plural(countSlots(slots), 'slot')} lifted. ${plural(legal.length, 'shard')} can take ${countSlots(slots) === 1 ? 'it' : 'them'}.`
    )
    const first = list.current?.querySelector('button') ?? document.querySelector<HTMLElement>('[data-tray-close]')
    first?.focus({ preventScroll: true })
    tray.current?.scrollIntoView({ block: 'nearest' })
  })
  useEffect(() => open.current(), [])

  const onKeyDown = (event: KeyboardEvent) => {
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
      aria-label={`Move ${plural(countSlots(slots), 'slot')} to`}
      onKeyDown={onKeyDown}
    >
      <div className={styles.head}>
        <h2>
          Move {plural(countSlots(slots), 'slot')} to <span className={styles.ranges}>{formatRanges(slots, 2)}</span>
        </h2>
        <Button size="small" look="quiet" icon aria-label="Put down" data-tray-close="" onClick={close}>
          <X aria-hidden />
        </Button>
      </div>
      {all.length >= filterFrom && (
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
      {legal.length > shown.length && <p className={styles.more}>{formatCount(legal.length - shown.length)} more: type a letter</p>}
      {illegal.length > 0 && <Refusals ghosts={illegal} />}
      <p className={styles.keys}>
        <Kbd>↑</Kbd> <Kbd>↓</Kbd> choose · <Kbd>Enter</Kbd> plan · <Kbd>Esc</Kbd> put down
      </p>
    </section>
  )
}

function Target({ ghost, onChoose, onOver }: { readonly ghost: Ghost; readonly onChoose: () => void; readonly onOver: () => void }) {
  const { shards, nodes } = useRoom()
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

/** Lanes that cannot take it, folded: `2 cannot take it: 512 already on A, node-3 does not answer`. */
function Refusals({ ghosts }: { readonly ghosts: readonly Ghost[] }) {
  const { shards } = useRoom()
  return (
    <p className={styles.more}>
      {formatCount(ghosts.length)} cannot take it:{' '}
      {ghosts
        .slice(0, 4)
        .map((ghost) => `${shards[ghost.shard]?.label ?? '?'} (${ghost.legal ? '' : ghost.reason})`)
        .join(', ')}
      {ghosts.length > 4 && ' …'}
    </p>
  )
}

function weight(shard: ShardState | undefined, balance: BalanceFigure): number {
  if (!shard) return Number.POSITIVE_INFINITY
  return balance === 'keys' ? shard.keys : shard.slotCount
}
