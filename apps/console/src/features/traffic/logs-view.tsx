import type { CommandLogAnswer, CommandLogKind } from '@slotscope/observer/stream'
import { ListX, SearchX } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { formatInstant } from '../../model/deadline-text.ts'
import { plural } from '../../model/format.ts'
import { kindNames, type LogRow, limitGroups, logColumns, logFile, logRows, valueWords } from '../../model/log-rows.ts'
import { someNames } from '../../model/setting-rows.ts'
import { readSort, sortRows } from '../../model/sorted-rows.ts'
import { useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { type RowColumn, RowTable } from '../../ui/row-table.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import { AskAll, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import { ResetLogs } from './reset-logs.tsx'
import styles from './views.module.css'

const kinds = [
  { value: 'slow', label: 'Slow' },
  { value: 'large-request', label: 'Large requests' },
  { value: 'large-reply', label: 'Large replies' }
] as const satisfies readonly { readonly value: CommandLogKind; readonly label: string }[]
const columns = Object.values(logColumns)
const none: readonly LogRow[] = []

/** What the nodes wrote down of commands that took long, came large or were answered with much; all nodes as one list. */
export function LogsView() {
  const [asked, setKind] = useQueryParameter('kind')
  const kind: CommandLogKind = kinds.find(({ value }) => value === asked)?.value ?? 'slow'
  return (
    <>
      <Segmented label="Which log" value={kind} segments={kinds} onChange={setKind} />
      <Log key={kind} kind={kind} />
    </>
  )
}

function Log({ kind }: { readonly kind: CommandLogKind }) {
  const { query, answer } = useAskedOfAll<CommandLogAnswer>(`command-logs?kind=${kind}`)
  const names = useNodeNames()
  const readOnly = useReadOnlyReason()
  const now = useNow(60_000)
  const [find, setFind] = useQueryParameter('find')
  const [sortText, setSort] = useQueryParameter('sort')
  const [open, setOpen] = useState<string | null>(null)
  const [resets, setResets] = useState(false)
  const fitting = useMemo(() => (answer ? logRows(answer, names, find ?? '') : none), [answer, names, find])
  const sort = useMemo(() => readSort(columns, sortText), [sortText])
  const rows = useMemo(() => sortRows(fitting, columns, sort), [fitting, sort])
  const table = useMemo(() => tableOf(kind, now), [kind, now])
  const opened = rows.find(({ key }) => key === open)
  const cut = answer?.nodes.filter(({ isCut }) => isCut).length ?? 0
  return (
    <AskedPanel
      title={kindNames[kind].replace(/^./, (letter) => letter.toUpperCase())}
      query={query}
      answer={answer}
      save={<SaveRows what={`the ${kindNames[kind]}`} name={`slotscope-${kind}`} file={() => logFile(kind, rows)} />}
    >
      {!answer ? (
        <AskAll what={`The log of ${kindNames[kind]}`} command={`COMMANDLOG GET ${kind}`} leastRole="operator" query={query}>
          What the nodes wrote down by themselves, with the commands in full as far as they kept them.
        </AskAll>
      ) : (
        <>
          <Unanswered nodes={answer.nodes} names={names} />
          <ul className={styles.limits}>
            {limitGroups(kind, answer.nodes, names).map(({ words, nodes }) => (
              <li key={words}>
                Written down: {words}
                {nodes !== null && <> ({someNames(nodes, 6)})</>}
              </li>
            ))}
          </ul>
          <div className={styles.bar}>
            <SettledField
              label="Find"
              bare
              placeholder="command, key, client, node"
              value={find ?? ''}
              onSettle={setFind}
              className={styles.words}
            />
            <span role="status">
              {plural(rows.length, 'entry', 'entries')}
              {cut > 0 && `; older ones of ${plural(cut, 'node')} are not listed`}
            </span>
            <Button
              size="small"
              look="danger"
              disabled={readOnly !== null || answer.entries.length === 0}
              title={readOnly ?? undefined}
              onClick={() => setResets(true)}
            >
              <ListX aria-hidden />
              Empty the log…
            </Button>
          </div>
          {rows.length === 0 ? (
            <EmptyState icon={<SearchX aria-hidden />} title={answer.entries.length === 0 ? 'Nothing was written down' : 'No entry fits'}>
              {answer.entries.length === 0
                ? 'No command went over what stands above since the nodes began, or since their log was emptied.'
                : `None of ${plural(answer.entries.length, 'entry', 'entries')} has “${find}” in it.`}
            </EmptyState>
          ) : (
            <RowTable
              label="Entries of the log"
              columns={table}
              rows={rows}
              keyOf={({ key }) => key}
              sort={sort}
              onSort={setSort}
              leastPx={860}
              openKey={open}
              onOpen={({ key }) => setOpen(open === key ? null : key)}
            />
          )}
          {opened && <InFull key={opened.key} row={opened} kind={kind} now={now} />}
          {resets && <ResetLogs kind={kind} onClose={() => setResets(false)} onReset={() => void query.refetch()} />}
        </>
      )}
    </AskedPanel>
  )
}

/** One command, word by word. */
function InFull({ row, kind, now }: { readonly row: LogRow; readonly kind: CommandLogKind; readonly now: number }) {
  const [name, ...rest] = row.words
  const place = useRef<HTMLElement>(null)
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <section ref={place} className={styles.detail} aria-label="The command in full">
      <p>
        {name?.toUpperCase()} on {row.nodeName}, {valueWords(kind, row.value)}, {formatInstant(row.atMs, now)} by its clock
      </p>
      <ol>
        {rest.map((word, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: words have no name but their place, and never move
          <li key={at}>
            <code>{word === '' ? '""' : word}</code>
          </li>
        ))}
      </ol>
    </section>
  )
}

function tableOf(kind: CommandLogKind, now: number): readonly RowColumn<LogRow>[] {
  return [
    {
      ...logColumns.command,
      words: 'command',
      title: 'as the server kept it: at most 32 words of 128 bytes each; secrets are left out',
      width: 'minmax(260px, 3fr)',
      isHead: true,
      cell: ({ line }) => <code>{line}</code>,
      hint: ({ line }) => line
    },
    kind === 'slow'
      ? {
          ...logColumns.value,
          words: 'took',
          title: 'time that the server spent in it; neither the network nor the wait in the queue are in it',
          width: '84px',
          cell: ({ value }) => valueWords(kind, value),
          hint: ({ value }) => `${value} µs`
        }
      : {
          ...logColumns.value,
          words: 'size',
          title: 'bytes of the request, or of the reply',
          width: '84px',
          cell: ({ value }) => valueWords(kind, value),
          hint: ({ value }) => `${value} bytes`
        },
    {
      ...logColumns.when,
      words: 'when',
      title: 'by the clock of the node, in whole seconds',
      width: '150px',
      cell: ({ atMs }) => formatInstant(atMs, now)
    },
    { ...logColumns.node, words: 'node', title: 'the node that ran it', width: 'minmax(70px, 0.6fr)', cell: ({ nodeName }) => nodeName },
    {
      ...logColumns.client,
      words: 'client',
      title: 'where it came from',
      width: 'minmax(130px, 1fr)',
      cell: ({ address }) => address ?? '–',
      hint: ({ address }) => address ?? undefined
    },
    {
      ...logColumns.name,
      words: 'client name',
      title: 'what the client called itself',
      width: 'minmax(90px, 0.8fr)',
      cell: ({ clientName }) => clientName || '–',
      hint: ({ clientName }) => clientName || undefined
    }
  ]
}
