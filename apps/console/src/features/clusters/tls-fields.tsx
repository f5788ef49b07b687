import type { ProfileForm } from '../../model/profile-form.ts'
import { TextAreaField, TextField } from '../../ui/text-field.tsx'
import styles from './clusters-screen.module.css'

const pem = '-----BEGIN CERTIFICATE-----'

/** TLS and what belongs to it. There is no way to switch the verification off. */
export function TlsFields({ form, onChange }: { readonly form: ProfileForm; readonly onChange: (part: Partial<ProfileForm>) => void }) {
  return (
    <fieldset className={styles.tls}>
      <label className={styles.check}>
        <input type="checkbox" checked={form.tls} onChange={({ target }) => onChange({ tls: target.checked })} />
        TLS: certificates are verified
      </label>
      {form.tls && (
        <>
          <TextAreaField
            label="CA that signed the certificates"
            placeholder={pem}
            hint="Without it only public CAs are trusted."
            value={form.ca}
            onChange={({ target }) => onChange({ ca: target.value })}
          />
          <TextField
            label="One name that all certificates are for"
            mono
            maxLength={253}
            placeholder="if not the name of each node"
            value={form.servername}
            onChange={({ target }) => onChange({ servername: target.value })}
          />
          <TextAreaField
            label="Our certificate, where the servers ask for one"
            placeholder={pem}
            value={form.cert}
            onChange={({ target }) => onChange({ cert: target.value })}
          />
          <TextAreaField
            label="Its key"
            placeholder={form.keepsKey ? 'as it is' : '-----BEGIN PRIVATE KEY-----'}
            value={form.key}
            onChange={({ target }) => onChange({ key: target.value })}
          />
          {form.keepsKey && (
            <label className={styles.check}>
              <input type="checkbox" checked={false} onChange={() => onChange({ keepsKey: false })} />
              Forget the key that is kept
            </label>
          )}
        </>
      )}
    </fieldset>
  )
}
