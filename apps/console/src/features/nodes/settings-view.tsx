import type { NodeSettingsAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { RefreshCw, SearchX } from 'lucide-react'
import { useMemo } from 'react'
import { ask } from '../../api/client.ts'
import { formatAgo, plural } from '../../model/format.ts'
import { type SettingFilter, settingRows, someNames } from '../../model/setting-rows.ts'
import { useCluster, useNow } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { SaveRows } from '../../ui/save-rows.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import { AskAll, agreement, Unanswered } from './ask-all.tsx'
import compared from './compared.module.css'
import styles from './nodes-room.module.css'
import { useNodeNames } from './use-node-names.ts'

/** Names of nodes beside one value. */
const MOST_NAMES = 6

/** The settings of all nodes beside each other: what differs first. Asked on request, since it is a long list of every node. */
export function SettingsView() {
  const { id } = useCluster()
  const isPast = useUnchangeableReason() !== null
  const names = useNodeNames()
  const now = useNow(1_000)
  const [find, setFind] = useQueryParameter('find')
  const [own, setOwn] = useQueryParameter('own')
  const [only, setOnly] = useQueryParameter('only')
  const query = useQuery({
    queryKey: ['node-settings', id],
    queryFn: ({ signal }) => ask<NodeSettingsAnswer>(`/api/clusters/${encodeURIComponent(id)}/nodes/settings`, signal),
    enabled: false
  })
  const answer = isPast ? undefined : query.data
  const filter = useMemo<SettingFilter>(() => ({ find: find ?? '', own: own !== null, equal: only === null }), [find, own, only])
  const rows = useMemo(() => (answer ? settingRows(answer, names, filter) : []), [answer, names, filter])
  const unequal = rows.filter(({ isUnequal }) => isUnequal).length
  const askedAtMs = answer && Math.min(...answer.nodes.map(({ atMs }) => atMs))
  return (
    <Panel
      title="Configuration"
      note={askedAtMs !== undefined && `asked ${formatAgo(now - askedAtMs)}`}
      actions={
        answer && (
          <span className={styles.actions}>
            <Button size="small" onClick={() => void query.refetch()} disabled={query.isFetching}>
              <RefreshCw aria-hidden />
              Ask again
            </Button>
            <SaveRows
              what="the settings"
              name="slotscope-settings"
              file={() => ({
                columns: ['setting', 'unequal', 'value', 'nodes'],
                rows: rows.flatMap((row) => row.groups.map((group) => [row.name, row.isUnequal, group.words, group.nodes.join(' ')]))
              })}
            />
          </span>
        )
      }
    >
      {!answer ? (
        <AskAll what="The configuration" command="CONFIG GET *" leastRole="operator" query={query}>
          What the nodes are set to, and where they differ. Passwords are compared and never shown.
        </AskAll>
      ) : (
        <>
          <Unanswered nodes={answer.nodes} names={names} />
          <search className={styles.filters}>
            <SettledField label="Setting" placeholder="name or value" value={find ?? ''} onSettle={setFind} />
            <label className={styles.check}>
              <input type="checkbox" checked={only !== null} onChange={(event) => setOnly(event.target.checked ? 'unequal' : null)} />
              Only what differs
            </label>
            <label className={styles.check}>
              <input type="checkbox" checked={own !== null} onChange={(event) => setOwn(event.target.checked ? 'shown' : null)} />
              Also what is each node’s own: ports, addresses, files
            </label>
            <span role="status">{agreement(answer.nodes, unequal, 'setting differs', 'settings differ')}</span>
          </search>
          {rows.length === 0 ? (
            <EmptyState icon={<SearchX aria-hidden />} title="No setting fits">
              Nothing of what the nodes answered fits what stands above.
            </EmptyState>
          ) : (
            <div className={styles.scroll}>
              <table className={compared.table}>
                <thead>
                  <tr>
                    <th scope="col">setting</th>
                    <th scope="col">value</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.name} data-unequal={row.isUnequal || undefined}>
                      <th scope="row">
                        {row.name}
                        {row.isUnequal && <small>differs{row.isOwn && ', as it should'}</small>}
                      </th>
                      <td>
                        {row.groups.map((group) => (
                          <div key={group.nodes[0]} className={compared.value}>
                            <code data-kind={group.kind} data-empty={group.words === 'empty' || undefined}>
                              {group.words}
                            </code>
                            {row.isUnequal && (
                              <span title={group.nodes.join(', ')}>
                                {plural(group.nodes.length, 'node')}: {someNames(group.nodes, MOST_NAMES)}
                              </span>
                            )}
                          </div>
                        ))}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
    </Panel>
  )
}
