import { useTopic } from '../../stream/hooks.ts'
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
  const open = (nextDatabase: number, nextKey: string) => {
    setDb(String(nextDatabase))
    setKey(nextKey)
  }
  return (
    <div className={styles.room}>
      <h2 className="visually-hidden">Expiry</h2>
      <div className={styles.top}>
        <ForecastPanel state={held?.state ?? null} />
        <Soonest state={held?.state ?? null} opened={openKey === null ? null : { database, key: openKey }} onOpen={open} />
      </div>
      <HashTimeline key={openKey === null ? 'none' : `${database} ${openKey}`} database={database} hash={openKey} onOpen={open} />
    </div>
  )
}
