import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Static, type TSchema, Type } from 'typebox'
import { Check } from 'typebox/value'
import { OptionError } from '../errors.ts'

/**
 * Something that is kept for each cluster, of all clusters in one JSON file, or in memory when there is none. Throws `OptionError` for a file
 * that is there and is not ours.
 */
export class PerClusterFile<S extends TSchema> {
  readonly #path: string | undefined
  readonly #clusters: Map<string, Static<S>>

  /** @param what it holds, in words: `shard labels` */
  constructor(path: string | undefined, what: string, schema: S) {
    this.#path = path
    this.#clusters = new Map(path === undefined ? [] : Object.entries(read(path, what, schema)))
  }

  /** Undefined: nothing is kept for this cluster. */
  get(cluster: string): Static<S> | undefined {
    return this.#clusters.get(cluster)
  }

  set(cluster: string, value: Static<S>): void {
    this.#clusters.set(cluster, value)
    if (this.#path !== undefined) write(this.#path, Object.fromEntries(this.#clusters))
  }
}

function read<S extends TSchema>(path: string, what: string, schema: S): Record<string, Static<S>> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new OptionError(`the file of ${what} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new OptionError(`${path} is not JSON: it should hold ${what}`)
  }
  if (!Check(Type.Record(Type.String(), schema), value)) throw new OptionError(`${path} does not hold ${what}`)
  return value as Record<string, Static<S>>
}

/** Written aside and renamed, so that a crash leaves what was before or what is now. */
function write(path: string, clusters: Record<string, unknown>): void {
  const aside = `${path}.${process.pid}.new`
  writeFileSync(aside, `${JSON.stringify(clusters, null, 2)}\n`, { mode: 0o600 })
  renameSync(aside, path)
}
