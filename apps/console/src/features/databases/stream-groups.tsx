import type { StreamAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { Plus, Users } from 'lucide-react'
import { useState } from 'react'
import { ask } from '../../api/client.ts'
import { toBase64Url } from '../../model/bytes.ts'
import { formatCount, formatDuration, plural } from '../../model/format.ts'
import { bytesOfText, readableName } from '../../model/typed-bytes.ts'
import { useCluster } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { EditStep } from './edit-step.tsx'
import styles from './stream.module.css'
import { StreamPending } from './stream-pending.tsx'

type Group = StreamAnswer['groups'][number]
type Place = { readonly database: number; readonly keyName: string; readonly onChanged: () => void }

/** The groups of a stream, how far each has come, its consumers and what they hold. */
export function StreamGroups(place: Place) {
  const { database, keyName, onChanged } = place
  const { id } = useCluster()
  const [adding, setAdding] = useState(false)
  const query = useQuery({
    queryKey: ['stream', id, database, keyName],
    queryFn: ({ signal }) =>
      ask<StreamAnswer>(`/api/clusters/${encodeURIComponent(id)}/keys/stream?database=${database}&key=${keyName}`, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0
  })
  const { data } = query
  if (query.error)
    return (
      <div className={styles.pad}>
        <FailureNote what="read the groups" error={query.error} onRetry={() => void query.refetch()} />
      </div>
    )
  if (data === undefined)
    return (
      <p className={styles.empty} role="status">
        Reading the groups…
      </p>
    )
  return (
    <div className={styles.groups}>
      <p className={styles.facts}>
        <span>{plural(data.length, 'entry', 'entries')}</span>
        {data.entriesAdded !== null && <span>{formatCount(data.entriesAdded)} ever added</span>}
        <span>
          last id <code>{data.lastId}</code>
        </span>
        <Button size="small" aria-expanded={adding} onClick={() => setAdding(!adding)}>
          <Plus aria-hidden />
          New group
        </Button>
      </p>
      {adding && <NewGroup {...place} onClose={() => setAdding(false)} />}
      {data.groups.length === 0 && (
        <EmptyState icon={<Users aria-hidden />} title="No group reads this stream">
          A group hands each entry to one of its consumers and keeps it pending until it is acknowledged.
        </EmptyState>
      )}
      {data.groups.map((group) => (
        <GroupCard key={group.name} group={group} place={{ database, keyName, onChanged }} />
      ))}
      {data.moreGroups > 0 && <p className={styles.empty}>and {plural(data.moreGroups, 'group')} more, which are not listed</p>}
    </div>
  )
}

function GroupCard({ group, place }: { readonly group: Group; readonly place: Place }) {
  const [open, setOpen] = useState<'none' | 'pending' | 'start' | 'destroy'>('none')
  const { database, keyName: key, onChanged } = place
  const name = readableName(group.name) || '(empty)'
  const toggle = (part: typeof open) => setOpen(open === part ? 'none' : part)
  const close = () => setOpen('none')
  return (
    <section className={styles.group} aria-label={`Group ${name}`}>
      <header>
        <b>
          <code>{name}</code>
        </b>
        <span>
          {formatCount(group.pending)} pending · {group.lag === null ? 'lag unknown' : `${formatCount(group.lag)} not yet read`} · after{' '}
          <code>{group.lastDeliveredId}</code>
        </span>
      </header>
      {group.consumers.length > 0 && (
        <ul aria-label={`Consumers of ${name}`}>
          {group.consumers.map((consumer) => (
            <ConsumerRow key={consumer.name} group={group} consumer={consumer} place={place} />
          ))}
        </ul>
      )}
      <span className={styles.buttons}>
        <Button size="small" disabled={group.pending === 0} aria-expanded={open === 'pending'} onClick={() => toggle('pending')}>
          Pending entries
        </Button>
        <Button size="small" aria-expanded={open === 'start'} onClick={() => toggle('start')}>
          Set position
        </Button>
        <Button size="small" look="danger" aria-expanded={open === 'destroy'} onClick={() => toggle('destroy')}>
          Delete group
        </Button>
      </span>
      {open === 'pending' && <StreamPending database={database} keyName={key} group={group.name} onChanged={onChanged} />}
      {open === 'start' && <GroupStart group={group} place={place} onClose={close} />}
      {open === 'destroy' && (
        <EditStep
          action={`Delete group ${name}`}
          look="danger"
          done="Group deleted"
          request={{ kind: 'stream-group-destroy', body: { database, key, group: group.name, expected: group.pending } }}
          note={`The entries stay. What was handed out is forgotten: ${formatCount(group.pending)} pending. It cannot be taken back.`}
          onClose={close}
          onChanged={onChanged}
        />
      )}
    </section>
  )
}

function ConsumerRow(props: { readonly group: Group; readonly consumer: Group['consumers'][number]; readonly place: Place }) {
  const { group, consumer, place } = props
  const [deleting, setDeleting] = useState(false)
  const name = readableName(consumer.name) || '(empty)'
  return (
    <li>
      <span className={styles.consumer}>
        <code>{name}</code>
        <span>
          {formatCount(consumer.pending)} pending · idle {formatDuration(consumer.idleMs)}
        </span>
        <Button size="small" look="quiet" aria-expanded={deleting} onClick={() => setDeleting(!deleting)}>
          Delete<span className="visually-hidden"> consumer {name}</span>
        </Button>
      </span>
      {deleting && (
        <EditStep
          action={`Delete consumer ${name}`}
          look="danger"
          done="Consumer deleted"
          request={{
            kind: 'stream-consumer-delete',
            body: { database: place.database, key: place.keyName, group: group.name, consumer: consumer.name, expected: consumer.pending }
          }}
          note={
            consumer.pending === 0
              ? 'It holds nothing.'
              : `${plural(consumer.pending, 'pending entry', 'pending entries')} would be handed to nobody again: claim them for another consumer first.`
          }
          onClose={() => setDeleting(false)}
          onChanged={place.onChanged}
        />
      )}
    </li>
  )
}

const isStart = (text: string) => /^(\$|\d{1,20}(-\d{1,20})?)$/.test(text)
const startProblem = 'An id, 0 for the beginning, or $ for the end.'

function GroupStart({ group, place, onClose }: { readonly group: Group; readonly place: Place; readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const startId = text.trim()
  const { database, keyName: key } = place
  return (
    <EditStep
      action="Set the position"
      done="Position set"
      request={
        isStart(startId)
          ? { kind: 'stream-group-start', body: { database, key, group: group.name, expected: group.lastDeliveredId, startId } }
          : null
      }
      note="Entries after it are handed out next, those that were read before too. What is pending stays pending."
      onClose={onClose}
      onChanged={place.onChanged}
    >
      <TextField
        label="Goes on after"
        mono
        placeholder="0, an id or $"
        value={text}
        maxLength={41}
        problem={startId === '' || isStart(startId) ? null : startProblem}
        onChange={(event) => setText(event.target.value)}
      />
    </EditStep>
  )
}

function NewGroup({ database, keyName: key, onChanged, onClose }: Place & { readonly onClose: () => void }) {
  const [name, setName] = useState('')
  const [start, setStart] = useState('$')
  const startId = start.trim()
  return (
    <EditStep
      action="Make the group"
      done="Group made"
      request={
        name !== '' && isStart(startId)
          ? { kind: 'stream-group-create', body: { database, key, group: toBase64Url(bytesOfText(name)), startId } }
          : null
      }
      onClose={onClose}
      onChanged={onChanged}
    >
      <TextField label="Name" mono value={name} onChange={(event) => setName(event.target.value)} />
      <TextField
        label="Begins after: 0 for every entry, $ for those to come"
        mono
        value={start}
        maxLength={41}
        problem={isStart(startId) ? null : startProblem}
        onChange={(event) => setStart(event.target.value)}
      />
    </EditStep>
  )
}
