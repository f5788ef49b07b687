import type { ShardLabels } from '@slotscope/observer'
import { Type } from 'typebox'
import { PerClusterFile } from './per-cluster-file.ts'

const labelsOfCluster = Type.Record(Type.String(), Type.Object({ label: Type.String(), color: Type.Integer({ minimum: 0 }) }))

/** Labels of all clusters: a shard keeps its letter over restarts. Throws `OptionError` for a file that is there and is not ours. */
export class LabelsFile {
  readonly #file: PerClusterFile<typeof labelsOfCluster>

  constructor(path: string | undefined) {
    this.#file = new PerClusterFile(path, 'shard labels', labelsOfCluster)
  }

  of(cluster: string): ShardLabels {
    return { load: () => this.#file.get(cluster) ?? {}, save: (labels) => this.#file.set(cluster, labels) }
  }
}
