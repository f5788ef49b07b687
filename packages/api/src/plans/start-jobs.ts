import { type Command, ErrorReply, parseSlotMigrations, type Reply } from '@slotscope/observer'
import type { ConfirmAnswer, PlannedMove, PlanState, SlotRange } from '@slotscope/observer/stream'
import { askNode } from '../clusters/node-questions.ts'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { ApiFailure } from '../errors.ts'
import type { Actor } from '../security/authorise.ts'

type StartedJob = ConfirmAnswer['jobs'][number]

/**
 * Sends each move of a plan to its source and learns the names of the jobs. Every source is asked on its own, so one refusal stands
 * beside the jobs that did start. Never rejects for what a server says or fails to say.
 */
export async function startJobs(cluster: WatchedCluster, plan: PlanState, actor: Actor, now: () => number): Promise<ConfirmAnswer> {
  const jobs = await Promise.all(plan.moves.map((move) => startJob(cluster, plan.planId, move, actor, now)))
  cluster.feed.planGone(plan.planId)
  cluster.requestRefresh()
  return { jobs }
}

async function startJob(cluster: WatchedCluster, planId: string, move: PlannedMove, actor: Actor, now: () => number): Promise<StartedJob> {
  const { sourceNode, targetNode, slots, command } = move
  const intended = () => cluster.feed.jobConfirmed({ planId, actor: actor.user, sourceNode, targetNode, slots, atMs: now() })
  const commands: Command[] = [command, ['CLUSTER', 'GETSLOTMIGRATIONS']]
  try {
    const [started, list] = await askNode(cluster, sourceNode, commands, 'migrate')
    if (started instanceof ErrorReply) return { sourceNode, name: null, error: started.message, command }
    intended()
    return { sourceNode, name: nameOf(list, move), error: null, command }
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    // The command may have arrived although its reply did not: if the job shows up, it is ours.
    intended()
    return { sourceNode, name: null, error: `${error.message}. The job may have started all the same: the jobs on screen tell`, command }
  }
}

/** The newest export of these slots to that target; null when the list cannot be read. */
function nameOf(list: Reply | undefined, move: PlannedMove): string | null {
  const jobs = parseSlotMigrations(list)
  if ('error' in jobs) return null
  const job = jobs.value.find((one) => one.operation === 'EXPORT' && one.targetNode === move.targetNode && sameSlots(one.slots, move.slots))
  return job?.name ?? null
}

function sameSlots(a: readonly SlotRange[], b: readonly SlotRange[]): boolean {
  const text = (ranges: readonly SlotRange[]) => ranges.map(([first, last]) => `${first}-${last}`).join(' ')
  return text(a) === text(b)
}
