import type { LatencyAnswer, LatencyEvent, LatencyHistoryAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { Fragment, useState } from 'react'
import { ask } from '../../api/client.ts'
import { formatInstant } from '../../model/deadline-text.ts'
import { formatDuration, plural } from '../../model/format.ts'
import { nameOf } from '../../model/setting-rows.ts'
import { useCluster, useNow } from '../../stream/hooks.ts'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import latency from './latency.module.css'
import styles from './tables.module.css'
import views from './views.module.css'

/** What held nodes up, as LATENCY LATEST tells it; each opens to its history. */
export function LatencyEvents({ answer, names }: { readonly answer: LatencyAnswer; readonly names: ReadonlyMap<string, string> }) {
  const now = useNow(60_000)
  const [open, setOpen] = useState<string | null>(null)
  const { events, nodes } = answer
  const noting = nodes.filter(({ eventsFromMs }) => eventsFromMs !== null && eventsFromMs > 0).length
  return (
    <Panel title="What held nodes up" note={events.length > 0 ? plural(events.length, 'event') : undefined}>
      {events.length === 0 ? (
        <p className={views.note}>
          {noting === 0
            ? 'No node notes it: latency-monitor-threshold is 0 there, or not told.'
            : `Nothing yet: ${plural(noting, 'node')} ${noting === 1 ? 'notes' : 'note'} what holds up for longer than latency-monitor-threshold.`}
        </p>
      ) : (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">event</th>
                <th scope="col">node</th>
                <th scope="col">last</th>
                <th scope="col">took</th>
                <th scope="col">longest</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => {
                const key = `${event.node} ${event.event}`
                return (
                  <Fragment key={key}>
                    <tr>
                      <th scope="row">
                        <button
                          type="button"
                          className={latency.opener}
                          aria-expanded={open === key}
                          onClick={() => setOpen(open === key ? null : key)}
                        >
                          {event.event}
                        </button>
                      </th>
                      <td>{nameOf(event.node, names)}</td>
                      <td>{formatInstant(event.atMs, now)}</td>
                      <td>{formatDuration(event.latestMs)}</td>
                      <td>{formatDuration(event.mostMs)}</td>
                    </tr>
                    {open === key && (
                      <tr>
                        <td colSpan={5} className={latency.history}>
                          <History event={event} now={now} />
                        </td>
                      </tr>
                    )}
                  </Fragment>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  )
}

/** Asked when it is opened; a node keeps the last 160 of a kind. */
function History({ event, now }: { readonly event: LatencyEvent; readonly now: number }) {
  const { id } = useCluster()
  const query = useQuery({
    queryKey: ['latency-history', id, event.node, event.event, event.atMs],
    queryFn: ({ signal }) =>
      ask<LatencyHistoryAnswer>(
        `/api/clusters/${encodeURIComponent(id)}/latency/history?node=${event.node}&event=${encodeURIComponent(event.event)}`,
        signal
      ),
    staleTime: Number.POSITIVE_INFINITY
  })
  if (query.isError) return <FailureNote what="ask for the history" error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return 'Asking the node'
  return (
    <ol>
      {query.data.points.toReversed().map(({ atMs, tookMs }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may have happened in one second
        <li key={at}>
          {formatInstant(atMs, now)} <b>{formatDuration(tookMs)}</b>
        </li>
      ))}
    </ol>
  )
}
