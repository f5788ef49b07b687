import type { CoreState, PlanCheck, PlannedMove } from '../stream/core-state.ts'
import { countSlots, normalise } from '../stream/moves.ts'
import type { KeysOfMove, PlanFacts, PlanNodeFacts } from './plan-facts.ts'

/** More ranges than that in a shard make routing tables and every CLUSTER NODES long. */
const MANY_RANGES = 64

/** Everything that speaks for or against a plan, in the order in which a person wants to read it. */
export function checkPlan(core: CoreState, targetShard: string, moves: readonly PlannedMove[], facts: PlanFacts): readonly PlanCheck[] {
  const target = core.shards[targetShard]
  const node = target?.primary == null ? undefined : core.nodes[target.primary]
  if (!target || !node) return [{ id: 'target', level: 'stop', text: 'The target shard has no primary.' }]
  const targetFacts = facts.nodes[node.id]
  return [
    checkTarget(target.label, node.name, node.role, node.health, targetFacts),
    ...moves.flatMap((move) => checkSource(core, move, node.id, node.name, facts)),
    ...moves.flatMap((move) => checkRights(core, move, node.name, facts.nodes[move.sourceNode], targetFacts)),
    ...checkWritable(target.label, targetFacts),
    ...checkDatabases(core, target.label, moves, facts, node.id),
    ...checkHeadroom(target.label, moves, targetFacts, facts),
    ...checkLastSlots(core, target.label, moves, facts),
    ...checkRanges(core, targetShard, moves),
    ...checkReplicas(core, targetShard),
    ...checkEstimates(core, moves, facts.keysByMove)
  ]
}

function checkTarget(label: string, name: string, role: string, health: string, facts: PlanNodeFacts | undefined): PlanCheck {
  if (role !== 'primary') return { id: 'target', level: 'stop', text: `${name} is not the primary of ${label} any more.` }
  if (health === 'fail' || health === 'unreachable')
    return { id: 'target', level: 'stop', text: `${name}, the primary of ${label}, is ${health === 'fail' ? 'failed' : 'not reachable'}.` }
  if (facts?.error != null)
    return { id: 'target', level: 'stop', text: `${name}, the primary of ${label}, does not answer: ${facts.error}` }
  return { id: 'target', level: 'ok', text: `${name} is the primary of ${label} and answers.` }
}

function checkSource(core: CoreState, move: PlannedMove, targetNode: string, targetName: string, facts: PlanFacts): PlanCheck[] {
  const label = labelOf(core, move.sourceShard)
  const name = core.nodes[move.sourceNode]?.name ?? move.sourceNode.slice(0, 8)
  const source = facts.nodes[move.sourceNode]
  const id = (what: string) => `${what}:${move.sourceShard}`
  if (!source || source.error !== null)
    return [{ id: id('source'), level: 'stop', text: `${name}, the primary of ${label}, does not answer: ${source?.error ?? 'not asked'}` }]
  const checks: PlanCheck[] = []
  if (!source.knownNodes.includes(targetNode))
    checks.push({ id: id('known'), level: 'stop', text: `${name} does not know ${targetName}: the two have not met.` })
  const target = facts.nodes[targetNode]
  if (target && target.error === null && !target.knownNodes.includes(move.sourceNode))
    checks.push({ id: id('known-back'), level: 'stop', text: `${targetName} does not know ${name} and would refuse the job.` })
  if (source.openSlots > 0)
    checks.push({
      id: id('open-slots'),
      level: 'stop',
      text: `${name} has ${source.openSlots} slots half way in a legacy move (CLUSTER SETSLOT): it refuses atomic moves until they are finished or set STABLE.`
    })
  if (target && target.openSlots > 0)
    checks.push({
      id: 'open-slots:target',
      level: 'stop',
      text: `${targetName} has ${target.openSlots} slots half way in a legacy move (CLUSTER SETSLOT): it refuses imports until they are finished or set STABLE.`
    })
  checks.push(...checkWaits(core, move, label, source))
  if (checks.length === 0)
    checks.push({ id: id('source'), level: 'ok', text: `${name} is the primary of ${label}, answers, and knows the target.` })
  return checks
}

/** What users may not do: ours on the source, and the migration's own link on the target. */
function checkRights(
  core: CoreState,
  move: PlannedMove,
  targetName: string,
  source: PlanNodeFacts | undefined,
  target: PlanNodeFacts | undefined
): PlanCheck[] {
  const label = labelOf(core, move.sourceShard)
  const checks: PlanCheck[] = []
  if (source?.denied != null)
    checks.push({
      id: `acl:${move.sourceShard}`,
      level: 'stop',
      text: `${source.denied} on ${label}. It takes +cluster|migrateslots, +cluster|getslotmigrations and +cluster|cancelslotmigrations.`
    })
  if (source?.linkUser === null && target?.refusesDefault != null)
    checks.push({
      id: `link:${move.sourceShard}`,
      level: 'stop',
      text: `${targetName} would refuse the link of ${label}: ${target.refusesDefault}. Set primaryuser and primaryauth on ${label}.`
    })
  if (source?.module != null && !source.ownEngine)
    checks.push({
      id: `module:${move.sourceShard}`,
      level: 'warn',
      text: `${label} has the module ${source.module} loaded: a module that did not opt in makes the server refuse every move.`
    })
  return checks
}

/** A primary with too few good replicas answers every write with NOREPLICAS. */
function checkWritable(label: string, target: PlanNodeFacts | undefined): PlanCheck[] {
  if (!target || target.replicasNeeded === 0 || target.replicasGood === null || target.replicasGood >= target.replicasNeeded) return []
  const text = `${label} has ${target.replicasGood} good replicas and needs ${target.replicasNeeded} (min-replicas-to-write): it would answer every write to these slots with NOREPLICAS.`
  return [{ id: 'no-replicas', level: 'stop', text }]
}

/** A real source forks once at a time: a second export waits for the first. Ours run side by side. */
function checkWaits(core: CoreState, move: PlannedMove, label: string, source: PlanNodeFacts): PlanCheck[] {
  if (source.ownEngine) return []
  const running = Object.values(core.jobs).filter((job) => job.endedAtMs === null && job.sourceNode === move.sourceNode)
  const checks: PlanCheck[] = running.map((job) => ({
    id: `waits:${job.name}`,
    level: 'warn',
    text: `Waits for ${label} → ${labelOf(core, job.targetShard)}: a Valkey server copies one job at a time.`
  }))
  if (source.childRunning !== null)
    checks.push({ id: `child:${move.sourceShard}`, level: 'warn', text: `Waits for the ${source.childRunning} that runs on ${label}.` })
  return checks
}

/**
 * What real 9.0 and 9.1 do wrong with several databases (atomic-slot-migration.md section 6). Our own engine names itself in
 * INFO server and is not affected.
 */
function checkDatabases(
  core: CoreState,
  targetLabel: string,
  moves: readonly PlannedMove[],
  facts: PlanFacts,
  targetNode: string
): PlanCheck[] {
  const checks: PlanCheck[] = []
  const target = facts.nodes[targetNode]
  const highest = Math.max(-1, ...moves.flatMap((move) => move.keysByDatabase.map((entry) => entry.database)))
  if (target?.databaseLimit != null && highest >= target.databaseLimit)
    checks.push({
      id: 'databases:limit',
      level: 'stop',
      text: `Keys of database ${highest} would move, but ${targetLabel} has only ${target.databaseLimit} (cluster-databases): the job would fail at SELECT ${highest}.`
    })
  for (const move of moves) {
    const source = facts.nodes[move.sourceNode]
    if (source?.ownEngine || move.keysByDatabase.length < 2) continue
    const numbers = move.keysByDatabase.map((entry) => entry.database).join(', ')
    checks.push({
      id: `databases:slots:${move.sourceShard}`,
      level: 'warn',
      text:
        `The slots of ${labelOf(core, move.sourceShard)} hold keys in databases ${numbers}. Valkey 9.0 and 9.1 lose track of the database of a move: ` +
        `what clients write to these slots while they move can land in the wrong database on ${targetLabel}. Stop the writers, or move when they are quiet.`
    })
  }
  const several = [...new Set([...moves.map((move) => move.sourceNode), targetNode])].filter((id) => {
    const node = facts.nodes[id]
    return node !== undefined && !node.ownEngine && node.databasesInUse.length > 1
  })
  if (several.length > 0 && target && !target.ownEngine) {
    const names = several.map((id) => labelOf(core, core.nodes[id]?.shard ?? id)).join(' and ')
    checks.push({
      id: 'databases:replicas',
      level: 'warn',
      text:
        `${names} ${several.length === 1 ? 'uses' : 'use'} more than one database. While slots move, Valkey 9.0 and 9.1 can apply writes in the wrong database ` +
        `on the replicas of ${targetLabel}, even for slots with keys in one database only. Compare them afterwards; a full resync repairs a replica.`
    })
  }
  if (checks.length === 0) checks.push({ id: 'databases', level: 'ok', text: databasesText(moves, target) })
  return checks
}

function databasesText(moves: readonly PlannedMove[], target: PlanNodeFacts | undefined): string {
  const databases = [...new Set(moves.flatMap((move) => move.keysByDatabase.map((entry) => entry.database)))].sort((a, b) => a - b)
  if (databases.length === 0) return 'No keys move.'
  if (databases.length === 1) return `All keys are in database ${databases[0]}.`
  return target?.ownEngine
    ? `Keys of databases ${databases.join(', ')} move; this engine keeps them apart.`
    : `Keys of databases ${databases.join(', ')} move.`
}

/** Bytes per slot do not exist before Valkey 9.1: the share of keys stands for the share of memory. */
function checkHeadroom(
  targetLabel: string,
  moves: readonly PlannedMove[],
  target: PlanNodeFacts | undefined,
  facts: PlanFacts
): PlanCheck[] {
  if (target?.usedMemory == null || target.maxMemory === null || target.error !== null) return []
  if (target.maxMemory === 0) return [{ id: 'headroom', level: 'ok', text: `${targetLabel} has no memory limit (maxmemory 0).` }]
  let bytes = 0
  let sampledKeys = 0
  for (const move of moves) {
    const source = facts.nodes[move.sourceNode]
    // The upper end: what may not fit should be known before.
    if (move.bytes) {
      bytes += move.bytes.high
      sampledKeys += move.bytes.sampledKeys
    } else if (source?.usedMemory != null && source.keys > 0) bytes += (source.usedMemory * move.keys) / source.keys
  }
  const share = (target.usedMemory + bytes) / target.maxMemory
  const percent = `${Math.round(share * 100)} %`
  const how = sampledKeys > 0 ? `sampled from ${sampledKeys} keys` : 'estimated from the number of keys'
  const about = `${sampledKeys > 0 ? 'at most ' : ''}about ${Math.round(bytes / 1024 / 1024).toLocaleString('en-US')} MiB, ${how}`
  if (share > 1)
    return [
      {
        id: 'headroom',
        level: 'warn',
        text: `${targetLabel} would need ${percent} of its maxmemory (${about}): the job fails when it cannot evict.`
      }
    ]
  if (share > 0.85) return [{ id: 'headroom', level: 'warn', text: `${targetLabel} would use ${percent} of its maxmemory (${about}).` }]
  return [{ id: 'headroom', level: 'ok', text: `${targetLabel} would use ${percent} of its maxmemory (${about}).` }]
}

function checkLastSlots(core: CoreState, targetLabel: string, moves: readonly PlannedMove[], facts: PlanFacts): PlanCheck[] {
  return moves.flatMap((move): PlanCheck[] => {
    const shard = core.shards[move.sourceShard]
    if (!shard || shard.slotCount > move.slotCount) return []
    const name = core.nodes[move.sourceNode]?.name ?? move.sourceNode.slice(0, 8)
    const stays = facts.nodes[move.sourceNode]?.allowReplicaMigration === false
    const what = stays
      ? `${name} stays a primary without slots (cluster-allow-replica-migration no)`
      : `${name}${shard.replicas.length > 0 ? ' and its replicas become replicas' : ' becomes a replica'} of ${targetLabel}`
    return [{ id: `last-slots:${move.sourceShard}`, level: 'warn', text: `Shard ${shard.label} ends: ${what}.` }]
  })
}

function checkRanges(core: CoreState, targetShard: string, moves: readonly PlannedMove[]): PlanCheck[] {
  const checks: PlanCheck[] = []
  const warn = (label: string, key: string, count: number) => {
    if (count > MANY_RANGES)
      checks.push({
        id: `ranges:${key}`,
        level: 'warn',
        text: `${label} would own ${count} separate ranges. Slots in one piece keep routing tables short: choose neighbours of what ${label} has.`
      })
  }
  const arriving = moves.flatMap((move) => move.slots)
  const target = core.shards[targetShard]
  if (target) warn(target.label, targetShard, normalise([...target.slots, ...arriving]).length)
  for (const move of moves) {
    const source = core.shards[move.sourceShard]
    if (source) warn(source.label, move.sourceShard, rangesLeft(source.slots, move.slots))
  }
  return checks
}

/** How many ranges are left when some slots are taken out. */
function rangesLeft(owned: PlannedMove['slots'], leaving: PlannedMove['slots']): number {
  const left = new Set<number>()
  for (const [first, last] of owned) for (let slot = first; slot <= last; slot++) left.add(slot)
  for (const [first, last] of leaving) for (let slot = first; slot <= last; slot++) left.delete(slot)
  let ranges = 0
  for (const slot of left) if (!left.has(slot - 1)) ranges++
  return ranges
}

function checkReplicas(core: CoreState, targetShard: string): PlanCheck[] {
  const target = core.shards[targetShard]
  if (!target) return []
  const living = target.replicas.filter((id) => core.nodes[id]?.health === 'online')
  if (living.length > 0) return []
  return [
    {
      id: 'replica',
      level: 'warn',
      text: `${target.label} has no living replica: if it fails after the move, these slots and their keys are gone.`
    }
  ]
}

function checkEstimates(core: CoreState, moves: readonly PlannedMove[], keysByMove: Readonly<Record<string, KeysOfMove>>): PlanCheck[] {
  return moves.flatMap((move): PlanCheck[] => {
    const from = keysByMove[move.sourceShard]?.estimatedFromSlots
    if (from == null) return []
    return [
      {
        id: `keys:${move.sourceShard}`,
        level: 'ok',
        text: `Keys per database of ${labelOf(core, move.sourceShard)} are estimated from ${from.toLocaleString('en-US')} of ${countSlots(move.slots).toLocaleString('en-US')} slots.`
      }
    ]
  })
}

function labelOf(core: CoreState, shard: string): string {
  return core.shards[shard]?.label ?? shard.slice(0, 8)
}
