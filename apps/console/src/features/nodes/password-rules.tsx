import type { ComparedUser } from '@slotscope/observer/stream'
import { X } from 'lucide-react'
import { useState } from 'react'
import { plural } from '../../model/format.ts'
import type { UserDraft } from '../../model/user-draft.ts'
import { Button } from '../../ui/button.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './user-form.module.css'

/** Passwords are counted and never shown: one is added, or taken away by typing it, or all of them are dropped. */
export function PasswordRules(props: {
  readonly draft: UserDraft
  readonly user: ComparedUser | null
  readonly set: (part: Partial<UserDraft>) => void
}) {
  const { draft, user, set } = props
  const [text, setText] = useState('')
  const has = user?.variants.find((variant) => variant.user !== null)?.user?.passwords ?? 0
  const keeps = draft.passwords === 'keep' && !draft.reset
  const take = (part: Partial<UserDraft>) => {
    set(part)
    setText('')
  }
  const staged = [
    ...(draft.passwords === 'open' ? [] : draft.newPasswords.map((password, at) => ({ password, at, isNew: true }))),
    ...(keeps ? draft.removedPasswords.map((password, at) => ({ password, at, isNew: false })) : [])
  ]
  const drop = ({ password, isNew }: (typeof staged)[number]) =>
    isNew
      ? set({ newPasswords: draft.newPasswords.filter((one) => one !== password) })
      : set({ removedPasswords: draft.removedPasswords.filter((one) => one !== password) })
  return (
    <div className={styles.row}>
      <span className={styles.label}>Passwords</span>
      <div className={styles.stack}>
        <Segmented
          label="Passwords"
          value={draft.passwords}
          segments={[
            { value: 'keep', label: user === null ? 'needs one' : `keep ${plural(has, 'password')}` },
            ...(user === null ? [] : [{ value: 'drop' as const, label: 'only new ones' }]),
            { value: 'open', label: 'needs none' }
          ]}
          onChange={(passwords) => set({ passwords })}
        />
        {staged.length > 0 && (
          <ul className={styles.tokens} aria-label="Passwords that change">
            {staged.map((one) => (
              <li key={`${one.isNew} ${one.at}`} data-removed={!one.isNew || undefined}>
                {one.isNew ? 'a new password' : 'one is taken away'}
                <button type="button" aria-label="Take this back" onClick={() => drop(one)}>
                  <X aria-hidden />
                </button>
              </li>
            ))}
          </ul>
        )}
        {draft.passwords === 'open' ? (
          <span className={styles.hint}>nopass: whoever knows the name is let in</span>
        ) : (
          <div className={styles.line}>
            <TextField
              label="Password"
              bare
              type="password"
              autoComplete="new-password"
              className={styles.grow}
              placeholder="password"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <Button
              size="small"
              disabled={text === ''}
              onClick={() => take({ newPasswords: [...draft.newPasswords.filter((one) => one !== text), text] })}
            >
              Add password
            </Button>
            {keeps && has > 0 && (
              <Button
                size="small"
                disabled={text === ''}
                onClick={() => take({ removedPasswords: [...draft.removedPasswords.filter((one) => one !== text), text] })}
              >
                Take away
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}
