import { type FormEvent, useState } from 'react'
import { wordsOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/text-field.tsx'
import styles from './login-screen.module.css'

/** Name and password of an account, beside the link. What was typed stays when it is refused, but for the password. */
export function PasswordForm({ onLogIn }: { readonly onLogIn: (user: string, password: string) => Promise<void> }) {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(null)
    try {
      await onLogIn(user, password)
    } catch (error) {
      setProblem(wordsOf(error))
      setPassword('')
      setBusy(false)
    }
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <h2>Or with an account</h2>
      <TextField
        label="Name"
        name="user"
        autoComplete="username"
        required
        maxLength={64}
        value={user}
        onChange={(event) => setUser(event.target.value)}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {problem !== null && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      <Button type="submit" disabled={busy || user === '' || password === ''}>
        {busy ? 'Logging in' : 'Log in'}
      </Button>
    </form>
  )
}
