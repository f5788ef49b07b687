import type { ClusterProfile, ProfileRequest, ProfileTestAnswer } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { post, put, wordsOf } from '../../api/client.ts'
import { blankProfile, formOf, idFrom, type ProfileForm, requestOf } from '../../model/profile-form.ts'
import { Button } from '../../ui/button.tsx'
import settings from '../../ui/settings-screen.module.css'
import { SelectField, TextAreaField, TextField } from '../../ui/text-field.tsx'
import styles from './clusters-screen.module.css'
import { ConnectionTable } from './connection-table.tsx'
import { TlsFields } from './tls-fields.tsx'

/** One more cluster, or another way to one that is there. What was typed stays when the api refuses it. */
export function ClusterForm(props: {
  /** Absent: a new one. */
  readonly profile?: ClusterProfile
  readonly taken: readonly string[]
  readonly allowLocal: boolean
  readonly onClose: (() => void) | undefined
  readonly onSaved: () => void
}) {
  const { profile, taken, allowLocal, onClose } = props
  const [form, setForm] = useState<ProfileForm>(() => (profile === undefined ? blankProfile : formOf(profile)))
  const [named, setNamed] = useState(profile !== undefined)
  const [missing, setMissing] = useState<string | null>(null)
  const test = useMutation({ mutationFn: (request: ProfileRequest) => post<ProfileTestAnswer>('/api/profiles/test', request) })
  const save = useMutation({
    mutationFn: (request: ProfileRequest) =>
      profile === undefined
        ? post<ClusterProfile>('/api/profiles', request)
        : put<ClusterProfile>(`/api/profiles/${encodeURIComponent(profile.id)}`, request),
    onSuccess: props.onSaved
  })
  const change = (part: Partial<ProfileForm>) => setForm((before) => ({ ...before, ...part }))
  const send = (how: { mutate(request: ProfileRequest): void }) => {
    const request = requestOf(form)
    setMissing(typeof request === 'string' ? request : null)
    if (typeof request !== 'string') how.mutate(request)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send(save)
  }
  const isTaken = profile === undefined && taken.includes(form.id)
  const title = profile === undefined ? 'Add a cluster' : `Change ${profile.name}`
  const problem = missing ?? (save.error ? wordsOf(save.error) : test.error ? wordsOf(test.error) : null)
  return (
    <form className={settings.form} onSubmit={submit} aria-label={title}>
      <h2>{title}</h2>
      <div className={styles.pair}>
        <TextField
          label="Name"
          required
          maxLength={100}
          value={form.name}
          onChange={({ target }) => change({ name: target.value, ...(named ? {} : { id: idFrom(target.value) }) })}
        />
        <TextField
          label="Id, as it stands in addresses"
          mono
          required
          maxLength={64}
          disabled={profile !== undefined}
          value={form.id}
          problem={isTaken ? 'Another cluster has this id.' : null}
          onChange={({ target }) => {
            setNamed(true)
            change({ id: target.value })
          }}
        />
      </div>
      <TextAreaField
        label="Nodes to begin with, one a line"
        required
        placeholder="valkey-1.example.com:6379"
        hint={
          allowLocal
            ? 'Any nodes of it: the others are found. Without a port it is 6379.'
            : 'Any nodes of it: the others are found. Without a port it is 6379. They may not be on this machine (--allow-local-targets).'
        }
        value={form.seeds}
        onChange={({ target }) => change({ seeds: target.value })}
      />
      <div className={styles.pair}>
        <TextField
          label="ACL user, if not the default one"
          maxLength={256}
          autoComplete="off"
          value={form.username}
          onChange={({ target }) => change({ username: target.value })}
        />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          placeholder={form.keepsPassword ? 'as it is' : ''}
          value={form.password}
          onChange={({ target }) => change({ password: target.value })}
        />
      </div>
      {form.keepsPassword && (
        <label className={styles.check}>
          <input type="checkbox" checked={false} onChange={() => change({ keepsPassword: false })} />
          Forget the password that is kept
        </label>
      )}
      <TlsFields form={form} onChange={change} />
      <TextAreaField
        label="Addresses that are another way from here, one a line"
        placeholder="172.18.0.2:6379 = 127.0.0.1:7001"
        hint="Announced = reachable, for NAT, Docker and tunnels. A host alone stands for all its ports."
        value={form.addressMap}
        onChange={({ target }) => change({ addressMap: target.value })}
      />
      <div className={styles.pair}>
        <SelectField
          label="While nobody looks, watch"
          value={form.background}
          onChange={({ target }) => change({ background: target.value as ProfileForm['background'] })}
        >
          <option value="light">a little: topology and moves</option>
          <option value="full">everything that rooms show</option>
          <option value="off">nothing</option>
        </SelectField>
        <label className={styles.check}>
          <input type="checkbox" checked={form.readOnly} onChange={({ target }) => change({ readOnly: target.checked })} />
          Read-only: send nothing that changes it
        </label>
      </div>
      {problem !== null && (
        <p role="alert" className={settings.problem}>
          {problem}
        </p>
      )}
      {test.data && <ConnectionTable answer={test.data} />}
      <div className={styles.actions}>
        {onClose !== undefined && <Button onClick={onClose}>Close</Button>}
        <Button disabled={test.isPending} onClick={() => send(test)}>
          {test.isPending ? 'Testing the connection' : 'Test connection'}
        </Button>
        <Button type="submit" look="primary" disabled={save.isPending || isTaken}>
          {profile === undefined ? 'Add cluster' : 'Save'}
        </Button>
      </div>
    </form>
  )
}
