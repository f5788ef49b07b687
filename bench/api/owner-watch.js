// Who owns which slot, from the frames of topic `core` alone, folded as a screen folds them, and when a new owner was on its data.
import { applyOps } from '@slotscope/observer/stream'

/** @typedef {{ primary: string | null, slots: [number, number][] }} Shard */
/** @typedef {{ nodes: Record<string, unknown>, shards: Record<string, Shard> }} Core what is read of it here */

export class OwnerWatch {
  /** @type {{ slot: number, owner: string, atMs: number }[]} */
  seen = []
  /** @type {Core} */
  #core = { nodes: {}, shards: {} }
  /** @type {Map<number, string>} */
  #owners = new Map()

  /** Nodes in what is held. */
  get nodes() {
    return Object.keys(this.#core.nodes).length
  }

  /** @param {Buffer} data one text frame @param {number} nowMs */
  receive(data, nowMs) {
    const frame = JSON.parse(data.toString())
    if (frame.topic !== 'core') return
    const before = this.#core.shards
    this.#core = frame.type === 'snapshot' ? frame.state : applyOps(this.#core, frame.ops)
    for (const [key, shard] of Object.entries(this.#core.shards)) if (shard !== before[key]) this.#take(shard, nowMs)
  }

  /** @param {Shard} shard @param {number} nowMs */
  #take({ primary, slots }, nowMs) {
    if (primary === null) return
    for (const [first, last] of slots) {
      for (let slot = first; slot <= last; slot++) {
        if (this.#owners.get(slot) === primary) continue
        if (this.#owners.has(slot)) this.seen.push({ slot, owner: primary, atMs: nowMs })
        this.#owners.set(slot, primary)
      }
    }
  }
}
