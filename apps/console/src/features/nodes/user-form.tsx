import type { ComparedUser } from '@slotscope/observer/stream'
import { plural } from '../../model/format.ts'
import type { UserDraft } from '../../model/user-draft.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { PasswordRules } from './password-rules.tsx'
import { RuleTokens } from './rule-tokens.tsx'
import styles from './user-form.module.css'

/** What a user shall be: rules as tokens, one kind in each row. */
export function UserForm(props: {
  readonly draft: UserDraft
  readonly user: ComparedUser | null
  readonly onChange: (draft: UserDraft) => void
}) {
  const { draft, user } = props
  const set = (part: Partial<UserDraft>) => props.onChange({ ...draft, ...part })
  const variants = user?.variants.length ?? 1
  return (
    <div className={styles.form}>
      {variants > 1 && (
        <p className={styles.hint}>
          This user differs from node to node, in {plural(variants, 'way')}. Below is what most nodes that have it say; every node that is
          chosen becomes as it stands here.
        </p>
      )}
      {user === null && (
        <div className={styles.row}>
          <TextField label="Name" mono value={draft.name} onChange={(event) => set({ name: event.target.value })} />
        </div>
      )}
      <div className={styles.row}>
        <span className={styles.label}>State</span>
        <div className={styles.line}>
          <Segmented
            label="State"
            value={draft.isOn ? 'on' : 'off'}
            segments={[
              { value: 'on', label: 'on' },
              { value: 'off', label: 'off' }
            ]}
            onChange={(state) => set({ isOn: state === 'on' })}
          />
          <span className={styles.hint}>{draft.isOn ? 'may log in' : 'nobody logs in; open connections stay'}</span>
        </div>
      </div>
      <PasswordRules draft={draft} user={user} set={set} />
      <div className={styles.row}>
        <span className={styles.label}>Commands</span>
        <div className={styles.stack}>
          <div className={styles.line}>
            <Segmented
              label="Commands begin with"
              value={draft.allCommands ? 'all' : 'none'}
              segments={[
                { value: 'none', label: 'none (-@all)' },
                { value: 'all', label: 'all (+@all)' }
              ]}
              onChange={(base) => set({ allCommands: base === 'all' })}
            />
            <span className={styles.hint}>then, in this order:</span>
          </div>
          <RuleTokens
            kind="commands"
            label="Commands"
            placeholder="+@read -keys"
            rules={draft.commands}
            onChange={(commands) => set({ commands })}
          />
        </div>
      </div>
      <div className={styles.row}>
        <span className={styles.label}>Keys</span>
        <RuleTokens
          kind="keys"
          label="Keys"
          placeholder="~app:* %R~log:*"
          none="no key"
          rules={draft.keys}
          onChange={(keys) => set({ keys })}
        />
      </div>
      <div className={styles.row}>
        <span className={styles.label}>Channels</span>
        <RuleTokens
          kind="channels"
          label="Channels"
          placeholder="&news:*"
          none="no channel"
          rules={draft.channels}
          onChange={(channels) => set({ channels })}
        />
      </div>
      <div className={styles.row}>
        <span className={styles.label}>Databases</span>
        <div className={styles.line}>
          <TextField
            label="Databases"
            bare
            mono
            value={draft.databases}
            onChange={(event) => set({ databases: event.target.value.trim() })}
          />
          <span className={styles.hint}>all, none, or 0,2 (db=0,2: servers from 9.1 on)</span>
        </div>
      </div>
      <div className={styles.row}>
        <span className={styles.label}>Selectors</span>
        <RuleTokens
          kind="selectors"
          label="Selectors"
          placeholder="(~cache:* +get +set)"
          none="none: only what stands above"
          rules={draft.selectors}
          onChange={(selectors) => set({ selectors })}
        />
      </div>
      {user !== null && (
        <label className={styles.check}>
          <input type="checkbox" checked={draft.reset} onChange={(event) => set({ reset: event.target.checked })} />
          <span>
            Begin from nothing (<code>reset</code>): drops its passwords too
          </span>
        </label>
      )}
    </div>
  )
}
