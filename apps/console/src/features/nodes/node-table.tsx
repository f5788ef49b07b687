import type { NodeReadingsAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, ServerOff } from 'lucide-react'
import { useMemo, useState } from 'react'
import { ask } from '../../api/client.ts'
import { deniedFor } from '../../model/denied.ts'
import { plural } from '../../model/format.ts'
import { nodeColumns, nodeFile, nodeRows, unlikeMost } from '../../model/node-table.ts'
import { nextSort, readSort } from '../../model/sorted-rows.ts'
import { useCluster, useCore } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import parts from '../../ui/panel-parts.module.css'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { SaveRows } from '../../ui/save-rows.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import { NodeInfo } from './node-info.tsx'
import { NodeTableRow } from './node-table-row.tsx'
import styles from './nodes-room.module.css'

/** As often as the watch reads INFO while somebody looks: of a large cluster it reads less often, and the table shows the age. */
const READ_MS = 2_000
/** Rows that are drawn at once: more are found by a word. */
const MOST_ROWS = 200

const none: NodeReadingsAnswer['readings'] = []

/** Every node with its figures, sorted by a click; one of them opens to all that it says of itself. */
export function NodeTable() {
  const { id } = useCluster()
  const isPast = useUnchangeableReason() !== null
  const nodes = useCore((core) => core.nodes)
  const shards = useCore((core) => core.shards)
  const denied = useCore((core) => core.denied)
  const [sortText, setSort] = useQueryParameter('sort')
  const [find, setFind] = useQueryParameter('find')
  const [open, setOpen] = useQueryParameter('node')
  const [shownRows, setShownRows] = useState(MOST_ROWS)
  const query = useQuery({
    queryKey: ['node-readings', id],
    queryFn: ({ signal }) => ask<NodeReadingsAnswer>(`/api/clusters/${encodeURIComponent(id)}/nodes`, signal),
    refetchInterval: READ_MS,
    enabled: !isPast
  })
  const readings = (isPast ? undefined : query.data?.readings) ?? none
  const sort = useMemo(() => readSort(nodeColumns, sortText), [sortText])
  const rows = useMemo(() => nodeRows({ nodes, shards }, readings, { sort, find: find ?? '' }), [nodes, shards, readings, sort, find])
  const unlike = useMemo(() => unlikeMost(nodeRows({ nodes, shards }, readings, { sort: null, find: '' })), [nodes, shards, readings])
  const total = Object.keys(nodes).length
  const refusal = deniedFor(denied, 'nodes')
  return (
    <>
      <Panel
        title="Nodes"
        note={rows.length === total ? plural(total, 'node') : `${rows.length} of ${plural(total, 'node')}`}
        actions={
          <span className={parts.actions}>
            <SettledField label="Find" bare placeholder="name, address, shard, role" value={find ?? ''} onSettle={setFind} />
            <SaveRows what="the nodes" name="slotscope-nodes" file={() => nodeFile(rows)} />
          </span>
        }
      >
        {refusal && (
          <p className={parts.note} role="status">
            Figures are missing: the server does not allow us to read them.{' '}
            {refusal.rule === null ? (
              refusal.words
            ) : (
              <>
                The rule that is missing for our user: <code>{refusal.rule}</code>
              </>
            )}
          </p>
        )}
        {isPast && <p className={parts.note}>Time since the start, clients and offsets are not part of a recording.</p>}
        {query.isError && !isPast && (
          <FailureNote what="read the figures of the nodes" error={query.error} onRetry={() => void query.refetch()} />
        )}
        {rows.length === 0 ? (
          <EmptyState icon={<ServerOff aria-hidden />} title={total === 0 ? 'No node is known yet' : 'No node fits'}>
            {total === 0 ? 'As soon as one answers, it stands here.' : `None of ${plural(total, 'node')} has “${find}” in it.`}
          </EmptyState>
        ) : (
          <ScrollRegion className={styles.scroll} label="Figures of the nodes">
            <table className={styles.table}>
              <thead>
                <tr>
                  {nodeColumns.map((column) => {
                    const { name, words, title } = column
                    const isSorted = sort?.by === name
                    return (
                      <th
                        key={name}
                        scope="col"
                        title={title}
                        aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : undefined}
                      >
                        <button type="button" className={styles.sorter} onClick={() => setSort(nextSort(sort, column))}>
                          {words}
                          {isSorted && (sort.isDown ? <ArrowDown aria-hidden /> : <ArrowUp aria-hidden />)}
                        </button>
                      </th>
                    )
                  })}
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, shownRows).map((row) => (
                  <NodeTableRow
                    key={row.node.id}
                    row={row}
                    total={total}
                    unlike={unlike.get(row.node.id)}
                    isOpen={open === row.node.id}
                    onOpen={setOpen}
                  />
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        )}
        {rows.length > shownRows && (
          <div className={styles.more}>
            <Button onClick={() => setShownRows(shownRows + MOST_ROWS)}>Further nodes</Button>
            {plural(rows.length - shownRows, 'node')} not shown
          </div>
        )}
      </Panel>
      {open !== null && <NodeInfo key={open} node={open} onClose={() => setOpen(null)} />}
    </>
  )
}
