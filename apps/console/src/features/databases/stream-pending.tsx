import type { PendingAnswer } from '@slotscope/observer/stream'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ask } from '../../api/client.ts'
import { formatDuration, plural } from '../../model/format.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { useCluster } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { EditStep } from './edit-step.tsx'
import styles from './stream.module.css'

/** What the consumers of a group hold and have not acknowledged, oldest first, page by page; chosen entries can be acknowledged. */
export function StreamPending(props: {
  readonly database: number
  readonly keyName: string
  /** base64url */
  readonly group: string
  readonly onChanged: () => void
}) {
  const { database, keyName: key, group } = props
  const { id } = useCluster()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [acknowledging, setAcknowledging] = useState(false)
  const query = useInfiniteQuery({
    queryKey: ['stream', id, database, key, 'pending', group],
    queryFn: ({ pageParam, signal }) =>
      ask<PendingAnswer>(
        `/api/clusters/${encodeURIComponent(id)}/keys/stream/pending?database=${database}&key=${key}&group=${group}${pageParam === null ? '' : `&offset=${pageParam}`}`,
        signal
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0
  })
  if (query.error) return <FailureNote what="read what is pending" error={query.error} onRetry={() => void query.refetch()} />
  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  const there = items.filter((item) => chosen.has(item.id)).map((item) => item.id)
  const toggle = (entry: string) => {
    const next = new Set(chosen)
    if (!next.delete(entry)) next.add(entry)
    setChosen(next)
  }
  return (
    <div className={styles.pending}>
      <div className={styles.pendingList}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">chosen</span>
              </th>
              <th scope="col">entry</th>
              <th scope="col">consumer</th>
              <th scope="col">held for</th>
              <th scope="col">given</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <td>
                  <input type="checkbox" aria-label={`Choose ${item.id}`} checked={chosen.has(item.id)} onChange={() => toggle(item.id)} />
                </td>
                <td>
                  <code>{item.id}</code>
                </td>
                <td>
                  <code>{readableName(item.consumer)}</code>
                </td>
                <td>{formatDuration(item.idleMs)}</td>
                <td>{plural(item.deliveries, 'time')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {query.isPending && <p role="status">Reading what is pending…</p>}
      {query.isSuccess && items.length === 0 && <p>Nothing is pending any more.</p>}
      <span className={styles.buttons}>
        {query.hasNextPage && (
          <Button size="small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Read more
          </Button>
        )}
        <Button size="small" disabled={there.length === 0 || there.length > 1_000} onClick={() => setAcknowledging(true)}>
          Acknowledge {there.length === 0 ? 'chosen' : plural(there.length, 'entry', 'entries')}
        </Button>
      </span>
      {acknowledging && there.length > 0 && (
        <EditStep
          action="Acknowledge"
          done="Acknowledged"
          request={{ kind: 'stream-ack', body: { database, key, group, ids: there } }}
          note="They are handed to nobody again. The entries stay in the stream."
          onClose={() => setAcknowledging(false)}
          onChanged={props.onChanged}
          onDone={() => setChosen(new Set())}
        />
      )}
    </div>
  )
}
