import type { CommandStatsAnswer } from '@slotscope/observer/stream'
import { SearchX } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { type CommandRow, commandColumns, commandFile, commandShares } from '../../model/command-share.ts'
import { formatRate } from '../../model/forecast.ts'
import { formatCount, formatDuration, formatShare, plural } from '../../model/format.ts'
import { microsecondWords } from '../../model/log-rows.ts'
import { nameOf, someNames } from '../../model/setting-rows.ts'
import { readSort, sortRows } from '../../model/sorted-rows.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { NodeSelect } from '../../ui/node-select.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { type RowColumn, RowTable } from '../../ui/row-table.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import { AskAll, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import { ShareCell } from './share-cell.tsx'
import tables from './tables.module.css'
import styles from './views.module.css'

const columns = Object.values(commandColumns)
const spans = [
  { value: 'all', label: 'Since counting began' },
  { value: 'first', label: 'Since first asked here' }
] as const

/** Which commands there are how often, and how much of the processor's time goes to them; errors beside them. */
export function CommandsView() {
  const { query, answer } = useAskedOfAll<CommandStatsAnswer>('command-stats')
  const names = useNodeNames()
  const [find, setFind] = useQueryParameter('find')
  const [node, setNode] = useQueryParameter('node')
  const [span, setSpan] = useQueryParameter('since')
  const [sortText, setSort] = useQueryParameter('sort')
  const [first, setFirst] = useState<CommandStatsAnswer | null>(null)
  useEffect(() => {
    if (answer && first === null) setFirst(answer)
  }, [answer, first])
  const sinceFirst = span === 'first'
  const isLater = first !== null && answer !== undefined && first !== answer
  const shares = useMemo(
    () => (answer && (!sinceFirst || isLater) ? commandShares(answer, sinceFirst ? first : null, node) : null),
    [answer, first, isLater, sinceFirst, node]
  )
  const sort = useMemo(() => readSort(columns, sortText), [sortText])
  const rows = useMemo(() => {
    const wanted = (find ?? '').trim().toLowerCase()
    return sortRows(shares?.commands.filter(({ name }) => name.replace('|', ' ').includes(wanted)) ?? [], columns, sort)
  }, [shares, find, sort])
  const table = useMemo(() => (sinceFirst ? [...always, rate] : always), [sinceFirst])
  return (
    <>
      <AskedPanel
        title="Commands"
        query={query}
        answer={answer}
        save={<SaveRows what="the commands" name="slotscope-commands" file={() => commandFile(rows)} />}
      >
        {!answer ? (
          <AskAll what="What commands cost" command="INFO commandstats errorstats" leastRole="operator" query={query}>
            How often each command is called and how much of the processor’s time goes to it. Asked twice, it says how it is just now.
          </AskAll>
        ) : (
          <>
            <Unanswered nodes={answer.nodes} names={names} />
            <search className={styles.filters}>
              <Segmented label="Counted" value={sinceFirst ? 'first' : 'all'} segments={spans} onChange={setSpan} />
              <NodeSelect nodes={answer.nodes} names={names} value={node} onChange={setNode} />
              <SettledField label="Command" placeholder="name" value={find ?? ''} onSettle={setFind} className={styles.words} />
              {shares?.spanMs != null && (
                <>
                  <span role="status" className={styles.say}>
                    in {formatDuration(shares.spanMs)}
                  </span>
                  <Button size="small" look="quiet" onClick={() => setFirst(answer)}>
                    Count from now
                  </Button>
                </>
              )}
            </search>
            {shares && shares.begunAnew.length > 0 && (
              <p className={styles.note} role="status">
                Counting began anew meanwhile, or had not been told before:{' '}
                {someNames(
                  shares.begunAnew.map((id) => nameOf(id, names)),
                  6
                )}
                . All that is counted there now is in these figures.
              </p>
            )}
            {!shares ? (
              <EmptyState title="Asked once so far">
                How it is just now is the difference between two answers: wait for a while, then <b>Ask again</b>.
              </EmptyState>
            ) : rows.length === 0 ? (
              <EmptyState icon={<SearchX aria-hidden />} title="No command fits">
                {shares.commands.length === 0 ? 'No call was counted.' : 'None of the commands that were called has that name.'}
              </EmptyState>
            ) : (
              <RowTable
                label="Commands by share"
                columns={table}
                rows={rows}
                keyOf={({ name }) => name}
                sort={sort}
                onSort={setSort}
                leastPx={sinceFirst ? 940 : 860}
              />
            )}
          </>
        )}
      </AskedPanel>
      {shares && (
        <Panel title="Errors that were answered" note={plural(shares.errors.length, 'kind')}>
          {shares.errors.length === 0 ? (
            <p className={styles.note}>None.</p>
          ) : (
            <div className={tables.scroll}>
              <table className={tables.table}>
                <thead>
                  <tr>
                    <th scope="col">first word</th>
                    <th scope="col">count</th>
                    <th scope="col">share</th>
                    {sinceFirst && <th scope="col">per second</th>}
                  </tr>
                </thead>
                <tbody>
                  {shares.errors.map(({ code, count, share, perSecond }) => (
                    <tr key={code}>
                      <th scope="row">{code}</th>
                      <td>{formatCount(count)}</td>
                      <td>{formatShare(share)}</td>
                      {sinceFirst && <td>{formatRate(perSecond ?? 0)}</td>}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Panel>
      )}
    </>
  )
}

const stats = 'INFO commandstats'
const always: readonly RowColumn<CommandRow>[] = [
  {
    ...commandColumns.command,
    words: 'command',
    title: stats,
    width: 'minmax(140px, 1.4fr)',
    isHead: true,
    cell: ({ name }) => name.toUpperCase().replace('|', ' ')
  },
  {
    ...commandColumns.calls,
    words: 'calls',
    title: `${stats}, calls`,
    width: 'minmax(80px, 0.7fr)',
    cell: ({ calls }) => formatCount(calls)
  },
  {
    ...commandColumns.share,
    words: 'of all calls',
    title: 'share of the calls that were counted',
    width: 'minmax(110px, 1fr)',
    cell: ({ callsShare }) => <ShareCell share={callsShare} />
  },
  {
    ...commandColumns.time,
    words: 'time',
    title: `${stats}, usec: processor time of the servers`,
    width: 'minmax(70px, 0.6fr)',
    cell: ({ us }) => microsecondWords(us)
  },
  {
    ...commandColumns['time-share'],
    words: 'of all time',
    title: 'share of the time that commands took',
    width: 'minmax(110px, 1fr)',
    cell: ({ timeShare }) => <ShareCell share={timeShare} />
  },
  { ...commandColumns.each, words: 'each', title: 'time of one call', width: '76px', cell: ({ usPerCall }) => microsecondWords(usPerCall) },
  {
    ...commandColumns.rejected,
    words: 'rejected',
    title: `${stats}, rejected_calls: not run, for want of a right, of memory or of arguments`,
    width: '72px',
    cell: ({ rejected }) => formatCount(rejected)
  },
  {
    ...commandColumns.failed,
    words: 'failed',
    title: `${stats}, failed_calls: run and answered with an error`,
    width: '64px',
    cell: ({ failed }) => formatCount(failed)
  }
]
const rate: RowColumn<CommandRow> = {
  ...commandColumns.rate,
  words: 'calls/s',
  title: 'between the first answer and the last',
  width: '72px',
  cell: ({ perSecond }) => formatRate(perSecond ?? 0)
}
