import type { ValueAnswer } from '@slotscope/observer/stream'
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { FileQuestion, RotateCw, Timer, X } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { ask } from '../../api/client.ts'
import { toBase64Url } from '../../model/bytes.ts'
import { entryAfter, entryIdOf } from '../../model/entry-id.ts'
import { formatAgo, formatCount } from '../../model/format.ts'
import { readableName } from '../../model/typed-bytes.ts'
import { roomPath } from '../../room-path.ts'
import { useCluster, useCore, useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/command-text.tsx'
import { DatabaseChip, TypeBadge } from '../../ui/database-chip.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { EditableBytes } from './editable-bytes.tsx'
import { type KeyAction, KeyActionStep, KeyMenu } from './key-actions.tsx'
import { sizeWords, timeLeftWords } from './key-words.ts'
import { StreamView } from './stream-view.tsx'
import { joinBytes } from './value-bytes.tsx'
import { ValueItems } from './value-items.tsx'
import styles from './value-view.module.css'

/** Where a page begins, and whether it goes towards older entries of a stream; of other values it goes on in their own order. */
type PageStart = { readonly offset: string | null; readonly back: boolean }

/** The value of one key, page by page, as it was when it was read. */
export function ValueView(props: {
  readonly database: number
  readonly keyName: string
  readonly onClose: () => void
  /** The key stands under another name or in another database now. */
  readonly onMoved: (key: string, database: number) => void
}) {
  const { database, keyName } = props
  const { id } = useCluster()
  const queries = useQueryClient()
  const [action, setAction] = useState<KeyAction | null>(null)
  const [entry] = useQueryParameter('entry')
  const from = entry === null ? null : entryIdOf(entry)
  const query = useInfiniteQuery({
    queryKey: ['value', id, database, keyName, from],
    queryFn: async ({ pageParam: { offset, back }, signal }) => {
      const path = `/api/clusters/${encodeURIComponent(id)}/keys/value?database=${database}&key=${keyName}`
      const answer = await ask<ValueAnswer>(
        `${path}${offset === null ? '' : `&offset=${encodeURIComponent(offset)}`}${back ? '&back=1' : ''}`,
        signal
      )
      return back ? answer : newestFirst(answer, offset)
    },
    initialPageParam: { offset: from === null ? null : entryAfter(from), back: true } as PageStart,
    getNextPageParam: ({ next }): PageStart | null => (next === null ? null : { offset: next, back: true }),
    getPreviousPageParam: (_, pages): PageStart => ({ offset: newestIn(pages) ?? from, back: false }),
    // Another place in the same stream: what was there stays until it is read.
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0
  })
  const onChanged = () => {
    void query.refetch()
    void queries.invalidateQueries({ queryKey: ['stream', id, database, keyName] })
  }
  const name = readableName(keyName)
  const pages = query.data?.pages
  const first = pages?.[0]
  return (
    <Panel
      title="Value"
      className={styles.panel}
      actions={
        <span className={styles.actions}>
          {first && first.type !== 'none' && <KeyMenu onChoose={setAction} />}
          <Button size="small" look="quiet" icon aria-label="Read again" title="Read again" onClick={onChanged} disabled={query.isFetching}>
            <RotateCw aria-hidden />
          </Button>
          <Button size="small" look="quiet" icon aria-label="Close the value" title="Close" onClick={props.onClose}>
            <X aria-hidden />
          </Button>
        </span>
      }
    >
      <div className={styles.head}>
        <div className={styles.nameLine}>
          <code className={styles.name}>{name === '' ? '(empty)' : name}</code>
          <CopyButton text={name} label="Copy" what="the key" />
        </div>
        {first && first.type !== 'none' && <Facts answer={first} database={database} keyName={keyName} />}
      </div>
      {first && first.type !== 'none' && action !== null && (
        <KeyActionStep
          key={action}
          action={action}
          answer={first}
          onClose={() => setAction(null)}
          onChanged={onChanged}
          onMoved={props.onMoved}
        />
      )}
      {query.isError && (
        <div className={styles.failure}>
          <FailureNote what="read the value" error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {query.isPending && !query.isError && (
        <div className={styles.waiting} role="status" aria-label="Reading the value">
          <span />
          <span />
          <span />
        </div>
      )}
      {first?.type === 'none' && (
        <EmptyState icon={<FileQuestion aria-hidden />} title="No such key now">
          It was deleted, it has expired, or it never was in database {database}.
        </EmptyState>
      )}
      {pages && first && first.type !== 'none' && <Body pages={pages} query={query} onChanged={onChanged} />}
    </Panel>
  )
}

function Facts({ answer, database, keyName }: { readonly answer: ValueAnswer; readonly database: number; readonly keyName: string }) {
  const { id } = useCluster()
  const shard = useCore((core) => core.shards[answer.shard])
  const node = useCore((core) => core.nodes[answer.node]?.name ?? answer.node.slice(0, 8))
  const now = useNow(1_000)
  return (
    <div className={styles.facts}>
      <DatabaseChip database={database} />
      <TypeBadge type={answer.type} />
      <span>{sizeWords(answer.type, answer.size)}</span>
      {answer.encoding !== null && <span title="OBJECT ENCODING">{answer.encoding}</span>}
      <span>{answer.ttlMs === null ? 'no expiry' : `expires in ${timeLeftWords(answer.ttlMs, answer.atMs, now)}`}</span>
      <span className={styles.where}>
        slot {formatCount(answer.slot)} {shard && <ShardBadge label={shard.label} color={shard.color} small />} {node}
      </span>
      <span className={styles.age}>read {formatAgo(now - answer.atMs)}</span>
      {answer.type === 'hash' && (
        <Link className={styles.timeline} href={`${roomPath(id, 'expiry')}?db=${database}&key=${keyName}`}>
          <Timer aria-hidden />
          timeline
        </Link>
      )}
    </div>
  )
}

type Paging = {
  readonly hasNextPage: boolean
  readonly isFetchingNextPage: boolean
  readonly isFetching: boolean
  readonly fetchNextPage: () => Promise<unknown>
  readonly fetchPreviousPage: () => Promise<unknown>
}

function Body({
  pages,
  query,
  onChanged
}: {
  readonly pages: readonly ValueAnswer[]
  readonly query: Paging
  readonly onChanged: () => void
}) {
  const first = pages[0]!
  const next = query.hasNextPage && (
    <Button size="small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {query.isFetchingNextPage ? 'Reading…' : first.value.kind === 'string' ? 'Read 64 KiB more' : 'Read more'}
    </Button>
  )
  if (first.value.kind === 'none')
    return (
      <EmptyState icon={<FileQuestion aria-hidden />} title={`A ${first.type} cannot be shown yet`}>
        Its size, expiry and place are above; its entries are not read.
      </EmptyState>
    )
  if (first.value.kind === 'string') {
    const bytes = joinBytes(pages.flatMap(({ value }) => (value.kind === 'string' ? [value.bytes] : [])))
    return (
      <>
        <EditableBytes
          key={first.atMs}
          database={first.database}
          keyName={first.key}
          bytes={bytes}
          label="Value"
          // Saved as a whole, so it has to be seen as a whole.
          editable={bytes.length < first.size ? null : { type: 'string', seen: toBase64Url(bytes) }}
          onChanged={onChanged}
        />
        {bytes.length < first.size && (
          <footer className={styles.foot}>
            <span>
              {formatCount(bytes.length)} of {formatCount(first.size)} bytes
            </span>
            {next}
          </footer>
        )}
      </>
    )
  }
  if (first.value.kind === 'stream')
    return (
      <StreamView
        pages={pages}
        next={next}
        onNewer={() => void query.fetchPreviousPage()}
        isReading={query.isFetching}
        onChanged={onChanged}
      />
    )
  return <ValueItems pages={pages} next={next} onChanged={onChanged} />
}

/** A page of newer entries turned round, so that all pages are in one order; the page after it is then the one that it was asked from. */
function newestFirst(answer: ValueAnswer, offset: string | null): ValueAnswer {
  if (answer.value.kind !== 'stream') return answer
  const items = answer.value.items.toReversed()
  return { ...answer, value: { kind: 'stream', items }, next: items.at(-1)?.id ?? (offset === null ? null : entryAfter(offset)) }
}

function newestIn(pages: readonly ValueAnswer[]): string | null {
  for (const { value } of pages) if (value.kind === 'stream' && value.items[0]) return value.items[0].id
  return null
}
