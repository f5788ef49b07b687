import type { ExpiryState } from '@slotscope/observer/stream'
import { Hourglass, LockKeyhole } from 'lucide-react'
import { useMemo, useState } from 'react'
import { databaseWords } from '../../model/database-words.ts'
import { deniedFor } from '../../model/denied.ts'
import { formatRate, seriesTints, viewForecast } from '../../model/forecast.ts'
import type { ForecastScale } from '../../model/forecast-drawing.ts'
import { formatAgo, formatCompact, formatCount } from '../../model/format.ts'
import { useCore, useNow } from '../../stream/hooks.ts'
import { Chip } from '../../ui/chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { ForecastChart } from './forecast-chart.tsx'
import styles from './forecast-panel.module.css'

/** How many fields and keys expire per second, from now to a month ahead, estimated from a sample; the error is drawn, not hidden. */
export function ForecastPanel({ state }: { readonly state: ExpiryState | null }) {
  const [scale, setScale] = useState<ForecastScale>('linear')
  const now = useNow(1_000)
  const forecast = state?.forecast ?? null
  const names = useCore((core) => core.databaseNames)
  const view = useMemo(() => forecast && viewForecast(forecast, names), [forecast, names])
  const refused = deniedFor(
    useCore((core) => core.denied),
    'expiry'
  )
  const nothing = state !== null && state.hashesWithVolatileFields === 0 && state.keysWithExpiry === 0
  const age = state?.sampledAtMs == null ? null : now - state.sampledAtMs
  return (
    <Panel
      title="What expires when"
      className={styles.panel}
      note={state && !nothing ? <Scope state={state} age={age} /> : undefined}
      actions={
        view &&
        !nothing && (
          <Segmented
            label="Scale of the rates"
            value={scale}
            segments={[
              { value: 'linear', label: 'Linear' },
              { value: 'log', label: 'Log' }
            ]}
            onChange={setScale}
          />
        )
      }
    >
      {refused !== null && (
        <div className={styles.failure}>
          <FailureNote what="read what expires" error={new Error(refused.words)} />
        </div>
      )}
      {nothing ? (
        <EmptyState icon={<Hourglass aria-hidden />} title="Nothing expires">
          No key and no hash field of the cluster has a deadline. HSETEX or HEXPIRE sets one on a field, EXPIRE on a key.
        </EmptyState>
      ) : state && view && state.sampledHashes === 0 && state.sampledKeys === 0 ? (
        <EmptyState icon={<LockKeyhole aria-hidden />} title="Nothing could be looked into">
          The servers count {formatCompact(state.keysWithExpiry)} keys with expiry and {formatCompact(state.hashesWithVolatileFields)}{' '}
          hashes with volatile fields, but no sample came back. Our user needs +scan, +hscan, +hlen, +hpexpiretime and +pexpiretime.
        </EmptyState>
      ) : !view ? (
        <EmptyState icon={<Spinner />} title="Sampling deadlines">
          Nothing lists them: hashes and keys are looked into a few at a time, within the budget of a viewer.
        </EmptyState>
      ) : (
        <div className={styles.body} data-old={(age !== null && age > 5_000) || undefined}>
          <ul className={styles.legend} aria-label="Series">
            {view.series.map(({ id, label, databases }, index) => (
              <li
                key={id}
                title={databases.length > 1 ? databases.map((database) => databaseWords(database, names)).join(', ') : undefined}
              >
                <span className={styles.swatch} style={{ background: `var(--tint-${seriesTints[index]})` }} />
                {label} fields
              </li>
            ))}
            <li>
              <span className={`${styles.swatch} ${styles.keys}`} />
              keys
            </li>
            <li className={styles.sum}>
              about {formatCompact(view.fields)} fields and {formatCompact(view.keys)} keys within 30 d
            </li>
          </ul>
          <div className={styles.chart}>
            <ForecastChart view={view} scale={scale} />
          </div>
          <table className="visually-hidden">
            <caption>Estimated expiries per second</caption>
            <thead>
              <tr>
                <th scope="col">from now</th>
                <th scope="col">fields per second</th>
                <th scope="col">error, plus or minus</th>
                <th scope="col">keys per second</th>
              </tr>
            </thead>
            <tbody>
              {view.rows.map((row) => (
                <tr key={row.span}>
                  <th scope="row">{row.span}</th>
                  <td>{formatRate(row.total)}</td>
                  <td>{formatRate(row.band)}</td>
                  <td>{formatRate(row.keys)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

function Scope({ state, age }: { readonly state: ExpiryState; readonly age: number | null }) {
  const factor = state.forecast?.factor ?? 1
  const hashes = Math.max(state.hashesWithVolatileFields, state.sampledHashes)
  return (
    <span className={styles.scope}>
      sampled {formatCount(state.sampledHashes)} of {formatCount(hashes)} hashes, {formatCount(state.sampledKeys)} of{' '}
      {formatCount(Math.max(state.keysWithExpiry, state.sampledKeys))} keys
      {age !== null && <>, {formatAgo(age)}</>}
      {factor > 1.005 ? (
        <Chip title="Fields seen times this factor: hashes that hold a field with a deadline, over those looked into">
          estimated ×{factor.toFixed(factor < 9.95 ? 2 : 1)}
        </Chip>
      ) : (
        state.sampledHashes > 0 && <Chip>every hash was looked into</Chip>
      )}
    </span>
  )
}
