import { assert } from '../../../core/assert.ts'
import { latin1Bytes, latin1Text } from '../../../core/bytes.ts'
import { keySlot } from '../../../core/cluster/slot.ts'
import type { Node } from '../../../core/node.ts'

type Counter = { readonly database: number; readonly key: string; readonly slot: number; acknowledged: number; attempted: number }

/**
 * Invariants 9 and 11: counters that are only ever incremented, one command at a time each. Every acknowledgement must be
 * exactly one more than the last: nothing lost, nothing done twice, whoever owns the slot meanwhile. At the end each
 * counter lives on exactly one primary, in its database, with the last acknowledged value.
 */
export class AcknowledgedWritesChecker {
  readonly #counters = new Map<string, Counter>()

  attempt(database: number, key: string): Counter {
    const name = `${database}/${key}`
    let counter = this.#counters.get(name)
    if (!counter) {
      counter = { database, key, slot: keySlot(latin1Bytes(key)), acknowledged: 0, attempted: 0 }
      this.#counters.set(name, counter)
    }
    counter.attempted++
    return counter
  }

  acknowledge(counter: Counter, value: number): void {
    assert(
      value === counter.acknowledged + 1,
      `${counter.key} in database ${counter.database}: acknowledged ${value} after ${counter.acknowledged}: ${value <= counter.acknowledged ? 'a write was lost' : 'a write was done twice'}`
    )
    counter.acknowledged = value
  }

  get acknowledgedWrites(): number {
    let sum = 0
    for (const counter of this.#counters.values()) sum += counter.acknowledged
    return sum
  }

  /** When everything has come to rest. */
  checkRest(nodes: readonly Node[]): void {
    const primaries = nodes.filter((node) => node.role === 'primary')
    for (const counter of this.#counters.values()) {
      const key = latin1Bytes(counter.key)
      const holders = primaries.filter((node) => node.keyspace.database(counter.database).peek(key))
      assert(holders.length === 1, `${counter.key} in database ${counter.database} lives on ${holders.length} primaries`)
      const holder = holders[0] as Node
      assert(holder.cluster.view.ownerOf(counter.slot) === holder.cluster.myself, `${counter.key} lives on a node without its slot`)
      const value = holder.keyspace.database(counter.database).peek(key)?.value
      const text = value?.type === 'string' ? latin1Text(value.bytes) : undefined
      assert(
        text === String(counter.acknowledged),
        `${counter.key} in database ${counter.database} is ${text}, acknowledged was ${counter.acknowledged}`
      )
    }
    const keys = primaries.reduce((sum, node) => sum + node.keyspace.size, 0)
    assert(keys === this.#counters.size, `there are ${keys} keys on primaries, the clients wrote ${this.#counters.size}`)
  }
}
