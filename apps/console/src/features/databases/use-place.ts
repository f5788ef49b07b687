import type { ShardState } from '@slotscope/observer/stream'
import { type MatrixFigure, matrixFigures } from '../../model/matrix.ts'
import { useCore } from '../../stream/hooks.ts'
import { useQueryParameter } from '../../ui/query-parameter.ts'

/** What the room shows, as it stands in the address. */
export type Place = {
  /** Null: not chosen yet; the room takes the first database that holds a key. */
  readonly database: number | null
  /** Null: all shards. */
  readonly shard: ShardState | null
  /** The address names a shard that is not there. */
  readonly unknownShard: string | null
  readonly figure: MatrixFigure
  /** base64url of the key whose value is open. */
  readonly key: string | null
  readonly go: (database: number, shard: ShardState | null) => void
  readonly setFigure: (figure: MatrixFigure) => void
  readonly openKey: (key: string | null, database?: number) => void
}

export function usePlace(): Place {
  const shards = useCore((core) => core.shards)
  const [db, setDb] = useQueryParameter('db')
  const [label, setLabel] = useQueryParameter('shard')
  const [figureText, setFigure] = useQueryParameter('figure')
  const [key, setKey] = useQueryParameter('key')
  // What is shown of one stream says nothing of the next.
  const [, setEntry] = useQueryParameter('entry')
  const [, setPart] = useQueryParameter('part')
  const open = (next: string | null) => {
    setKey(next)
    setEntry(null)
    setPart(null)
  }
  const shard = label === null ? null : (Object.values(shards).find((each) => each.label === label.toUpperCase()) ?? null)
  return {
    database: db !== null && /^\d{1,9}$/.test(db) ? Number(db) : null,
    shard,
    unknownShard: label !== null && shard === null ? label : null,
    figure: matrixFigures.find(({ value }) => value === figureText)?.value ?? 'keys',
    key: key !== null && /^[A-Za-z0-9_-]*$/.test(key) ? key : null,
    go: (database, next) => {
      setDb(String(database))
      setLabel(next?.label ?? null)
      open(null)
    },
    setFigure: (figure) => setFigure(figure === 'keys' ? null : figure),
    openKey: (next, database) => {
      if (database !== undefined) setDb(String(database))
      open(next)
    }
  }
}
