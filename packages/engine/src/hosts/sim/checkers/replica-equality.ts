import { assert } from '../../../core/assert.ts'
import type { Node } from '../../../core/node.ts'
import { describeKeyspace } from './keyspace-digest.ts'

/**
 * Invariant 19: equal history and offset imply equal datasets, expired fields included. To be asked when everything has come
 * to rest: then every replica must be there.
 */
export function checkReplicas(nodes: readonly Node[]): void {
  for (const replica of nodes) {
    const primary = nodes.find((node) => node.id === replica.cluster.myself.primary?.id)
    if (!primary) continue
    assert(
      replica.replication.offset === primary.replication.offset,
      `replica ${replica.id} is at ${replica.replication.offset}, its primary at ${primary.replication.offset}`
    )
    const [theirs, ours] = [describeKeyspace(primary.keyspace), describeKeyspace(replica.keyspace)]
    const at = theirs.findIndex((line, index) => line !== ours[index])
    assert(
      theirs.length === ours.length && at < 0,
      `replica ${replica.id} differs from its primary: ${ours.length} keys against ${theirs.length}, first "${ours[at]}" against "${theirs[at]}"`
    )
  }
}
