import type { RebalanceLoad } from '@slotscope/observer/stream'
import { lazy, Suspense, useState } from 'react'
import { loadWords, type Wish } from '../../model/plan-wish.ts'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { SelectField } from '../../ui/text-field.tsx'
import styles from './plan-card.module.css'
import { useStage } from './room-context.ts'

// Seldom opened.
const WeightControl = lazy(() => import('./weight-control.tsx'))

const loads: readonly RebalanceLoad[] = ['slots', 'keys', 'bytes', 'cpu']
/** Shares that a person may choose from; 0..1. */
const tolerances = [0, 0.01, 0.02, 0.05, 0.1, 0.2]

/** By what shards are evened out, and how near is near enough; every change is a new plan. */
export function LoadControl({ wish }: { readonly wish: Extract<Wish, { kind: 'rebalance' | 'drain' }> }) {
  const { desk } = useStage()
  const stats = useCore((core) => core.cluster.slotStatsEnabled)
  const [weighing, setWeighing] = useState(false)
  return (
    <fieldset className={styles.amount}>
      <legend className="visually-hidden">{wish.kind === 'rebalance' ? 'What to even out' : 'How to spread them'}</legend>
      <span aria-hidden="true">{wish.kind === 'rebalance' ? 'even out' : 'spread by'}</span>
      <Segmented<RebalanceLoad>
        label={wish.kind === 'rebalance' ? 'Even out' : 'Spread by'}
        value={wish.by}
        onChange={(by) => desk.ask({ ...wish, by })}
        segments={loads.map((load) => ({
          value: load,
          label: load === 'cpu' ? 'CPU' : `${loadWords[load].charAt(0).toUpperCase()}${loadWords[load].slice(1)}`,
          off: load === 'cpu' && stats !== true
        }))}
      />
      {wish.kind === 'rebalance' && (
        <SelectField
          label="even within"
          value={String(wish.tolerance)}
          onChange={(event) => desk.ask({ ...wish, tolerance: Number(event.target.value) })}
        >
          {tolerances.map((share) => (
            <option key={share} value={share}>
              {share === 0 ? 'a slot' : `${share * 100} %`}
            </option>
          ))}
        </SelectField>
      )}
      {wish.kind === 'rebalance' && (
        <Button size="small" look="quiet" aria-expanded={weighing} onClick={() => setWeighing(!weighing)}>
          Weights{wish.weights ? ` (${Object.keys(wish.weights).length})` : '…'}
        </Button>
      )}
      {wish.kind === 'rebalance' && weighing && (
        <Suspense fallback={null}>
          <WeightControl wish={wish} />
        </Suspense>
      )}
    </fieldset>
  )
}
