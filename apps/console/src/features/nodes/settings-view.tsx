import type { NodeSettingsAnswer } from '@slotscope/observer/stream'
import { SearchX } from 'lucide-react'
import { useMemo } from 'react'
import { plural } from '../../model/format.ts'
import { type SettingFilter, settingRows, someNames } from '../../model/setting-rows.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { SaveRows } from '../../ui/save-rows.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import text from '../../ui/text-table.module.css'
import { AskAll, agreement, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import compared from './compared.module.css'
import styles from './nodes-room.module.css'

/** Names of nodes beside one value. */
const MOST_NAMES = 6

/** The settings of all nodes beside each other: what differs first. Asked on request, since it is a long list of every node. */
export function SettingsView() {
  const { query, answer } = useAskedOfAll<NodeSettingsAnswer>('nodes/settings')
  const names = useNodeNames()
  const [find, setFind] = useQueryParameter('find')
  const [own, setOwn] = useQueryParameter('own')
  const [only, setOnly] = useQueryParameter('only')
  const filter = useMemo<SettingFilter>(() => ({ find: find ?? '', own: own !== null, equal: only === null }), [find, own, only])
  const rows = useMemo(() => (answer ? settingRows(answer, names, filter) : []), [answer, names, filter])
  const unequal = rows.filter(({ isUnequal }) => isUnequal).length
  return (
    <AskedPanel
      title="Configuration"
      query={query}
      answer={answer}
      save={
        <SaveRows
          what="the settings"
          name="slotscope-settings"
          file={() => ({
            columns: ['setting', 'unequal', 'value', 'nodes'],
            rows: rows.flatMap((row) => row.groups.map((group) => [row.name, row.isUnequal, group.words, group.nodes.join(' ')]))
          })}
        />
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
              <table className={`${text.table} ${compared.table}`}>
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
    </AskedPanel>
  )
}
