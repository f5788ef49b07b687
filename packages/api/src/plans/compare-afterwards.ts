import { compareReplicas } from '@slotscope/observer'
import type { MoveQueuesOptions } from './move-queues.ts'

/** Between two rounds: a healthy replica has caught up by then. */
const PAUSE_MS = 500

/** Compares the target of a move with its replicas; per-slot questions are held back as they are for plans. */
export function compareAfterwards(): NonNullable<MoveQueuesOptions['compare']> {
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS).unref())
  return (cluster, move) => compareReplicas(cluster.countingCaller, cluster.core(), move, pause)
}
