import { assert } from '../../../core/assert.ts'
import { SLOTS } from '../../../core/cluster/slot.ts'
import type { Node } from '../../../core/node.ts'

/**
 * Invariants 1 and 2: for every slot and config epoch at most one node ever claims it, and no node's epochs go backwards.
 * Runs after every step; it looks at a node again only when the node's view has changed.
 */
export class SlotOwnershipChecker {
  readonly #nodes: readonly Node[]
  /** By node: the version of its view that was looked at last. */
  readonly #seen = new Map<Node, { version: number; configEpoch: number; currentEpoch: number }>()
  /** By config epoch and node: every slot that the node has ever claimed at that epoch, as a bitmap. */
  readonly #claims = new Map<number, Map<string, Uint8Array>>()

  constructor(nodes: readonly Node[]) {
    this.#nodes = nodes
  }

  check(): void {
    for (const node of this.#nodes) {
      const { view, myself } = node.cluster
      const seen = this.#seen.get(node)
      if (seen && seen.version === view.version && seen.configEpoch === myself.configEpoch && seen.currentEpoch === view.currentEpoch)
        continue
      if (seen) {
        assert(
          view.currentEpoch >= seen.currentEpoch,
          `currentEpoch of ${node.id} went from ${seen.currentEpoch} back to ${view.currentEpoch}`
        )
        assert(
          node.role === 'replica' || myself.configEpoch >= seen.configEpoch,
          `configEpoch of ${node.id} went from ${seen.configEpoch} back to ${myself.configEpoch}`
        )
      }
      this.#seen.set(node, { version: view.version, configEpoch: myself.configEpoch, currentEpoch: view.currentEpoch })
      if (node.role !== 'primary') continue
      if (myself.slotCount > 0) this.#claim(node.id, myself.configEpoch, myself.slots)
    }
  }

  #claim(id: string, epoch: number, slots: Uint8Array): void {
    let holders = this.#claims.get(epoch)
    if (!holders) {
      holders = new Map()
      this.#claims.set(epoch, holders)
    }
    let claimed = holders.get(id)
    if (!claimed) {
      claimed = new Uint8Array(slots.length)
      holders.set(id, claimed)
    }
    for (let byte = 0; byte < slots.length; byte++) (claimed[byte] as number) |= slots[byte] as number
    for (const [other, theirs] of holders) {
      if (other === id) continue
      const byte = claimed.findIndex((bits, index) => (bits & (theirs[index] as number)) !== 0)
      assert(byte < 0, `slots ${byte * 8} and after are claimed at epoch ${epoch} by ${other} and by ${id}`)
    }
  }

  /** At the end, after everything has come to rest: all agree, and every slot has one owner. */
  checkAgreement(): void {
    const [first, ...others] = this.#nodes
    if (!first) return
    for (let slot = 0; slot < SLOTS; slot++) {
      const owner = first.cluster.view.ownerOf(slot)?.id
      assert(owner !== undefined, `slot ${slot} has no owner`)
      for (const node of others) {
        const other = node.cluster.view.ownerOf(slot)?.id
        assert(other === owner, `slot ${slot}: ${first.id} says ${owner}, ${node.id} says ${other}`)
      }
    }
  }
}
