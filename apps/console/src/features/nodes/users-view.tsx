import type { NodeUsersAnswer } from '@slotscope/observer/stream'
import { Pencil, SearchX, Trash2, UserPlus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useReadOnlyReason } from '../../api/session.ts'
import { plural } from '../../model/format.ts'
import { someNames } from '../../model/setting-rows.ts'
import { type UserRow, userRows } from '../../model/user-rows.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { SaveRows } from '../../ui/save-rows.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import text from '../../ui/text-table.module.css'
import { AskAll, agreement, Unanswered } from '../asked/ask-all.tsx'
import { AskedPanel, useAskedOfAll } from '../asked/asked-panel.tsx'
import { useNodeNames } from '../asked/use-node-names.ts'
import { ChangeUser, type WantedChange } from './change-user.tsx'
import compared from './compared.module.css'
import styles from './nodes-room.module.css'
import { UserTest } from './user-test.tsx'

/** Names of nodes beside one variant. */
const MOST_NAMES = 6

/** Who may do what on the servers, where nodes differ in that, a test of it, and changes. Asked on request, and for admins. */
export function UsersView() {
  const { query, answer } = useAskedOfAll<NodeUsersAnswer>('nodes/users')
  const names = useNodeNames()
  const [find, setFind] = useQueryParameter('find')
  const rows = useMemo(() => (answer ? userRows(answer, names, find ?? '') : []), [answer, names, find])
  const readOnly = useReadOnlyReason()
  const [wanted, setWanted] = useState<WantedChange | null>(null)
  const unequal = rows.filter(({ isUnequal }) => isUnequal).length
  return (
    <>
      <AskedPanel
        title="Users of the servers"
        query={query}
        answer={answer}
        save={
          <SaveRows
            what="the users"
            name="slotscope-users"
            file={() => ({
              columns: ['user', 'unequal', 'state', 'rules', 'nodes'],
              rows: rows.flatMap((row) =>
                row.variants.map((variant) => [row.name, row.isUnequal, variant.state, variant.text, variant.nodes.join(' ')])
              )
            })}
          />
        }
      >
        {!answer ? (
          <AskAll what="The users of the servers" command="ACL LIST" leastRole="admin" query={query}>
            Who may do what there, and where nodes differ in it. Passwords are counted and compared, and never shown.
          </AskAll>
        ) : (
          <>
            <Unanswered nodes={answer.nodes} names={names} />
            <search className={styles.filters}>
              <SettledField label="User" placeholder="name or rule" value={find ?? ''} onSettle={setFind} />
              <span role="status">{agreement(answer.nodes, unequal, 'user differs', 'users differ')}</span>
              <Button
                size="small"
                className={styles.end}
                disabled={readOnly !== null}
                title={readOnly ?? undefined}
                onClick={() => setWanted({ kind: 'edit', user: null })}
              >
                <UserPlus aria-hidden />
                Add a user
              </Button>
            </search>
            {rows.length === 0 ? (
              <EmptyState icon={<SearchX aria-hidden />} title="No user fits" />
            ) : (
              <div className={styles.scroll}>
                <table className={`${text.table} ${compared.table}`}>
                  <thead>
                    <tr>
                      <th scope="col">user</th>
                      <th scope="col">may do</th>
                      <th scope="col">
                        <span className="visually-hidden">changes</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((row) => (
                      <Row
                        key={row.name}
                        row={row}
                        readOnly={readOnly}
                        onChange={(kind) => setWanted({ kind, user: answer.users.find(({ name }) => name === row.name) ?? null })}
                      />
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </>
        )}
      </AskedPanel>
      {answer && wanted && (
        <ChangeUser
          wanted={wanted}
          taken={answer.users.map(({ name }) => name)}
          onClose={() => setWanted(null)}
          onChanged={() => void query.refetch()}
        />
      )}
      {answer && <UserTest users={answer.users.map(({ name }) => name)} names={names} />}
    </>
  )
}

function Row(props: {
  readonly row: UserRow
  /** Why nobody changes it; null: it can be changed. */
  readonly readOnly: string | null
  readonly onChange: (kind: WantedChange['kind']) => void
}) {
  const { row, readOnly, onChange } = props
  const isDefault = row.name === 'default'
  return (
    <tr data-unequal={row.isUnequal || undefined}>
      <th scope="row">
        {row.name}
        {row.isUnequal && <small>differs</small>}
      </th>
      <td>
        {row.variants.map((variant) => (
          <div key={variant.nodes[0]} className={compared.variant}>
            <p>
              <b>{variant.state}</b>
              {row.isUnequal && (
                <span title={variant.nodes.join(', ')}>
                  {plural(variant.nodes.length, 'node')}: {someNames(variant.nodes, MOST_NAMES)}
                </span>
              )}
            </p>
            {variant.rules && (
              <dl>
                {(['commands', 'keys', 'channels', 'databases'] as const).map((what) => (
                  <div key={what}>
                    <dt>{what}</dt>
                    <dd>{variant.rules?.[what]}</dd>
                  </div>
                ))}
                {variant.rules.selectors.map((selector) => (
                  <div key={selector}>
                    <dt>or</dt>
                    <dd>{selector}</dd>
                  </div>
                ))}
              </dl>
            )}
          </div>
        ))}
      </td>
      <td className={compared.actions}>
        <Button
          size="small"
          icon
          disabled={readOnly !== null}
          aria-label={`Change ${row.name}`}
          title={readOnly ?? `Change ${row.name}`}
          onClick={() => onChange('edit')}
        >
          <Pencil aria-hidden />
        </Button>
        <Button
          size="small"
          icon
          disabled={readOnly !== null || isDefault}
          aria-label={`Delete ${row.name}`}
          title={readOnly ?? (isDefault ? 'The user default cannot be deleted: switch it off' : `Delete ${row.name}`)}
          onClick={() => onChange('delete')}
        >
          <Trash2 aria-hidden />
        </Button>
      </td>
    </tr>
  )
}
