import type { Account, AccountsAnswer, Role } from '@slotscope/observer/stream'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Users } from 'lucide-react'
import { useState } from 'react'
import { ask, post } from '../../api/client.ts'
import { useSession } from '../../api/session.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import styles from '../../ui/settings-screen.module.css'
import { NotKeptNote, SettingsScreen } from '../../ui/settings-screen.tsx'
import { SelectField } from '../../ui/text-field.tsx'
import { AddAccount } from './add-account.tsx'
import { RemoveAccount } from './remove-account.tsx'
import { RoleOptions } from './role-options.tsx'

const query = ['accounts'] as const

/** Who may log in by name and password, with what role. For admins; links from the terminal go on working beside it. */
export default function AccountsScreen() {
  const { role } = useSession()
  const queries = useQueryClient()
  const accounts = useQuery({ queryKey: query, queryFn: ({ signal }) => ask<AccountsAnswer>('/api/accounts', signal) })
  const refresh = () => void queries.invalidateQueries({ queryKey: query })
  return (
    <SettingsScreen
      title="Accounts"
      words="An account logs in by name and password. Changing its role or removing it ends its sessions at once. Links from the terminal go on working."
    >
      {accounts.data?.kept === false && <NotKeptNote what="accounts" />}
      {accounts.error && <FailureNote what="see the accounts" error={accounts.error} onRetry={refresh} />}
      {accounts.isPending && <p role="status">Reading the accounts</p>}
      {accounts.data && <List accounts={accounts.data.accounts} onChanged={refresh} />}
      {role === 'admin' && accounts.data && <AddAccount onAdded={refresh} />}
    </SettingsScreen>
  )
}

function List({ accounts, onChanged }: { readonly accounts: readonly Account[]; readonly onChanged: () => void }) {
  if (accounts.length === 0)
    return (
      <EmptyState icon={<Users aria-hidden />} title="No accounts yet">
        Everybody logs in with links from the terminal. Add the first account below.
      </EmptyState>
    )
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Role</th>
          <th scope="col">Since</th>
          <th scope="col">
            <span className="visually-hidden">Remove</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {accounts.map((account) => (
          <Row key={account.name} account={account} onChanged={onChanged} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ account, onChanged }: { readonly account: Account; readonly onChanged: () => void }) {
  const [removing, setRemoving] = useState(false)
  const change = useMutation({
    mutationFn: (role: Role) => post<void>(`/api/accounts/${encodeURIComponent(account.name)}/role`, { role }),
    onSettled: onChanged
  })
  return (
    <>
      <tr>
        <th scope="row">{account.name}</th>
        <td>
          <SelectField
            bare
            label={`Role of ${account.name}`}
            value={account.role}
            disabled={change.isPending}
            onChange={(event) => change.mutate(event.target.value as Role)}
          >
            <RoleOptions />
          </SelectField>
        </td>
        <td>{new Date(account.createdAtMs).toISOString().slice(0, 10)}</td>
        <td>
          <Button size="small" aria-label={`Remove ${account.name}`} onClick={() => setRemoving(true)}>
            Remove
          </Button>
        </td>
      </tr>
      {(change.error || removing) && (
        <tr>
          <td colSpan={4}>
            {change.error && <FailureNote what={`change the role of ${account.name}`} error={change.error} />}
            {removing && <RemoveAccount name={account.name} onClose={() => setRemoving(false)} onRemoved={onChanged} />}
          </td>
        </tr>
      )}
    </>
  )
}
