import { type Caller, UnreachableError } from '../caller.ts'
import { parseClusterNodes } from '../replies/cluster-nodes.ts'
import { type JobReport, parseSlotMigrations } from '../replies/slot-migrations.ts'
import type { CoreState, JobWireState, SlotRange } from '../stream/core-state.ts'
import { countSlots, eachSlot, normalise, ownerOfSlot } from '../stream/moves.ts'

/** A move that was sent, or may have been. */
export type TracedMove = {
  readonly sourceShard: string
  readonly targetShard: string
  readonly sourceNode: string
  readonly targetNode: string
  readonly slots: readonly SlotRange[]
  /** Name of its job; null: not learnt yet. */
  readonly job: string | null
  /** Jobs of the same slots and target that the source listed before the command was sent: none of them is ours. */
  readonly older: readonly string[]
}

/** What the two nodes of a move still tell of it. They forget their jobs with a restart: then only who owns the slots tells. */
export type MoveTrace = {
  readonly job: string | null
  readonly export: JobSideTrace | null
  readonly import: JobSideTrace | null
  /** Slots of the move that each node says it owns. */
  readonly onSource: number
  readonly onTarget: number
  readonly slotCount: number
  /** Nodes that did not answer, with why. */
  readonly silent: readonly string[]
}

type JobSideTrace = { readonly state: JobWireState; readonly message: string }

export type MoveVerdict =
  | { readonly is: 'running'; readonly detail: string | null }
  | { readonly is: 'done' | 'failed' | 'unknown'; readonly detail: string | null }
  /** No node knows of it and nothing has moved: it never began, or ended without a trace. */
  | { readonly is: 'absent' }

const TIMEOUT_MS = 5_000

/** Asks both nodes of a move at once what became of it. Reads only; a node that does not answer stands in `silent`. */
export async function askTrace(caller: Caller, core: CoreState, move: TracedMove): Promise<MoveTrace> {
  const [source, target] = await Promise.all([
    askSide(caller, core, move.sourceNode, move.sourceShard, move.slots),
    askSide(caller, core, move.targetNode, move.targetShard, move.slots)
  ])
  const isOurs = (job: JobReport) =>
    move.job !== null
      ? job.name === move.job
      : job.sourceNode === move.sourceNode &&
        job.targetNode === move.targetNode &&
        !move.older.includes(job.name) &&
        sameSlots(job.slots, move.slots)
  // Newest first: of several with the same slots the newest is the one that was just sent.
  const exported = source.jobs.find((job) => job.operation === 'EXPORT' && isOurs(job))
  const imported = target.jobs.find((job) => job.operation === 'IMPORT' && (exported ? job.name === exported.name : isOurs(job)))
  return {
    job: exported?.name ?? imported?.name ?? null,
    export: exported ? { state: exported.state, message: exported.message } : null,
    import: imported ? { state: imported.state, message: imported.message } : null,
    onSource: source.owned,
    onTarget: target.owned,
    slotCount: countSlots(move.slots),
    silent: [source, target].flatMap((side) => (side.silent === null ? [] : [side.silent]))
  }
}

type Side = { readonly jobs: readonly JobReport[]; readonly owned: number; readonly silent: string | null }

async function askSide(caller: Caller, core: CoreState, id: string, shard: string, slots: readonly SlotRange[]): Promise<Side> {
  const node = core.nodes[id]
  // What a node knew is lost with it, by the majority's verdict; who owns the slots then is for its shard to tell.
  const lost = (): Side => {
    const owners = ownerOfSlot(core)
    return { jobs: [], owned: [...eachSlot(slots)].filter((slot) => owners[slot] === shard).length, silent: null }
  }
  if (!node) return lost()
  const silent = (why: string): Side => (node.health === 'fail' ? lost() : { jobs: [], owned: 0, silent: `${node.name}: ${why}` })
  try {
    const commands = [
      ['CLUSTER', 'GETSLOTMIGRATIONS'],
      ['CLUSTER', 'NODES']
    ]
    const options = { purpose: 'work', cause: 'migrate', timeoutMs: TIMEOUT_MS } as const
    const [list, nodes] = await caller.pipeline({ host: node.host, port: node.port }, commands, options)
    const jobs = parseSlotMigrations(list)
    const lines = parseClusterNodes(nodes)
    if ('error' in jobs) return silent(jobs.error)
    if ('error' in lines) return silent(lines.error)
    const myself = lines.value.find((line) => line.myself)
    // Another node at its old address says nothing about this one.
    if (myself?.id !== id) return silent('another node answers at its address')
    const own = new Set(eachSlot(myself.slots))
    return { jobs: jobs.value, owned: [...eachSlot(slots)].filter((slot) => own.has(slot)).length, silent: null }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return silent(error.message)
  }
}

/** What the traces prove, by both sides' states and the observed ownership (interaction rules, section 3). Never guesses. */
export function verdictOf(trace: MoveTrace): MoveVerdict {
  const sides = [trace.export, trace.import].filter((side) => side !== null)
  const success = sides.some((side) => side.state === 'success')
  const failure = sides.some((side) => side.state === 'failed' || side.state === 'cancelled')
  const going = sides.some((side) => !isEnded(side.state))
  const { silent } = trace
  const words = reasonOf(trace)
  if (success && failure) return { is: 'unknown', detail: `one side says success, the other: ${words ?? 'failed'}` }
  // The target says so only after it took the slots, the source only after it saw that.
  if (success) return { is: 'done', detail: null }
  if (silent.length > 0) return { is: 'running', detail: `no word from ${silent.join(', ')}` }
  if (going) return { is: 'running', detail: null }
  if (failure)
    return trace.onTarget === 0
      ? { is: 'failed', detail: words }
      : { is: 'unknown', detail: `${words ?? 'failed'}, but the target owns ${trace.onTarget} of the ${trace.slotCount} slots` }
  if (trace.onTarget === trace.slotCount) return { is: 'done', detail: 'no node lists the job any more; the target owns the slots' }
  if (trace.onSource === trace.slotCount) return { is: 'absent' }
  return { is: 'unknown', detail: `no node lists the job any more; the target owns ${trace.onTarget} of the ${trace.slotCount} slots` }
}

/** The words of the side that knows the cause before those of the side that only lost its link. */
function reasonOf(trace: MoveTrace): string | null {
  if (trace.export?.state === 'cancelled') return trace.export.message || 'cancelled'
  const messages = [trace.export, trace.import].filter((side) => side?.state === 'failed').map((side) => side?.message ?? '')
  return messages.find((message) => message !== '' && !message.startsWith('Connection lost')) ?? messages[0] ?? null
}

function isEnded(state: JobWireState): boolean {
  return state === 'success' || state === 'failed' || state === 'cancelled'
}

function sameSlots(a: readonly SlotRange[], b: readonly SlotRange[]): boolean {
  return JSON.stringify(normalise(a)) === JSON.stringify(normalise(b))
}
