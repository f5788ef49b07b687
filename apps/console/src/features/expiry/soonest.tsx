import type { ExpiryState, SoonestEntry } from '@slotscope/observer/stream'
import { memo } from 'react'
import { Link } from 'wouter'
import { nearnessOf } from '../../model/expiry-axis.ts'
import { formatRate } from '../../model/forecast.ts'
import { formatCompact, formatDuration } from '../../model/format.ts'
import { soonestFile } from '../../model/table-files.ts'
import { asBase64Url, readableName } from '../../model/typed-bytes.ts'
import { roomPath } from '../../room-path.ts'
import { useCluster, useCore, useNow } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { DatabaseChip } from '../../ui/database-chip.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import styles from './soonest.module.css'

type Props = {
  readonly state: ExpiryState | null
  readonly opened: { readonly database: number; readonly key: string } | null
  readonly onOpen: (database: number, key: string) => void
}

/** The soonest of what was sampled, counting down by the one clock, and the figures of the whole cluster. */
export function Soonest({ state, opened, onOpen }: Props) {
  const entries = state?.soonest ?? []
  const shards = useCore((core) => core.shards)
  const isPast = useUnchangeableReason() !== null
  const nothing = isPast
    ? 'Names are not recorded.'
    : state === null || state.sampledAtMs === null
      ? 'Looking…'
      : 'Nothing that was sampled expires.'
  return (
    <Panel
      title="Soonest"
      className={styles.panel}
      note={entries.length > 0 ? 'of what was sampled' : undefined}
      actions={
        entries.length > 0 && <SaveRows compact what="the soonest" name="slotscope-soonest" file={() => soonestFile(entries, shards)} />
      }
    >
      {entries.length === 0 ? (
        <p className={styles.nothing}>{nothing}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <ol className={styles.list} aria-label="What expires soonest" tabIndex={0}>
          {entries.map((entry) => (
            <Entry
              key={`${entry.database} ${entry.key} ${entry.field ?? ''}`}
              database={entry.database}
              name={entry.key}
              field={entry.field}
              deadlineMs={entry.deadlineMs}
              shard={entry.shard}
              current={
                opened !== null && entry.field !== null && opened.database === entry.database && opened.key === asBase64Url(entry.key)
              }
              onOpen={onOpen}
            />
          ))}
        </ol>
      )}
      <dl className={styles.figures}>
        <Figure
          name="expired fields"
          value={state?.expiredFieldsPerSecond == null ? '–' : `${formatRate(state.expiredFieldsPerSecond)} /s`}
        />
        <Figure name="expired keys" value={state?.expiredKeysPerSecond == null ? '–' : `${formatRate(state.expiredKeysPerSecond)} /s`} />
        <Figure
          name="volatile hashes"
          title="Hashes that hold a field with a deadline, all databases"
          value={formatCompact(state?.hashesWithVolatileFields ?? null)}
        />
        <Figure name="volatile keys" title="Keys with an expiry, all databases" value={formatCompact(state?.keysWithExpiry ?? null)} />
      </dl>
    </Panel>
  )
}

function Figure({ name, value, title }: { readonly name: string; readonly value: string; readonly title?: string }) {
  return (
    <div title={title}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

/** Takes an entry apart: lists are told anew each second with the same entries in them. */
const Entry = memo(function Entry(
  entry: Omit<SoonestEntry, 'key'> & { readonly name: string; readonly current: boolean; readonly onOpen: Props['onOpen'] }
) {
  const { current, onOpen } = entry
  const { id } = useCluster()
  const shard = useCore((core) => core.shards[entry.shard])
  const key = readableName(entry.name)
  const words = (
    <>
      <DatabaseChip database={entry.database} />
      {shard ? <ShardBadge label={shard.label} color={shard.color} small /> : <span />}
      <code title={key}>{key}</code>
      <span className={styles.field} title={entry.field === null ? 'the key itself' : readableName(entry.field)}>
        {entry.field === null ? <i>key</i> : readableName(entry.field)}
      </span>
      <TimeLeft deadlineMs={entry.deadlineMs} />
    </>
  )
  const urlKey = asBase64Url(entry.name)
  return (
    <li>
      {entry.field === null ? (
        <Link
          className={styles.row}
          href={`${roomPath(id, 'databases')}?db=${entry.database}&key=${urlKey}`}
          title="Open the key in Databases"
        >
          {words}
        </Link>
      ) : (
        <button
          type="button"
          className={styles.row}
          aria-current={current || undefined}
          title="Show this hash below"
          onClick={() => onOpen(entry.database, urlKey)}
        >
          {words}
        </button>
      )}
    </li>
  )
})

/** What is drawn anew each second. */
function TimeLeft({ deadlineMs }: { readonly deadlineMs: number }) {
  const left = deadlineMs - useNow(1_000)
  return (
    <span className={styles.left} data-ramp={left > 0 ? nearnessOf(left).ramp : undefined}>
      {left > 0 ? formatDuration(left < 10_000 ? left : Math.round(left / 1_000) * 1_000) : 'due'}
    </span>
  )
}
