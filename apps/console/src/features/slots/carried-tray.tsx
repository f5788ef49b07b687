import { useEffect, useMemo, useState } from 'react'
import { formatCount } from '../../model/format.ts'
import { type Ghost, ghostWords, leftOutWords } from '../../model/ghost.ts'
import { targetsOf } from '../../model/targets.ts'
import { ShardBadge, shardStyle } from '../../ui/shard-badge.tsx'
import { useRoom, useStage } from './room-context.ts'
import styles from './target-tray.module.css'

/** Targets for what a pointer carries: it is dropped on them as on a lane, and what is typed meanwhile filters them. */
export function CarriedTray() {
  const { state, ghosts, rankedShards, shards, balance } = useRoom()
  const [filter, setFilter] = useState('')
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === 'Backspace') setFilter((text) => text.slice(0, -1))
      else if (/^[a-z0-9]$/i.test(event.key)) setFilter((text) => text + event.key.toUpperCase())
      else return
      // The room has keys of its own; while something is carried they are not meant.
      event.preventDefault()
      event.stopImmediatePropagation()
    }
    addEventListener('keydown', onKeyDown, true)
    return () => removeEventListener('keydown', onKeyDown, true)
  }, [])
  const { shown, legal, illegal } = useMemo(
    () => targetsOf(ghosts, rankedShards, filter, balance, true),
    [ghosts, rankedShards, filter, balance]
  )
  return (
    <section className={`${styles.tray} ${styles.carried}`} aria-label="Targets">
      <div className={styles.head}>
        <h2>
          Drop on <span className={styles.ranges}>{filter === '' ? 'type a letter to filter' : `shards that begin with ${filter}`}</span>
        </h2>
      </div>
      <ul className={styles.list} aria-label="Shards that can take them">
        {shown.map((ghost) => {
          const shard = shards[ghost.shard]!
          return (
            <li
              key={ghost.shard}
              className={styles.target}
              data-lane={ghost.shard}
              data-over={state.lift?.over === ghost.shard || undefined}
              style={shardStyle(shard.color)}
            >
              <ShardBadge label={shard.label} color={shard.color} />
              <TargetName ghost={ghost} />
              <span className={styles.words}>{ghostWords(ghost)}</span>
            </li>
          )
        })}
      </ul>
      {shown.length === 0 && <p className={styles.more}>No shard that begins with {filter} can take it</p>}
      {legal > shown.length && <p className={styles.more}>{formatCount(legal - shown.length)} more</p>}
      {illegal.length > 0 && <Refusals ghosts={illegal} />}
    </section>
  )
}

function TargetName({ ghost }: { readonly ghost: Ghost }) {
  const { shards, nodes } = useStage()
  const shard = shards[ghost.shard]
  const primary = shard?.primary ? nodes[shard.primary] : undefined
  const left = ghost.legal ? leftOutWords(ghost) : null
  return (
    <span className={styles.name}>
      {primary?.name ?? ghost.shard.slice(0, 8)}
      {left !== null && <small>{left}</small>}
    </span>
  )
}

/** Lanes that cannot take it, folded: `2 cannot take it: 512 already on A, node-3 does not answer`. */
export function Refusals({ ghosts }: { readonly ghosts: readonly Ghost[] }) {
  const { shards } = useStage()
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
