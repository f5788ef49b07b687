// Who owns which slot, from the frames of topic `core` alone, and when a new owner was on the screen's data.

/** @typedef {{ primary: string | null, slots: [number, number][] }} Shard */

export class OwnerWatch {
  /** @type {{ slot: number, owner: string, atMs: number }[]} */
  seen = []
  /** Nodes in the last snapshot or since. */
  nodes = 0
  /** @type {Map<string, Shard>} */
  #shards = new Map()
  /** @type {Map<number, string>} */
  #owners = new Map()

  /** @param {Buffer} data one text frame @param {number} nowMs */
  receive(data, nowMs) {
    const frame = JSON.parse(data.toString())
    if (frame.topic !== 'core') return
    if (frame.type === 'snapshot') {
      this.nodes = Object.keys(frame.state.nodes).length
      this.#shards = new Map(Object.entries(frame.state.shards))
      for (const shard of this.#shards.values()) this.#take(shard, nowMs)
    } else if (frame.type === 'patch') for (const op of frame.ops) this.#apply(op, nowMs)
  }

  /** @param {any} op @param {number} nowMs */
  #apply(op, nowMs) {
    const [part, key, name] = op.path
    if (part === 'nodes') {
      if (key === undefined) this.nodes = Object.keys(op.value).length
      else if (name === undefined) this.nodes += op.op === 'remove' ? -1 : typeof op.value === 'object' ? 1 : 0
    }
    if (part !== 'shards') return
    if (name === undefined) {
      if (op.op === 'remove') this.#shards.delete(key)
      else this.#shards.set(key, op.value)
    } else {
      const shard = /** @type {any} */ (this.#shards.get(key))
      if (shard) shard[name] = op.op === 'push' ? [...shard[name], ...op.values].slice(-op.keep) : op.value
    }
    const shard = this.#shards.get(key)
    if (shard && (name === undefined || name === 'slots' || name === 'primary')) this.#take(shard, nowMs)
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
