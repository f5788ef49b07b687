import { Search } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { toBase64Url } from '../../model/bytes.ts'
import { bytesOfText, readableName } from '../../model/typed-bytes.ts'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './hash-timeline.module.css'

/** Opens a hash by database and name. */
export function HashSearch(props: {
  readonly database: number
  readonly hash: string | null
  readonly onOpen: (database: number, key: string) => void
}) {
  const limit = useCore((core) => core.cluster.databases)
  const [database, setDatabase] = useState(String(props.database))
  const [name, setName] = useState('')
  const shown = props.hash === null ? '' : readableName(props.hash)
  useEffect(() => {
    setDatabase(String(props.database))
    setName(shown)
  }, [props.database, shown])
  const number = /^\d{1,9}$/.test(database) ? Number(database) : null
  const problem = number === null ? 'a number' : limit !== null && number >= limit ? `0 to ${limit - 1}` : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (number !== null && problem === null && name !== '') props.onOpen(number, toBase64Url(bytesOfText(name)))
  }
  return (
    <form className={styles.search} onSubmit={submit}>
      <TextField
        label="db"
        className={styles.searchDatabase}
        inputMode="numeric"
        value={database}
        problem={problem}
        onChange={(event) => setDatabase(event.target.value)}
      />
      <TextField
        label="Hash"
        bare
        mono
        className={styles.searchName}
        placeholder="open a hash by its name"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" disabled={name === '' || problem !== null}>
        <Search aria-hidden />
        Open
      </Button>
    </form>
  )
}
