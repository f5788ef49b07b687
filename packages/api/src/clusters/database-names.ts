import { Type } from 'typebox'
import { ApiFailure } from '../errors.ts'
import { PerClusterFile } from './per-cluster-file.ts'

const namesOfCluster = Type.Record(Type.String({ pattern: '^[0-9]{1,10}$' }), Type.String({ maxLength: 80 }), {
  additionalProperties: false
})
/** Of one cluster: everybody who looks is sent them. */
const MOST_NAMES = 1_000

/** What people call the databases of their clusters, kept over restarts. Throws `OptionError` for a file that is there and is not ours. */
export class DatabaseNames {
  readonly #file: PerClusterFile<typeof namesOfCluster>

  constructor(path: string | undefined) {
    this.#file = new PerClusterFile(path, 'names of databases', namesOfCluster)
  }

  /** By number. */
  of(cluster: string): Readonly<Record<string, string>> {
    return this.#file.get(cluster) ?? {}
  }

  /** Calls a database so from now on, or by its number alone where the name is empty; answers all names of the cluster. */
  set(cluster: string, database: number, name: string): Readonly<Record<string, string>> {
    const { [String(database)]: before, ...others } = this.of(cluster)
    if (name !== '' && before === undefined && Object.keys(others).length >= MOST_NAMES)
      throw new ApiFailure('BAD_REQUEST', `at most ${MOST_NAMES} databases of a cluster have a name`)
    const names = name === '' ? others : { ...others, [String(database)]: name }
    this.#file.set(cluster, names)
    return names
  }
}
