import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { ShardLabel, ShardLabels } from '@slotscope/observer'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { OptionError } from '../errors.ts'

type LabelsOfCluster = Readonly<Record<string, ShardLabel>>

const fileSchema = Type.Record(
  Type.String(),
  Type.Record(Type.String(), Type.Object({ label: Type.String(), color: Type.Integer({ minimum: 0 }) }))
)

/**
 * Labels of all clusters in one JSON file, or in memory when there is none: a shard keeps its letter over restarts. Throws
 * `OptionError` for a file that is there and is not ours.
 */
export class LabelsFile {
  readonly #path: string | undefined
  readonly #clusters: Map<string, LabelsOfCluster>

  constructor(path: string | undefined) {
    this.#path = path
    this.#clusters = new Map(path === undefined ? [] : Object.entries(read(path)))
  }

  of(cluster: string): ShardLabels {
    return {
      load: () => this.#clusters.get(cluster) ?? {},
      save: (labels) => {
        this.#clusters.set(cluster, labels)
        if (this.#path !== undefined) write(this.#path, Object.fromEntries(this.#clusters))
      }
    }
  }
}

function read(path: string): Record<string, LabelsOfCluster> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw new OptionError(`the file of shard labels cannot be read: ${error instanceof Error ? error.message : error}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new OptionError(`${path} is not JSON: it should hold shard labels`)
  }
  if (!Check(fileSchema, value)) throw new OptionError(`${path} does not hold shard labels`)
  return value as Record<string, LabelsOfCluster>
}

/** Written aside and renamed, so that a crash leaves the old labels or the new ones. */
function write(path: string, clusters: Record<string, LabelsOfCluster>): void {
  const aside = `${path}.${process.pid}.new`
  writeFileSync(aside, `${JSON.stringify(clusters, null, 2)}\n`, { mode: 0o600 })
  renameSync(aside, path)
}
