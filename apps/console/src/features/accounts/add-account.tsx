import type { Account, Role } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { post, wordsOf } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import styles from '../../ui/settings-screen.module.css'
import { SelectField, TextField } from '../../ui/text-field.tsx'
import { RoleOptions } from './role-options.tsx'

const blank = { name: '', role: 'viewer' as Role, password: '', again: '' }

/** One more account. What was typed stays when the api refuses it. */
export function AddAccount({ onAdded }: { readonly onAdded: () => void }) {
  const [form, setForm] = useState(blank)
  const differ = form.again !== '' && form.again !== form.password
  const add = useMutation({
    mutationFn: ({ name, role, password }: typeof blank) => post<Account>('/api/accounts', { name, role, password }),
    onSuccess: () => {
      setForm(blank)
      onAdded()
    }
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate(form)
  }
  return (
    <form className={styles.form} onSubmit={submit} aria-label="Add an account">
      <h2>Add an account</h2>
      <TextField
        label="Name"
        required
        maxLength={64}
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
      />
      <SelectField label="Role" value={form.role} onChange={(event) => setForm({ ...form, role: event.target.value as Role })}>
        <RoleOptions />
      </SelectField>
      <TextField
        label="Password, at least 12 characters"
        type="password"
        autoComplete="new-password"
        required
        value={form.password}
        onChange={(event) => setForm({ ...form, password: event.target.value })}
      />
      <TextField
        label="Password once more"
        type="password"
        autoComplete="new-password"
        required
        problem={differ ? 'The two passwords differ.' : null}
        value={form.again}
        onChange={(event) => setForm({ ...form, again: event.target.value })}
      />
      {add.error && (
        <p role="alert" className={styles.problem}>
          {wordsOf(add.error)}
        </p>
      )}
      <Button
        type="submit"
        look="primary"
        disabled={add.isPending || form.name === '' || form.again !== form.password || form.again === ''}
      >
        Add account
      </Button>
    </form>
  )
}
