import type { LatencyAnswer, LatencyNode } from '@slotscope/observer/stream'
import { SearchX } from 'lucide-react'
import { useMemo } from 'react'
import { formatCount, plural } from '../../model/format.ts'
import { type LatencyRow, latencyColumns, latencyFile, latencyRows } from '../../model/latency-spread.ts'
import { microsecondWords } from '../../model/log-rows.ts'
import { nameOf } from '../../model/setting-rows.ts'
import { readSort, sortRows } from '../../model/sorted-rows.ts'
import { useCore } from '../../stream/hooks.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { NodeSelect } from '../../ui/node-select.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { type RowColumn, RowTable } from '../../ui/row-table.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import { AskAll, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import { LatencyEvents } from './latency-events.tsx'
import { LatencySpread } from './latency-spread.tsx'
import styles from './views.module.css'

const columns = Object.values(latencyColumns)
const none: readonly LatencyRow[] = []

/** How long the calls of each command took, all nodes together or one; and what held nodes up. */
export function LatencyView() {
  const [node, setNode] = useQueryParameter('node')
  const { query, answer } = useAskedOfAll<LatencyAnswer>(node === null ? 'latency' : `latency?node=${node}`)
  const names = useNodeNames()
  const nodes = useCore((core) => core.nodes)
  const choices = useMemo(() => Object.keys(nodes).map((id) => ({ node: id })), [nodes])
  const [find, setFind] = useQueryParameter('find')
  const [sortText, setSort] = useQueryParameter('sort')
  const [open, setOpen] = useQueryParameter('command')
  const fitting = useMemo(() => (answer ? latencyRows(answer.histograms, find ?? '') : none), [answer, find])
  const sort = useMemo(() => readSort(columns, sortText), [sortText])
  const rows = useMemo(() => sortRows(fitting, columns, sort), [fitting, sort])
  const opened = rows.find(({ command }) => command === open) ?? null
  return (
    <>
      <AskedPanel
        title="Latency"
        query={query}
        answer={answer}
        save={<SaveRows what="the latencies" name="slotscope-latency" file={() => latencyFile(rows)} />}
      >
        <search className={styles.filters}>
          <NodeSelect nodes={choices} names={names} value={node} onChange={setNode} />
          {answer && <SettledField label="Command" placeholder="name" value={find ?? ''} onSettle={setFind} className={styles.words} />}
        </search>
        {!answer ? (
          <AskAll
            what="What commands took"
            command="LATENCY HISTOGRAM, LATENCY LATEST"
            leastRole="operator"
            query={query}
            only={node === null ? undefined : nameOf(node, names)}
          >
            How long the calls of each command took inside the servers, and what held nodes up.
          </AskAll>
        ) : (
          <>
            <Unanswered nodes={answer.nodes} names={names} />
            <Untracked nodes={answer.nodes} names={names} />
            {rows.length === 0 ? (
              <EmptyState icon={<SearchX aria-hidden />} title="No command was timed">
                {answer.histograms.length === 0
                  ? 'The nodes answered with no histogram.'
                  : 'None of the commands that were timed has that name.'}
              </EmptyState>
            ) : (
              <>
                {opened && <LatencySpread row={opened} />}
                <RowTable
                  label="Latency by command"
                  columns={table}
                  rows={rows}
                  keyOf={({ command }) => command}
                  sort={sort}
                  onSort={setSort}
                  leastPx={620}
                  openKey={open}
                  onOpen={({ command }) => setOpen(open === command ? null : command)}
                />
              </>
            )}
          </>
        )}
      </AskedPanel>
      {answer && <LatencyEvents answer={answer} names={names} />}
    </>
  )
}

/** Nodes that time nothing: what they run is in no row. */
function Untracked({ nodes, names }: { readonly nodes: readonly LatencyNode[]; readonly names: ReadonlyMap<string, string> }) {
  const off = nodes.filter(({ isTracking }) => isTracking === false)
  if (off.length === 0) return null
  return (
    <p className={styles.note} role="status">
      {off.length === 1 ? nameOf(off[0]?.node ?? '', names) : plural(off.length, 'node')} {off.length === 1 ? 'times' : 'time'} nothing:{' '}
      <code>latency-tracking</code> is <code>no</code> there.
    </p>
  )
}

const atMost = 'from buckets that double: it took at most so long, and more than half of it'
const table: readonly RowColumn<LatencyRow>[] = [
  {
    ...latencyColumns.command,
    words: 'command',
    title: 'LATENCY HISTOGRAM: opens to how its calls spread',
    width: 'minmax(140px, 1.6fr)',
    isHead: true,
    cell: ({ command }) => command.toUpperCase().replace('|', ' ')
  },
  {
    ...latencyColumns.calls,
    words: 'calls',
    title: 'calls that were timed',
    width: 'minmax(80px, 1fr)',
    cell: ({ calls }) => formatCount(calls)
  },
  {
    ...latencyColumns.p50,
    words: 'p50',
    title: `half of the calls, ${atMost}`,
    width: 'minmax(80px, 1fr)',
    cell: ({ p50Us }) => bound(p50Us)
  },
  {
    ...latencyColumns.p99,
    words: 'p99',
    title: `99 of 100 calls, ${atMost}`,
    width: 'minmax(80px, 1fr)',
    cell: ({ p99Us }) => bound(p99Us)
  },
  {
    ...latencyColumns.p999,
    words: 'p99.9',
    title: `999 of 1,000 calls, ${atMost}`,
    width: 'minmax(80px, 1fr)',
    cell: ({ p999Us }) => bound(p999Us)
  },
  {
    ...latencyColumns.most,
    words: 'longest',
    title: `all calls, ${atMost}`,
    width: 'minmax(80px, 1fr)',
    cell: ({ mostUs }) => bound(mostUs)
  }
]

function bound(us: number): string {
  return `≤ ${microsecondWords(us)}`
}
