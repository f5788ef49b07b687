import type { ClientsAnswer } from '@slotscope/observer/stream'
import { SearchX, Unplug } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { type ClientRow, clientColumns, clientFile, clientRows, filterClients, guardWords } from '../../model/client-rows.ts'
import { formatCount, plural } from '../../model/format.ts'
import { readSort, sortRows } from '../../model/sorted-rows.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { RowTable } from '../../ui/row-table.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { AskAll, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import { ClientFilters, useClientFilter } from './client-filters.tsx'
import { clientTable } from './client-table.tsx'
import { KillClients } from './kill-clients.tsx'
import styles from './views.module.css'

const none: readonly ClientRow[] = []
const columns = Object.values(clientColumns)

/** Who is connected to the nodes: asked on request, filtered and sorted here, and ended one by one or several at once. */
export function ClientsView() {
  const { query, answer } = useAskedOfAll<ClientsAnswer>('clients')
  const names = useNodeNames()
  const readOnly = useReadOnlyReason()
  const state = useClientFilter()
  const [sortText, setSort] = useQueryParameter('sort')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [doomed, setDoomed] = useState<readonly ClientRow[]>(none)
  const all = useMemo(() => (answer ? clientRows(answer.clients, names) : none), [answer, names])
  const fitting = useMemo(() => filterClients(all, state.filter), [all, state.filter])
  const sort = useMemo(() => readSort(columns, sortText), [sortText])
  const rows = useMemo(() => sortRows(fitting, columns, sort), [fitting, sort])
  const marked = useMemo(() => rows.filter(({ key }) => chosen.has(key)), [rows, chosen])
  // Links of nodes and our own connections are chosen one by one only.
  const plain = useMemo(() => rows.filter((row) => guardWords(row) === null), [rows])
  const choose = (keys: readonly string[], isOn: boolean) => {
    const next = new Set(chosen)
    for (const key of keys) {
      if (isOn) next.add(key)
      else next.delete(key)
    }
    setChosen(next)
  }
  return (
    <AskedPanel
      title="Clients"
      query={query}
      answer={answer}
      save={<SaveRows what="the clients" name="slotscope-clients" file={() => clientFile(rows)} />}
    >
      {!answer ? (
        <AskAll what="The list of clients" command="CLIENT LIST" leastRole="operator" query={query}>
          Who is connected to which node, what they do there and what they take.
        </AskAll>
      ) : (
        <>
          <Unanswered nodes={answer.nodes} names={names} />
          <ClientFilters rows={all} nodes={answer.nodes} names={names} state={state} />
          <div className={styles.bar}>
            <span role="status">
              {rows.length === all.length
                ? plural(all.length, 'connection')
                : `${formatCount(rows.length)} of ${plural(all.length, 'connection')}`}
              {answer.leftOut > 0 && `; ${formatCount(answer.leftOut)} more are not listed`}
              {marked.length > 0 && `, ${formatCount(marked.length)} chosen`}
            </span>
            <Button
              size="small"
              look="danger"
              disabled={marked.length === 0 || readOnly !== null}
              title={readOnly ?? undefined}
              onClick={() => setDoomed(marked)}
            >
              <Unplug aria-hidden />
              End {marked.length > 0 ? plural(marked.length, 'connection') : 'connections'}…
            </Button>
          </div>
          {rows.length === 0 ? (
            <EmptyState icon={<SearchX aria-hidden />} title={all.length === 0 ? 'No node told of a connection' : 'No connection fits'}>
              {all.length === 0 ? 'Why stands above.' : 'None of what the nodes answered fits all of what stands above.'}
            </EmptyState>
          ) : (
            <RowTable
              label="Connections"
              columns={clientTable}
              rows={rows}
              keyOf={({ key }) => key}
              sort={sort}
              onSort={setSort}
              leastPx={1_400}
              markOf={(row) => (guardWords(row) === null ? undefined : 'quiet')}
              choice={{
                isChosen: ({ key }) => chosen.has(key),
                labelOf: ({ address, nodeName }) => `Choose ${address} on ${nodeName}`,
                onChoose: ({ key }, isOn) => choose([key], isOn),
                all: plain.length > 0 && plain.every(({ key }) => chosen.has(key)) ? true : marked.length > 0 ? 'some' : false,
                onChooseAll: (isOn) =>
                  choose(
                    (isOn ? plain : rows).map(({ key }) => key),
                    isOn
                  ),
                allLabel: 'Choose all that fit, but links of nodes and of Slotscope'
              }}
            />
          )}
          {doomed.length > 0 && (
            <KillClients
              clients={doomed}
              onClose={() => setDoomed(none)}
              onKilled={() => {
                setChosen(new Set())
                void query.refetch()
              }}
            />
          )}
        </>
      )}
    </AskedPanel>
  )
}
