import { parseSlotMigrations } from '@slotscope/observer'
import type { CancelAnswer } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'

const ended: ReadonlySet<string> = new Set(['success', 'failed', 'cancelled', 'cleaning-up'])
const command = ['CLUSTER', 'CANCELSLOTMIGRATIONS'] as const

/**
 * Cancels every running export of a node: the wire has no finer grain. The answer names all that it ended. Throws
 * `SERVER_ERROR_REPLY` when there is none (any more).
 */
export async function cancelExports(cluster: AskedCluster, node: string): Promise<CancelAnswer> {
  const [list, reply] = await askNode(cluster, node, [['CLUSTER', 'GETSLOTMIGRATIONS'], command], 'cancel')
  const jobs = parseSlotMigrations(sound(list, node))
  sound(reply, node)
  cluster.requestRefresh()
  if ('error' in jobs) throw new ApiFailure('SERVER_ERROR_REPLY', jobs.error, { details: { node } })
  const cancelled = jobs.value.filter((job) => job.operation === 'EXPORT' && !ended.has(job.state)).map((job) => job.name)
  return { cancelled, command }
}
