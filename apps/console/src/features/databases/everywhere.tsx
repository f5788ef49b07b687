import type { EverywhereAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { CornerDownLeft } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import { ask } from '../../api/client.ts'
import { toBase64Url } from '../../model/bytes.ts'
import { formatCount } from '../../model/format.ts'
import { bytesOfText, readableName } from '../../model/typed-bytes.ts'
import { useCluster, useCore, useNow } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { DatabaseChip, TypeBadge } from '../../ui/database-chip.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './everywhere.module.css'
import { sizeWords, timeLeftWords } from './key-words.ts'

/** One key looked up in every database. Its slot is the same in all of them, so one node answers for all. */
export function Everywhere(props: {
  readonly database: number
  /** The key whose value is open: offered for the look-up, never asked by itself. */
  readonly openKey: string | null
  readonly onOpen: (key: string, database: number) => void
}) {
  const { id } = useCluster()
  const shards = useCore((core) => core.shards)
  const [text, setText] = useState('')
  const [key, setKey] = useState<string | null>(null)
  const now = useNow(1_000)
  useEffect(() => {
    if (props.openKey !== null) setText(readableName(props.openKey))
  }, [props.openKey])
  const query = useQuery({
    queryKey: ['everywhere', id, key],
    queryFn: ({ signal }) => ask<EverywhereAnswer>(`/api/clusters/${encodeURIComponent(id)}/keys/everywhere?key=${key}`, signal),
    enabled: key !== null
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text === '') return
    const next = toBase64Url(bytesOfText(text))
    if (next === key) void query.refetch()
    else setKey(next)
  }
  const answer = query.data
  const shard = answer && shards[answer.shard]
  const found = answer?.rows.filter(({ type }) => type !== 'none') ?? []
  return (
    <section className={styles.everywhere} aria-label="One key, every database">
      <h3>One key, every database</h3>
      <form onSubmit={submit} className={styles.form}>
        <TextField
          label="Key"
          bare
          mono
          className={styles.field}
          placeholder="a key, e.g. creator:{4711}:profile"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" disabled={text === ''}>
          <CornerDownLeft aria-hidden />
          Look up
        </Button>
      </form>
      {query.isError && <FailureNote what="look the key up" error={query.error} onRetry={() => void query.refetch()} />}
      {query.isFetching && !answer && <p className={styles.hint}>Asking the owner of its slot…</p>}
      {answer && (
        <>
          <p className={styles.where}>
            <code>{key === null ? '' : readableName(key)}</code>
            <span>
              slot {formatCount(answer.slot)} · {shard && <ShardBadge label={shard.label} color={shard.color} small />} shard{' '}
              {shard?.label ?? '?'}
            </span>
          </p>
          {found.length === 0 ? (
            <p className={styles.hint}>It is in none of the {answer.rows.length} databases that hold keys on this shard.</p>
          ) : (
            <ul className={styles.rows}>
              {found.map((row) => (
                <li key={row.database}>
                  <DatabaseChip database={row.database} />
                  <TypeBadge type={row.type} />
                  <span className={styles.size}>{sizeWords(row.type, row.size)}</span>
                  <span className={styles.left}>{timeLeftWords(row.ttlMs, answer.atMs, now)}</span>
                  <Button
                    size="small"
                    onClick={() => key !== null && props.onOpen(key, row.database)}
                    aria-label={`Open in database ${row.database}`}
                  >
                    Open
                  </Button>
                </li>
              ))}
            </ul>
          )}
          {found.length > 0 && <p className={styles.hint}>The slot is the same in every database: a migration carries them all.</p>}
        </>
      )}
    </section>
  )
}
