import type { KeySampleAnswer } from '@slotscope/observer/stream'
import { ChevronRight, Pause, Play, Scale } from 'lucide-react'
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { post } from '../../api/client.ts'
import { formatBytes, formatCompact, formatCount, plural } from '../../model/format.ts'
import { type BigBy, biggest, type Estimate, memoryOf, type PrefixRow, prefixRows, typesOf } from '../../model/key-sample.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { TypeBadge } from '../../ui/database-chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { SelectField } from '../../ui/text-field.tsx'
import list from './key-list.module.css'
import { KeySampling, ROUND_KEYS, type SamplingView } from './key-sampling.ts'
import { sizeWords } from './key-words.ts'
import styles from './memory-sample.module.css'
import { waitFor } from './patience.ts'

/** Keys that are shown of the biggest. */
const BIGGEST = 25

/** What takes the memory of a database, by prefix and by key, told from a sample on request. Its cost is in sight, and it pauses. */
export function MemorySample(props: {
  readonly database: number
  readonly shard: string | null
  readonly where: string
  readonly delimiter: string
  readonly opened: string | null
  readonly onOpen: (key: string) => void
}) {
  const { database, shard, where } = props
  const { sampling, view } = useKeySampling(database, shard)
  const announce = useAnnounce()
  useEffect(() => {
    if (view.phase === 'full') announce(`${formatCount(view.asked)} keys sampled`)
  }, [view.phase, view.asked, announce])
  const total = useMemo(() => memoryOf(view.keys, view.total), [view])
  const more = () => void sampling.more()
  return (
    <>
      <div className={styles.head}>
        {view.phase === 'running' ? (
          <Button onClick={() => sampling.pause()}>
            <Pause aria-hidden />
            Pause
          </Button>
        ) : (
          <Button look={view.phase === 'idle' ? 'primary' : 'plain'} onClick={more}>
            <Play aria-hidden />
            {view.phase === 'idle' ? 'Sample' : view.phase === 'full' ? `Sample ${formatCount(ROUND_KEYS)} more` : 'Go on'}
          </Button>
        )}
        {total && (
          <span className={styles.total}>
            <b>about {formatBytes(total.value)}</b> ± {formatBytes(total.band)} in keys and values{' '}
            <Chip title="The error is told by the spread of what was drawn: a key much larger than all that were met is not in it">
              sampled
            </Chip>
          </span>
        )}
      </div>
      {view.failure !== null && (
        <div className={list.failure}>
          <FailureNote what="sample keys" error={view.failure} onRetry={more} />
        </div>
      )}
      {view.keys.length > 0 ? (
        <div className={styles.tables}>
          <Prefixes {...props} view={view} />
          <Biggest {...props} view={view} />
        </div>
      ) : view.phase === 'running' ? (
        <EmptyState icon={<Scale aria-hidden />} title="Sampling">
          The first keys are on their way.
        </EmptyState>
      ) : view.phase === 'full' ? (
        <EmptyState icon={<Scale aria-hidden />} title="No keys here">
          There was nothing to draw from {where}.
        </EmptyState>
      ) : (
        view.failure === null && (
          <EmptyState icon={<Scale aria-hidden />} title="Nothing is sampled yet">
            {formatCount(ROUND_KEYS)} keys of {where} are drawn at random and weighed: RANDOMKEY, TYPE, MEMORY USAGE and the size, four
            commands a key, at most 2,000 commands a second over all nodes.
          </EmptyState>
        )
      )}
      {view.asked > 0 && (
        <footer className={list.foot}>
          <span>
            <b>{formatCount(view.keys.length)}</b> sampled of about {formatCount(view.total)}
          </span>
          <span className={list.cost}>{plural(view.commands, 'command')} sent</span>
        </footer>
      )}
    </>
  )
}

/** A sample of a database on its shards; another one begins anew. */
function useKeySampling(database: number, shard: string | null): { readonly sampling: KeySampling; readonly view: SamplingView } {
  const { id } = useCluster()
  const sampling = useMemo(
    () =>
      new KeySampling(
        { database, shard },
        {
          sample: (request, signal) => post<KeySampleAnswer>(`/api/clusters/${encodeURIComponent(id)}/keys/sample`, request, signal),
          wait: waitFor
        }
      ),
    [id, database, shard]
  )
  useEffect(() => () => sampling.pause(), [sampling])
  return { sampling, view: useSyncExternalStore(sampling.subscribe, sampling.view) }
}

type Part = { readonly database: number; readonly view: SamplingView; readonly delimiter: string }

function Prefixes({ database, view, delimiter }: Part) {
  const [within, setWithin] = useState('')
  const rows = useMemo(() => prefixRows(view.keys, view.total, delimiter, within), [view, delimiter, within])
  const most = Math.max(1, ...rows.map(({ bytes }) => bytes.value))
  return (
    <section className={styles.part} aria-label="Memory by prefix">
      <div className={styles.partHead}>
        <h3>Memory by prefix</h3>
        {within !== '' && (
          <span className={styles.within}>
            <Button size="small" onClick={() => setWithin('')}>
              All
            </Button>
            <code>{within}</code>
          </span>
        )}
        <span className={styles.space} />
        <SaveRows
          what="memory by prefix"
          name={`slotscope-db${database}-memory`}
          file={() => ({
            columns: ['prefix', 'sampled', 'keys', 'keys_error', 'bytes', 'bytes_error'],
            rows: rows.map((row) => [
              row.prefix,
              row.drawn,
              ...[row.keys.value, row.keys.band, row.bytes.value, row.bytes.band].map(Math.round)
            ])
          })}
        />
      </div>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">prefix</th>
            <th scope="col">keys</th>
            <th scope="col">memory</th>
            <th scope="col">sampled</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <PrefixLine key={row.prefix} row={row} share={row.bytes.value / most} onOpen={setWithin} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function PrefixLine(props: { readonly row: PrefixRow; readonly share: number; readonly onOpen: (prefix: string) => void }) {
  const { row, share } = props
  return (
    <tr>
      <th scope="row">
        {row.isOpenable ? (
          <button type="button" className={styles.opener} onClick={() => props.onOpen(row.prefix)} title={`Within ${row.prefix}`}>
            <ChevronRight aria-hidden />
            <code>{row.prefix}</code>
          </button>
        ) : (
          <code className={styles.leaf}>{row.prefix}</code>
        )}
        <span className={styles.share} style={{ width: `${share * 100}%` }} />
      </th>
      <td>{words(row.keys, formatCompact)}</td>
      <td>{words(row.bytes, formatBytes)}</td>
      <td>{formatCount(row.drawn)}</td>
    </tr>
  )
}

function words({ value, band }: Estimate, format: (value: number) => string) {
  return (
    <>
      {format(Math.round(value))} <small>± {format(Math.round(band))}</small>
    </>
  )
}

function Biggest(props: Part & { readonly opened: string | null; readonly onOpen: (key: string) => void }) {
  const { database, view } = props
  const [by, setBy] = useState<BigBy>('bytes')
  const [type, setType] = useState<string | null>(null)
  const shards = useCore((core) => core.shards)
  const types = useMemo(() => typesOf(view.keys), [view.keys])
  const rows = useMemo(() => biggest(view.keys, by, type, BIGGEST), [view.keys, by, type])
  return (
    <section className={styles.part} aria-label="Biggest keys that were met">
      <div className={styles.partHead}>
        <h3>Biggest that were met</h3>
        <Segmented
          label="Biggest by"
          value={by}
          segments={[
            { value: 'bytes', label: 'Memory' },
            { value: 'size', label: 'Elements' }
          ]}
          onChange={setBy}
        />
        <SelectField label="Type of the biggest" bare value={type ?? ''} onChange={(event) => setType(event.target.value || null)}>
          <option value="">any type</option>
          {types.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </SelectField>
        <span className={styles.space} />
        <SaveRows
          what="the biggest keys"
          name={`slotscope-db${database}-biggest`}
          file={() => ({
            columns: ['key', 'type', 'shard', 'bytes', 'size'],
            rows: rows.map((row) => [readableName(row.key), row.type, shards[row.shard]?.label ?? row.shard, row.bytes, row.size])
          })}
        />
      </div>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">key</th>
            <th scope="col">type</th>
            <th scope="col">shard</th>
            <th scope="col">size</th>
            <th scope="col">memory</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const shard = shards[row.shard]
            return (
              <tr key={row.key} data-open={row.key === props.opened || undefined}>
                <th scope="row">
                  <button type="button" className={styles.opener} onClick={() => props.onOpen(row.key)} title={readableName(row.key)}>
                    <code>{readableName(row.key) || '(empty)'}</code>
                  </button>
                </th>
                <td>
                  <TypeBadge type={row.type} />
                </td>
                <td>
                  {shard && <ShardBadge label={shard.label} color={shard.color} small />}
                  <span className="visually-hidden">{shard?.label}</span>
                </td>
                <td>{sizeWords(row.type, row.size)}</td>
                <td>{formatBytes(row.bytes)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}
