import type { NodeInfoAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { LockKeyhole, RefreshCw, SearchX, X } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { ask } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { formatAgo } from '../../model/format.ts'
import { infoGroups } from '../../model/info-words.ts'
import { useCluster, useCore, useNow } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import parts from '../../ui/panel-parts.module.css'
import { SaveRows } from '../../ui/save-rows.tsx'
import { Spinner } from '../../ui/spinner.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './nodes-room.module.css'

/** INFO of one node in words. Asked once, when it is opened, and again only on request. */
export function NodeInfo({ node, onClose }: { readonly node: string; readonly onClose: () => void }) {
  const { id } = useCluster()
  const { role } = useSession()
  const past = useUnchangeableReason()
  const name = useCore((core) => core.nodes[node]?.name ?? null)
  const now = useNow(1_000)
  const [find, setFind] = useState('')
  const begin = useRef<HTMLDivElement>(null)
  const mayAsk = role !== 'viewer' && past === null && name !== null
  const query = useQuery({
    queryKey: ['node-info', id, node],
    queryFn: ({ signal }) => ask<NodeInfoAnswer>(`/api/clusters/${encodeURIComponent(id)}/nodes/${node}/info`, signal),
    enabled: mayAsk,
    staleTime: Number.POSITIVE_INFINITY
  })
  const groups = useMemo(() => infoGroups(query.data?.sections ?? [], find), [query.data, find])
  const isThere = query.data !== undefined
  useEffect(() => {
    // Its beginning, and no further: the table stays in sight where there is room for both.
    if (isThere) begin.current?.scrollIntoView({ block: 'nearest' })
  }, [isThere])
  return (
    <div>
      <div ref={begin} className={styles.begin} />
      <Panel
        title={`INFO of ${name ?? node.slice(0, 8)}`}
        note={query.data && `asked ${formatAgo(now - query.data.atMs)}`}
        actions={
          <span className={parts.actions}>
            {query.data && (
              <>
                <TextField
                  label="Find in INFO"
                  bare
                  type="search"
                  placeholder="memory, replica, used_…"
                  value={find}
                  onChange={(event) => setFind(event.target.value)}
                />
                <Button size="small" onClick={() => void query.refetch()} disabled={query.isFetching || !mayAsk}>
                  <RefreshCw aria-hidden />
                  Ask again
                </Button>
                <SaveRows
                  what="this INFO"
                  name={`slotscope-info-${node.slice(0, 8)}`}
                  file={() => ({
                    columns: ['section', 'name', 'value', 'words'],
                    rows: groups.flatMap((group) => group.lines.map((line) => [group.name, line.name, line.raw, line.words]))
                  })}
                />
              </>
            )}
            <Button size="small" look="quiet" icon aria-label="Close INFO" onClick={onClose}>
              <X aria-hidden />
            </Button>
          </span>
        }
      >
        {role === 'viewer' ? (
          <EmptyState icon={<LockKeyhole aria-hidden />} title="INFO is for operators">
            Your role is viewer: the figures above are what it may see of a node.
          </EmptyState>
        ) : name === null ? (
          <EmptyState icon={<SearchX aria-hidden />} title="There is no such node">
            The address names a node that this cluster does not know.
          </EmptyState>
        ) : past !== null ? (
          <p className={parts.note}>{past}</p>
        ) : query.isError ? (
          <FailureNote what="ask for INFO" error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <EmptyState icon={<Spinner />} title="Asking the node" />
        ) : groups.length === 0 ? (
          <EmptyState icon={<SearchX aria-hidden />} title="Nothing fits">
            No name, meaning or value in this INFO has “{find}” in it.
          </EmptyState>
        ) : (
          <div className={styles.sections}>
            {groups.map((group) => (
              <section key={group.name} aria-label={group.name}>
                <h3>{group.name}</h3>
                <dl>
                  {group.lines.map((line) => (
                    <div key={line.name} title={line.raw === line.value ? undefined : `${line.name}:${line.raw}`}>
                      <dt>
                        {line.words === '' ? line.name : line.words}
                        {line.words !== '' && <code>{line.name}</code>}
                      </dt>
                      <dd>{line.value}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        )}
      </Panel>
    </div>
  )
}
