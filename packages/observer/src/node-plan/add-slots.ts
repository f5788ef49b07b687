import type { CoreState, NodeState, SlotRange } from '../stream/core-state.ts'
import { countSlots, eachSlot, formatRanges, normalise, toRanges } from '../stream/moves.ts'
import { Checks, count, isUp, type NodeDraft, type NodeRefusal, nameOf, step, target } from './draft.ts'
import type { FactsByNode } from './node-facts.ts'

/** Slots that nobody owns are given to a shard. */
export function addSlotsPlan(
  core: CoreState,
  request: { readonly slots: readonly SlotRange[]; readonly shard: string },
  facts: FactsByNode
): NodeDraft | NodeRefusal {
  const shard = core.shards[request.shard]
  const primary = shard?.primary == null ? undefined : core.nodes[shard.primary]
  if (!shard || !primary) return { refused: `There is no shard ${shard?.label ?? request.shard} with a primary.` }
  const free = new Set(eachSlot(core.unassigned))
  const slots = toRanges([...eachSlot(normalise(request.slots))].filter((slot) => free.has(slot)))
  if (slots.length === 0) return { refused: 'Each of these slots has an owner: slots that are owned are moved, not added.' }
  const checks = new Checks()
  const owned = countSlots(normalise(request.slots)) - countSlots(slots)
  if (owned > 0)
    checks.warn(
      'owned',
      `${count(owned, 'slot')} of the selection ${owned === 1 ? 'has an owner and stays' : 'have owners and stay'} where they are.`
    )
  const own = facts.get(primary.id)
  if (checks.answers(primary, own)) {
    const claims = claimsOf(core, facts, slots)
    for (const claim of claims) checkClaim(checks, core, claim, primary)
    const asked = [...facts.values()].filter((fact) => fact.error === null).length
    if (claims.length === 0) checks.ok('free', `None of the ${count(asked, 'node')} that answered knows an owner.`)
  }
  const silent = Object.values(core.nodes).filter((node) => !isUp(node) || facts.get(node.id)?.error != null)
  if (silent.length > 0)
    checks.warn(
      'silent',
      `${silent.map((node) => node.name).join(', ')} could not be asked: one of them may claim these slots when it comes back.`
    )
  checks.warn('keys', 'Keys that these slots had elsewhere are not brought back: the slots begin empty, unless this node kept some.')
  return {
    title: `${count(countSlots(slots), 'slot')} without an owner (${formatRanges(slots)}) ${countSlots(slots) === 1 ? 'is' : 'are'} given to shard ${shard.label}`,
    steps: [step([target(primary)], [['CLUSTER', 'ADDSLOTSRANGE', ...slots.flat().map(String)]])],
    checks: checks.list,
    seen: { 'slots without an owner': formatRanges(slots, Number.POSITIVE_INFINITY), [`shard ${shard.label}`]: `primary ${primary.name}` },
    goal: { goal: 'owns', node: primary.id, slots },
    leastRole: 'operator',
    typedName: null
  }
}

/** An owner of some of the slots, as some nodes still have it. */
type Claim = { readonly owner: string; readonly epoch: number; readonly slots: readonly SlotRange[]; readonly by: readonly NodeState[] }

/**
 * Nodes do not forget an owner that gave its slots up by DELSLOTS. They believe another one only with a greater config epoch
 * (cluster_legacy.c, `clusterUpdateSlotsConfigWith`), and the new owner itself answers that the slot is busy.
 */
function checkClaim(checks: Checks, core: CoreState, { owner, epoch, slots, by }: Claim, primary: NodeState): void {
  const who = `${by.map((node) => node.name).join(', ')} ${by.length === 1 ? 'holds' : 'hold'} ${nameOf(core, owner)} (epoch ${epoch}) for the owner of ${formatRanges(slots)}`
  if (epoch >= primary.configEpoch || by.includes(primary))
    checks.stop(
      `claim:${owner}`,
      `${who} and would not believe ${primary.name} (epoch ${primary.configEpoch}). CLUSTER DELSLOTSRANGE there first.`
    )
  else checks.warn(`claim:${owner}`, `${who}: the greater epoch of ${primary.name} (${primary.configEpoch}) corrects that.`)
}

function claimsOf(core: CoreState, facts: FactsByNode, slots: readonly SlotRange[]): readonly Claim[] {
  const wanted = new Set(eachSlot(slots))
  const claims = new Map<string, { epoch: number; slots: Set<number>; by: Set<NodeState> }>()
  for (const [viewer, { lines }] of facts)
    for (const line of lines)
      for (const slot of eachSlot(line.slots)) {
        const node = core.nodes[viewer]
        if (!node || !wanted.has(slot)) continue
        const held = claims.get(line.id) ?? { epoch: line.configEpoch, slots: new Set(), by: new Set() }
        claims.set(line.id, held)
        held.slots.add(slot)
        held.by.add(node)
      }
  return [...claims].map(([owner, { epoch, slots: claimed, by }]) => ({
    owner,
    epoch,
    slots: toRanges([...claimed].sort((a, b) => a - b)),
    by: [...by]
  }))
}
