import { CircleSlash } from 'lucide-react'
import { useCallback } from 'react'
import { useTopic } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import styles from './expiry-room.module.css'
import { ForecastPanel } from './forecast-panel.tsx'
import { HashTimeline } from './hash-timeline.tsx'
import { Soonest } from './soonest.tsx'

/** What expires, and when: the whole cluster as a forecast, the soonest by name, and one hash field by field. */
export default function ExpiryRoom() {
  const held = useTopic('expiry')
  const [db, setDb] = useQueryParameter('db')
  const [key, setKey] = useQueryParameter('key')
  const database = db !== null && /^\d{1,9}$/.test(db) ? Number(db) : 0
  const openKey = key !== null && /^[A-Za-z0-9_-]*$/.test(key) ? key : null
  const open = useCallback(
    (nextDatabase: number, nextKey: string) => {
      setDb(String(nextDatabase))
      setKey(nextKey)
    },
    [setDb, setKey]
  )
  const isPast = useUnchangeableReason() !== null
  if (isPast && (held === null || held.state.sampledAtMs === null))
    return (
      <EmptyState icon={<CircleSlash aria-hidden />} title="Not recorded at this instant">
        Deadlines are sampled, and recorded, only while somebody looks at them or with --background full.
      </EmptyState>
    )
  return (
    <div className={styles.room}>
      <h2 className="visually-hidden">Expiry</h2>
      <div className={styles.top}>
        <ForecastPanel state={held?.state ?? null} />
        <Soonest state={held?.state ?? null} opened={openKey === null ? null : { database, key: openKey }} onOpen={open} />
      </div>
      {isPast ? (
        <EmptyState icon={<CircleSlash aria-hidden />} title="Keys and fields are not recorded">
          A recording has figures only: no name of a key or a field, and no value.
        </EmptyState>
      ) : (
        <HashTimeline key={openKey === null ? 'none' : `${database} ${openKey}`} database={database} hash={openKey} onOpen={open} />
      )}
    </div>
  )
}
