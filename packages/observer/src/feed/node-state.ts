import type { NodeState } from '../stream/core-state.ts'
import { lineOfReplica, type NodeFigures } from './node-figures.ts'
import type { NodeRecord } from './node-record.ts'
import type { Belief, Topology } from './topology.ts'

type Known = {
  readonly topology: Topology
  readonly records: ReadonlyMap<string, NodeRecord>
  /** Between two readings of a node's figures, as it is meant to be. */
  readonly figuresPeriodMs: number
  readonly nowMs: number
}

/** What the state of a node was made of, beside its belief. */
type Told = {
  readonly figures: NodeFigures | undefined
  readonly primary: NodeFigures | undefined
  readonly reported: ReturnType<Topology['healthOf']>
  readonly error: string | null
  readonly shard: string
  readonly humanName: string | undefined
  readonly isStale: boolean
  readonly doubts: NodeState['doubts']
  readonly state: NodeState
}

const told = new WeakMap<Belief, Told>()

/** The state of one node; the same object as `before` when nothing has changed but, lately, the time of the reading. */
export function nodeState({ topology, records, figuresPeriodMs, nowMs }: Known, belief: Belief, before: NodeState | undefined): NodeState {
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
  // Older than two periods: the viewer greys them with their age.
  const isStale = figures !== undefined && nowMs - figures.atMs > 2 * figuresPeriodMs
  const doubts = topology.doubtsOf(belief.id)
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
    held.humanName === humanName &&
    held.isStale === isStale &&
    held.doubts === doubts
  if (isSame && readAtMs - held.state.readAtMs < stepMs) return held.state
  const operations = figures?.rates?.commands ?? figures?.instantaneousOperations ?? null
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
    lagBytes: belief.role === 'replica' ? lagOf(belief, figures, primary) : null,
    ...(belief.role === 'replica' ? linkOf(figures) : {}),
    ...(doubts === undefined ? {} : { doubts }),
    readAtMs,
    error,
    ...(isStale ? { staleSinceMs: figures.atMs } : {}),
    ...skewOf(figures),
    paused: figures?.paused ?? null
  }
  const state = quiet(before, next, stepMs)
  told.set(belief, { figures, primary, reported, error, shard, humanName, isStale, doubts, state })
  return state
}

/** What its primary says that the replica acknowledged, both offsets of one instant; else the two nodes' own words of two instants. */
function lagOf(belief: Belief, own: NodeFigures | undefined, primary: NodeFigures | undefined): number | null {
  if (primary?.offset == null) return null
  const offset = lineOfReplica(primary, belief)?.offset ?? own?.offset
  return offset == null ? null : Math.max(0, primary.offset - offset)
}

function linkOf(figures: NodeFigures | undefined): Pick<NodeState, 'primaryLink'> {
  const link = figures?.replication?.primary
  if (!figures || !link) return {}
  return { primaryLink: link.linkUp ? 'up' : figures.loading ? 'syncing' : 'down' }
}

/** Only what is surely wrong is told: clocks that agree within a second are as good as one another here. */
function skewOf(figures: NodeFigures | undefined): { readonly clockSkewMs?: number } {
  const clock = figures?.clock
  if (!clock || Math.abs(clock.skewMs) - clock.errorMs <= 1_000) return {}
  return { clockSkewMs: Math.round(clock.skewMs / 100) * 100 }
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
  const skew =
    before.clockSkewMs !== undefined && next.clockSkewMs !== undefined && Math.abs(before.clockSkewMs - next.clockSkewMs) < 300
      ? { clockSkewMs: before.clockSkewMs }
      : {}
  const calm: NodeState = { ...next, ...skew, usedMemory, readAtMs: before.readAtMs }
  const names = Object.keys(calm) as (keyof NodeState)[]
  const changed = names.length !== Object.keys(before).length || names.some((name) => !Object.is(calm[name], before[name]))
  if (!changed && next.readAtMs - before.readAtMs < stepMs) return before
  return { ...next, ...skew, usedMemory }
}

/** `readAtMs` alone is sent no more often than so: some 2.5 KB a second in a cluster of any size. */
function readAtStepMs(nodeCount: number): number {
  return Math.max(5_000, nodeCount * 40)
}
