import { formatAgo } from '../../model/format.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import type { NodeDesk } from './node-desk.ts'
import styles from './topology-room.module.css'

/** Whether nodes count processor time and bytes per slot, since when, and the plan that changes it. */
export function SlotFigures({ desk }: { readonly desk: NodeDesk }) {
  const enabled = useCore((core) => core.cluster.slotStatsEnabled)
  const sinceMs = useCore((core) => core.cluster.slotStatsSinceMs)
  const now = useNow(1_000)
  if (enabled === null) return null
  const since = sinceMs == null ? '' : `, switched on ${formatAgo(now - sinceMs)}`
  return (
    <p className={styles.figures}>
      Processor time and bytes per slot: {enabled ? `counted at every node${since}` : 'not counted at every node'}
      <Button
        size="small"
        onClick={() => desk.ask({ kind: 'config', parameter: 'cluster-slot-stats-enabled', value: enabled ? 'no' : 'yes' })}
      >
        Turn {enabled ? 'off' : 'on'}…
      </Button>
    </p>
  )
}
