import type { MemoryAnswer, MemoryPart } from '@slotscope/observer/stream'
import { useMemo } from 'react'
import { formatBytes, plural } from '../../model/format.ts'
import { groupWords, type MemoryGroup, type MemoryRow, memoryBar, memoryColumns, memoryFile, partWords } from '../../model/memory-rows.ts'
import { nameOf } from '../../model/setting-rows.ts'
import { readSort, sortRows } from '../../model/sorted-rows.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { type RowColumn, RowTable } from '../../ui/row-table.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { AskAll, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import styles from './memory.module.css'
import views from './views.module.css'

const none: readonly MemoryRow[] = []

/** What the memory of each node is for: a bar of its parts, all on one scale, with the figures beside it. */
export function MemoryView() {
  const { query, answer } = useAskedOfAll<MemoryAnswer>('memory')
  const names = useNodeNames()
  const [sortText, setSort] = useQueryParameter('sort')
  const [open, setOpen] = useQueryParameter('node')
  const all = useMemo(
    () => answer?.memory.map((memory): MemoryRow => ({ ...memory, nodeName: nameOf(memory.node, names) })) ?? none,
    [answer, names]
  )
  const sort = useMemo(() => readSort(memoryColumns, sortText), [sortText])
  const rows = useMemo(() => sortRows(all, memoryColumns, sort), [all, sort])
  const longest = Math.max(0, ...all.map(({ usedBytes }) => usedBytes))
  const table = useMemo(() => tableOf(longest), [longest])
  const opened = rows.find(({ node }) => node === open)
  return (
    <AskedPanel
      title="Memory by part"
      query={query}
      answer={answer}
      save={<SaveRows what="the memory" name="slotscope-memory" file={() => memoryFile(rows)} />}
    >
      {!answer ? (
        <AskAll what="What memory is for" command="MEMORY STATS, INFO memory" leastRole="operator" query={query}>
          How much of each node’s memory is data, and what the rest is for.
        </AskAll>
      ) : (
        <>
          <Unanswered nodes={answer.nodes} names={names} />
          {rows.length === 0 ? (
            <EmptyState title="No node told of its memory">Why stands above.</EmptyState>
          ) : (
            <>
              <ul className={styles.legend}>
                {(Object.keys(groupWords) as MemoryGroup[]).map((group) => (
                  <li key={group}>
                    <span className={styles.swatch} data-group={group} />
                    {groupWords[group]}
                  </li>
                ))}
              </ul>
              {opened && <ByDatabase row={opened} />}
              <RowTable
                label="Memory of the nodes"
                columns={table}
                rows={rows}
                keyOf={({ node }) => node}
                sort={sort}
                onSort={setSort}
                leastPx={1_640}
                openKey={open}
                onOpen={({ node }) => setOpen(open === node ? null : node)}
              />
            </>
          )}
        </>
      )}
    </AskedPanel>
  )
}

/** What a node's hash tables take by database, and what the process takes beside its allocator. */
function ByDatabase({ row }: { readonly row: MemoryRow }) {
  return (
    <section className={views.detail} aria-label={`Memory of ${row.nodeName}`}>
      <p>
        Tables of {row.nodeName} by database, beside keys and values
        {row.besideAllocatorBytes !== null && `; beside its allocator the process takes ${formatBytes(row.besideAllocatorBytes)}`}
      </p>
      {row.databases.length === 0 ? (
        <p>It has no database in use.</p>
      ) : (
        <ul className={styles.databases}>
          {row.databases.map(({ database, bytes }) => (
            <li key={database}>
              db{database} <b>{formatBytes(bytes)}</b>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Bar({ row, longest }: { readonly row: MemoryRow; readonly longest: number }) {
  const stretches = memoryBar(row, longest)
  const words = stretches.map(({ group, bytes }) => `${groupWords[group]} ${formatBytes(bytes)}`).join(', ')
  return (
    <span className={styles.bar} title={words} role="img" aria-label={words}>
      {stretches.map(({ group, from, length }) => (
        <span key={group} data-group={group} style={{ left: `${from * 100}%`, width: `calc(${length * 100}% - 1px)` }} />
      ))}
    </span>
  )
}

const stats = 'MEMORY STATS'

function tableOf(longest: number): readonly RowColumn<MemoryRow>[] {
  const sortOf = (name: string) => memoryColumns.find((column) => column.name === name) ?? { name }
  const bytes = (
    name: string,
    words: string,
    title: string,
    of: (row: MemoryRow) => number | null,
    width = '72px'
  ): RowColumn<MemoryRow> => ({
    ...sortOf(name),
    words,
    title,
    width,
    cell: (row) => formatBytes(of(row)),
    hint: (row) => {
      const value = of(row)
      return value === null ? 'not told by this server' : plural(value, 'byte')
    }
  })
  const part = (name: MemoryPart) => bytes(name, partWords[name][0], `${stats}: ${partWords[name][1]}`, ({ parts }) => parts[name] ?? null)
  return [
    {
      ...sortOf('node'),
      words: 'node',
      title: 'opens to its databases',
      width: 'minmax(84px, 132px)',
      isHead: true,
      isText: true,
      cell: ({ nodeName }) => nodeName
    },
    {
      name: 'bar',
      words: '',
      title: 'its parts, all nodes on one scale',
      width: 'minmax(200px, 1fr)',
      isText: true,
      isFigure: true,
      cell: (row) => <Bar row={row} longest={longest} />
    },
    bytes('used', 'used', `${stats}, total.allocated: the sum of its parts`, ({ usedBytes }) => usedBytes),
    ...(Object.keys(partWords) as MemoryPart[]).map(part),
    bytes('peak', 'peak', `${stats}, peak.allocated: the most that it ever used`, ({ peakBytes }) => peakBytes),
    {
      ...sortOf('limit'),
      words: 'limit',
      title: 'maxmemory',
      width: '72px',
      cell: ({ limitBytes }) => (limitBytes === 0 ? 'none' : formatBytes(limitBytes))
    },
    bytes('resident', 'resident', 'what the system counts for the process', ({ residentBytes }) => residentBytes),
    {
      ...sortOf('fragmentation'),
      words: 'fragm.',
      title: 'resident by used: far above 1 on a node that holds much, memory is lost between what it holds',
      width: '56px',
      cell: ({ fragmentation }) => (fragmentation === null ? '–' : fragmentation.toFixed(2))
    },
    bytes(
      'lost',
      'lost',
      `${stats}, allocator-fragmentation.bytes: lost in the allocator’s pages`,
      ({ allocatorLostBytes }) => allocatorLostBytes
    ),
    bytes(
      'kept',
      'kept',
      `${stats}, allocator-rss.bytes: free, and kept by the allocator for later`,
      ({ allocatorKeptBytes }) => allocatorKeptBytes
    )
  ]
}
