import type { HashState } from '@slotscope/observer/stream'
import { FileQuestion, Timer, Unplug } from 'lucide-react'
import { useMemo, useState } from 'react'
import { formatAgo, formatCount, formatDuration, plural } from '../../model/format.ts'
import { countFields, fieldLines, type TimelineOrder } from '../../model/hash-timeline.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { useConnection, useCore, useNow, useTopic } from '../../stream/hooks.ts'
import { Chip } from '../../ui/chip.tsx'
import { DatabaseChip } from '../../ui/database-chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { EditBar } from './edit-bar.tsx'
import { HashSearch } from './hash-search.tsx'
import styles from './hash-timeline.module.css'
import { TimelineRows } from './timeline-rows.tsx'
import { useExpiryEdits } from './use-expiry-edits.ts'

type Props = {
  readonly database: number
  /** base64url of the key; null: none is chosen. */
  readonly hash: string | null
  readonly onOpen: (database: number, key: string) => void
}

/** The fields of one hash over time: when each one goes, and how to change it. */
export function HashTimeline({ database, hash, onOpen }: Props) {
  const held = useTopic(hash === null ? null : `hash:${database}:${hash}`)
  const state = held?.state ?? null
  const name = hash === null ? null : readableName(hash)
  return (
    <section className={styles.panel} aria-label={name === null ? 'One hash' : `Fields of ${name}`}>
      <div className={styles.head}>
        <div className={styles.headLine}>
          <h2 className={styles.name}>{name === null ? 'One hash, field by field' : <code>{name === '' ? '(empty)' : name}</code>}</h2>
          {state?.exists && <Facts state={state} />}
        </div>
        <HashSearch database={database} hash={hash} onOpen={onOpen} />
      </div>
      {hash === null ? (
        <EmptyState icon={<Timer aria-hidden />} title="Choose a hash">
          Take one of the soonest above, open one by its name, or follow “timeline” from a hash in Databases.
        </EmptyState>
      ) : !state ? (
        <Waiting />
      ) : state.problem !== null ? (
        <div className={styles.failure}>
          <FailureNote what="read this hash" error={new Error(state.problem)} />
        </div>
      ) : !state.exists ? (
        <EmptyState icon={<FileQuestion aria-hidden />} title="No such hash now">
          Database {database} has no key {name}. It is watched: when it appears, its fields stand here.
        </EmptyState>
      ) : (
        <Fields state={state} />
      )}
    </section>
  )
}

function Waiting() {
  const connection = useConnection()
  if (connection.phase !== 'live')
    return (
      <EmptyState icon={<Unplug aria-hidden />} title="The stream is lost">
        The hash is read again as soon as the stream is back.
      </EmptyState>
    )
  return (
    <EmptyState icon={<Spinner />} title="Reading the fields">
      From the owner of its slot, once a second while you look.
    </EmptyState>
  )
}

function Facts({ state }: { readonly state: HashState }) {
  const shard = useCore((core) => (state.shard === null ? undefined : core.shards[state.shard]))
  const node = useCore((core) => (state.node === null ? null : (core.nodes[state.node]?.name ?? state.node.slice(0, 8))))
  const now = useNow(1_000)
  const counts = useMemo(() => countFields(state), [state])
  const age = now - state.atMs
  return (
    <div className={styles.facts}>
      <DatabaseChip database={state.database} />
      <span>
        hash · {plural(state.length, 'field')}, {formatCount(counts.expiring)} expire{counts.expiring === 1 ? 's' : ''}
      </span>
      <span className={styles.where}>
        slot {formatCount(state.slot)} {shard && <ShardBadge label={shard.label} color={shard.color} small />}
        <span className="visually-hidden">shard {shard?.label}</span> {node}
      </span>
      {state.keyDeadlineMs !== null && <Chip>the key itself in {formatDuration(Math.max(0, state.keyDeadlineMs - now))}</Chip>}
      {state.truncated && (
        <Chip tone="warn">
          {formatCount(counts.listed)} of {formatCount(state.length)} fields shown
        </Chip>
      )}
      {age > 3_500 && <Chip tone="warn">read {formatAgo(age)}</Chip>}
    </div>
  )
}

function Fields({ state }: { readonly state: HashState }) {
  const [order, setOrder] = useState<TimelineOrder>('soonest')
  const [filter, setFilter] = useState('')
  const edits = useExpiryEdits(state)
  const lines = useMemo(() => fieldLines(state, order, filter), [state, order, filter])
  const counts = useMemo(() => countFields(state), [state])
  return (
    <>
      <div className={styles.tools}>
        <Segmented
          label="Order of the fields"
          value={order}
          segments={[
            { value: 'soonest', label: 'Soonest' },
            { value: 'name', label: 'Name' }
          ]}
          onChange={setOrder}
        />
        <TextField
          label="Fields named"
          bare
          mono
          className={styles.filter}
          placeholder="part of a field's name"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        {counts.unnamed !== null && counts.unnamed > 0 && (
          <Chip title="Expired, hidden from HSCAN and still counted by HLEN; their names were not seen before">
            {formatCount(counts.unnamed)} unnamed await{counts.unnamed === 1 ? 's' : ''} reclaim
          </Chip>
        )}
        <span className={styles.hints}>
          drag an end to change it · <Kbd>E</Kbd> type · <Kbd>P</Kbd> persist · <Kbd>Enter</Kbd> apply
        </span>
      </div>
      {lines.length === 0 ? (
        <EmptyState icon={<FileQuestion aria-hidden />} title={filter === '' ? 'No field that can be named' : 'No field has such a name'}>
          {filter === ''
            ? 'All its fields have expired and wait for reclaim.'
            : `None of ${plural(counts.listed, 'field')} contains “${filter}”.`}
        </EmptyState>
      ) : (
        <TimelineRows lines={lines} edits={edits} />
      )}
      <EditBar state={state} edits={edits} />
    </>
  )
}
