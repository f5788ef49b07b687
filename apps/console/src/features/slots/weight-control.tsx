import type { ShardState } from '@slotscope/observer/stream'
import { useState } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import { type Wish, withWeight } from '../../model/plan-wish.ts'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useStage } from './room-context.ts'
import styles from './weight-control.module.css'

/** From this many shards on they are found by their letter. */
const filterFrom = 13
const most = 24

/** How much of the whole each shard is to have beside the others: twice the weight, twice the share; none, and it is drained. */
export default function WeightControl({ wish }: { readonly wish: Extract<Wish, { kind: 'rebalance' }> }) {
  const { owners } = useStage()
  const [filter, setFilter] = useState('')
  const words = filter.trim().toLowerCase()
  const fit = owners.order.filter((shard) => words === '' || shard.label.toLowerCase().startsWith(words))
  // Those that have a weight of their own are never out of sight.
  const shown = [...fit].sort((a, b) => Number(isWeighed(b, wish)) - Number(isWeighed(a, wish))).slice(0, most)
  return (
    <fieldset className={styles.weights}>
      <legend className={styles.legend}>Weight of each shard: 2 has twice the share of 1, 0 gives all its slots away</legend>
      {owners.order.length >= filterFrom && (
        <TextField label="Find a shard" value={filter} placeholder="letter, e.g. C" onChange={(event) => setFilter(event.target.value)} />
      )}
      <ul className={styles.list}>
        {(owners.order.length >= filterFrom ? shown : fit).map((shard) => (
          <li key={shard.key}>
            <Weight shard={shard} wish={wish} />
          </li>
        ))}
      </ul>
      {fit.length > shown.length && <p className={styles.legend}>{formatCount(fit.length - shown.length)} more: type a letter</p>}
    </fieldset>
  )
}

function Weight({ shard, wish }: { readonly shard: ShardState; readonly wish: Extract<Wish, { kind: 'rebalance' }> }) {
  const { desk } = useStage()
  const [text, setText] = useState(() => String(wish.weights?.[shard.key] ?? 1))
  const weight = Number(text)
  const isWrong = text.trim() === '' || !(weight >= 0 && weight <= 1_000)
  return (
    <label className={styles.weight}>
      <ShardBadge label={shard.label} color={shard.color} small />
      <span className="visually-hidden">
        Weight of shard {shard.label}, {plural(shard.slotCount, 'slot')}
      </span>
      <input
        type="number"
        min={0}
        max={1_000}
        step="any"
        inputMode="decimal"
        value={text}
        aria-invalid={isWrong || undefined}
        onChange={(event) => {
          setText(event.target.value)
          const next = Number(event.target.value)
          if (event.target.value.trim() === '' || !(next >= 0 && next <= 1_000)) return
          const { weights, ...rest } = wish
          const changed = withWeight(weights, shard.key, next)
          desk.ask(changed ? { ...rest, weights: changed } : rest, 'soon')
        }}
      />
    </label>
  )
}

function isWeighed(shard: ShardState, wish: Extract<Wish, { kind: 'rebalance' }>): boolean {
  return wish.weights?.[shard.key] !== undefined
}
