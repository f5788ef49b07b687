import type { NodeState } from '../stream/core-state.ts'
import type { NodeFigures } from './node-figures.ts'
import type { NodeRecord } from './node-record.ts'
import type { Belief, Topology } from './topology.ts'

type Known = { readonly topology: Topology; readonly records: ReadonlyMap<string, NodeRecord> }

/** What the state of a node was made of, beside its belief. */
type Told = {
  readonly figures: NodeFigures | undefined
  readonly primary: NodeFigures | undefined
  readonly reported: ReturnType<Topology['healthOf']>
  readonly error: string | null
  readonly shard: string
  readonly humanName: string | undefined
  readonly state: NodeState
}

const told = new WeakMap<Belief, Told>()

/** The state of one node; the same object as `before` when nothing has changed but, lately, the time of the reading. */
export function nodeState({ topology, records }: Known, belief: Belief, before: NodeState | undefined): NodeState {
  const stepMs = readAtStepMs(topology.nodes.size)
  const record = records.get(belief.id)
  const figures = record?.figures
  const primary = belief.primaryId === null ? undefined : records.get(belief.primaryId)?.figures
  const reported = topology.healthOf(belief.id)
  const error = record?.link.error ?? null
  const shard = topology.shardOf(belief.id)
  const humanName = record?.humanName
  const readAtMs = record?.link.readAtMs ?? 0
  const host = topology.addressOf(belief).host || record?.link.address.host || ''
  const held = told.get(belief)
  const isSame =
    held !== undefined &&
    held.state === before &&
    held.state.host === host &&
    held.figures === figures &&
    held.primary === primary &&
    held.reported === reported &&
    held.error === error &&
    held.shard === shard &&
    held.humanName === humanName
  if (isSame && readAtMs - held.state.readAtMs < stepMs) return held.state
  const operations = figures?.rates?.commands ?? figures?.instantaneousOperations ?? null
  const lags = belief.role === 'replica' && primary?.offset != null && figures?.offset != null
  const next: NodeState = {
    id: belief.id,
    name: humanName || (host === '' ? belief.id.slice(0, 8) : `${host.includes(':') ? `[${host}]` : host}:${belief.port}`),
    host,
    port: belief.port,
    role: belief.role,
    shard,
    health: healthOf(reported, error, figures),
    configEpoch: belief.configEpoch,
    version: figures?.version ?? null,
    usedMemory: figures?.usedMemory ?? null,
    maxMemory: figures?.maxMemory ?? null,
    operationsPerSecond: operations === null ? null : Math.round(operations),
    keys: figures?.keys ?? null,
    lagBytes: lags ? Math.max(0, (primary.offset as number) - (figures.offset as number)) : null,
    readAtMs,
    error,
    paused: figures?.paused ?? null
  }
  const state = quiet(before, next, stepMs)
  told.set(belief, { figures, primary, reported, error, shard, humanName, state })
  return state
}

/** The cluster's verdict, then our own link; whether it is loading a node knows best itself, and CLUSTER SHARDS is gossip-old. */
function healthOf(reported: ReturnType<Topology['healthOf']>, error: string | null, figures: NodeFigures | undefined): NodeState['health'] {
  if (reported === 'fail') return 'fail'
  if (error !== null) return 'unreachable'
  if (figures?.loading) return 'loading'
  return figures && reported === 'loading' ? 'online' : reported
}

/** A node that only was read again keeps its old state for a while; tiny changes of memory are no news either. */
function quiet(before: NodeState | undefined, next: NodeState, stepMs: number): NodeState {
  if (!before) return next
  const usedMemory =
    before.usedMemory !== null &&
    next.usedMemory !== null &&
    Math.abs(before.usedMemory - next.usedMemory) < Math.max(65_536, before.usedMemory * 0.002)
      ? before.usedMemory
      : next.usedMemory
  const calm: NodeState = { ...next, usedMemory, readAtMs: before.readAtMs }
  const changed = (Object.keys(calm) as (keyof NodeState)[]).some((name) => !Object.is(calm[name], before[name]))
  if (!changed && next.readAtMs - before.readAtMs < stepMs) return before
  return { ...next, usedMemory }
}

/** `readAtMs` alone is sent no more often than so: some 2.5 KB a second in a cluster of any size. */
function readAtStepMs(nodeCount: number): number {
  return Math.max(5_000, nodeCount * 40)
}
