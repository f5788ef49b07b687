import type { HeardAnswer, ListenAnswer, ListenRequest } from '@slotscope/observer/stream'
import { Ear, EarOff } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ApiFailure, ask, post, remove } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { toBase64Url } from '../../model/bytes.ts'
import { formatRate } from '../../model/forecast.ts'
import { formatBytes, formatCount, formatTimeOfDay, plural } from '../../model/format.ts'
import { bytesOfText, quoted, readableName } from '../../model/typed-bytes.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { Button } from '../../ui/button.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { type RowColumn, RowTable } from '../../ui/row-table.tsx'
import { SelectField, TextField } from '../../ui/text-field.tsx'
import { type HeardRow, type ListenDoor, Listening, type ListenView } from './listening.ts'
import styles from './views.module.css'

/**
 * Listens to a channel, a sharded channel or a pattern while somebody looks: one connection, given back when the page is hidden or the room is
 * left.
 *
 * @param props.chosen what was clicked in the list: it is put into the fields
 */
export function ListenPanel({ chosen }: { readonly chosen: ListenRequest | null }) {
  const { id, store } = useCluster()
  const { role } = useSession()
  const past = useUnchangeableReason()
  const [kind, setKind] = useState<ListenRequest['kind']>('channel')
  const [name, setName] = useState('')
  const [view, setView] = useState<ListenView | null>(null)
  const listening = useRef<Listening | null>(null)
  useEffect(() => {
    if (chosen === null) return
    setKind(chosen.kind)
    setName(readableName(chosen.name))
  }, [chosen])
  useEffect(() => {
    const look = () => (document.visibilityState === 'hidden' ? listening.current?.pause() : listening.current?.resume())
    document.addEventListener('visibilitychange', look)
    return () => {
      document.removeEventListener('visibilitychange', look)
      listening.current?.stop()
      listening.current = null
    }
  }, [])
  useEffect(() => {
    if (past !== null) listening.current?.stop()
  }, [past])
  const begin = (event: FormEvent) => {
    event.preventDefault()
    listening.current?.stop()
    listening.current = new Listening(doorOf(id), { kind, name: toBase64Url(bytesOfText(name)) }, setView)
    setView(listening.current.view)
  }
  const isOn = view !== null && view.status !== 'ended'
  if (role === 'viewer') return null
  return (
    <Panel
      title="Listen"
      note="a connection of its own, for as long as you look"
      actions={
        isOn ? (
          <Button size="small" onClick={() => listening.current?.stop()}>
            <EarOff aria-hidden />
            Stop
          </Button>
        ) : undefined
      }
    >
      <form onSubmit={begin} className={styles.filters}>
        <SelectField label="To" value={kind} onChange={(event) => setKind(event.target.value as ListenRequest['kind'])}>
          <option value="channel">a channel</option>
          <option value="pattern">a pattern</option>
          <option value="sharded">a sharded channel</option>
        </SelectField>
        <TextField
          label="Name"
          mono
          placeholder={kind === 'pattern' ? 'news:*' : 'news'}
          value={name}
          onChange={(event) => setName(event.target.value)}
          className={styles.words}
        />
        <Button type="submit" look="primary" disabled={name === '' || past !== null} title={past ?? undefined}>
          <Ear aria-hidden />
          Listen
        </Button>
      </form>
      {view && <Heard view={view} toLocal={(atMs) => store.clock.toLocal(atMs)} />}
    </Panel>
  )
}

function doorOf(cluster: string): ListenDoor {
  const root = `/api/clusters/${encodeURIComponent(cluster)}/pubsub/listeners`
  return {
    begin: (request) => post<ListenAnswer>(root, request),
    heard: (listener, after) => ask<HeardAnswer>(`${root}/${listener}?after=${after}`),
    end: (listener) => remove(`${root}/${listener}`)
  }
}

function Heard({ view, toLocal }: { readonly view: ListenView; readonly toLocal: (atMs: number) => number }) {
  const { begun, rows, status } = view
  const nodeName = useCore((core) => (begun === null ? null : (core.nodes[begun.node]?.name ?? null)))
  const state = {
    beginning: 'begins',
    listening: 'listening',
    paused: 'paused while the page is hidden',
    ended: 'stopped'
  } as const
  return (
    <>
      <div className={styles.bar}>
        <span>
          {begun && (
            <code>
              {begun.command[0]} {quoted(begun.command[1])}
            </code>
          )}{' '}
          {nodeName !== null && `at ${nodeName}, `}
          <span role="status">{state[status]}</span>
        </span>
        <span>
          {plural(view.received, 'message')}, {formatBytes(view.receivedBytes)}, {formatRate(view.perSecond)}/s
        </span>
      </div>
      {view.why !== null && <FailureNote what="listen" error={new ApiFailure('SERVER_ERROR_REPLY', view.why, 502)} />}
      {rows.length === 0 && status === 'listening' && <p className={styles.note}>Nothing has come yet.</p>}
      {rows.length > 0 && (
        <RowTable
          label="Messages, the newest first"
          columns={tableOf(toLocal)}
          rows={rows}
          keyOf={({ key }) => key}
          leastPx={560}
          mostPx={260}
          markOf={(row) => (row.kind === 'gap' ? 'quiet' : undefined)}
        />
      )}
    </>
  )
}

function tableOf(toLocal: (atMs: number) => number): readonly RowColumn<HeardRow>[] {
  return [
    {
      name: 'time',
      words: 'time',
      title: 'when it came here',
      width: '70px',
      isText: true,
      isFigure: true,
      cell: (row) => (row.kind === 'gap' ? '–' : formatTimeOfDay(toLocal(row.atMs)))
    },
    {
      name: 'channel',
      words: 'channel',
      title: 'the channel that it was sent to',
      width: 'minmax(110px, 1fr)',
      isText: true,
      isFigure: true,
      cell: (row) => (row.kind === 'gap' ? '' : readableName(row.channel)),
      hint: (row) => (row.kind === 'gap' ? undefined : readableName(row.channel))
    },
    {
      name: 'message',
      words: 'message',
      title: 'as text; bytes that are none are escaped',
      width: 'minmax(200px, 4fr)',
      isText: true,
      isHead: true,
      isFigure: true,
      cell: (row) => (row.kind === 'gap' ? row.words : <code>{readableName(row.payload)}</code>),
      hint: (row) => (row.kind === 'gap' ? undefined : readableName(row.payload))
    },
    {
      name: 'size',
      words: 'size',
      title: 'of the message, in full',
      width: '70px',
      isFigure: true,
      cell: (row) => (row.kind === 'gap' ? '' : formatBytes(row.sizeBytes)),
      hint: (row) => (row.kind === 'gap' ? undefined : `${formatCount(row.sizeBytes)} bytes`)
    }
  ]
}
