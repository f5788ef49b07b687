import { sameBytes } from '../bytes.ts'
import { keySlot, SLOTS } from '../cluster/slot.ts'
import { WALK_END } from '../keyspace/byte-table.ts'
import type { Database } from '../keyspace/database.ts'
import { type Entry, NEVER } from '../keyspace/entry.ts'
import type { Node } from '../node.ts'
import type { EvictionPolicy } from './policy.ts'

/** One call takes at most so long; what is left is for the next, or for the cron (`maxmemory-eviction-tenacity` of 10). */
const BUDGET_US = 500
/** And evicts at most so many, should no time pass. */
const MOST_PER_CALL = 1000

/** The best samples so far are remembered: so many. */
const REMEMBERED = 16

type Candidate = { readonly database: Database; readonly key: Uint8Array; readonly score: number }

/**
 * Eviction: while more memory is in use than `maxmemory` allows, keys go that the policy names. For each a few samples are taken, and
 * the best of those and of what is remembered of earlier ones goes. Samples come from a walk in the order of hashes, which has
 * nothing to do with how keys are used.
 */
export class Evictor {
  readonly #node: Node
  /** Where the walk over a database stands. */
  readonly #places = new WeakMap<Database, { slot: number; position: number }>()
  #nextDatabase = 0
  /** The best come first. */
  #remembered: Candidate[] = []
  #rememberedFor: EvictionPolicy = 'noeviction'

  constructor(node: Node) {
    this.#node = node
  }

  /**
   * Is there room, or could it be made? Replicas wait for their primary's word, and in a pause nothing goes. In import mode nothing
   * goes either, and there is no room.
   */
  makeRoom(): boolean {
    const node = this.#node
    const { maxMemoryBytes, evictionPolicy, importMode } = node.hotSettings
    if (maxMemoryBytes === 0 || node.memory.usedNow() <= maxMemoryBytes) return true
    if (node.role === 'replica' || node.pause.mode) return true
    // What was dropped goes before anything that is still somebody's.
    node.keyspace.store.reclaim(MOST_PER_CALL)
    if (node.memory.usedNow() <= maxMemoryBytes) return true
    if (evictionPolicy === 'noeviction' || importMode) return false
    const untilUs = node.options.meter() + BUDGET_US
    for (let evicted = 0; evicted < MOST_PER_CALL; evicted++) {
      if (!this.#evictOne(evictionPolicy)) return false
      if (node.memory.usedNow() <= maxMemoryBytes) return true
      // More will go with the next command; this one need not be refused for it (`performEvictions`, EVICT_RUNNING).
      if (node.options.meter() > untilUs) return true
    }
    return true
  }

  /** Takes samples of the next database that has keys that may go, and evicts the best of all; false when nothing may go. */
  #evictOne(policy: EvictionPolicy): boolean {
    if (policy !== this.#rememberedFor) this.#remembered = []
    this.#rememberedFor = policy
    const databases = [...this.#node.keyspace.used()]
    for (let tried = 0; tried < databases.length; tried++) {
      if (this.#sample(databases[this.#nextDatabase++ % databases.length] as Database, policy)) break
    }
    for (let best = this.#remembered.shift(); best; best = this.#remembered.shift()) {
      if (!this.#mayGo(policy, best)) continue
      this.#evict(best)
      return true
    }
    return false
  }

  /** Is what is remembered still there, and still one of those that may go? */
  #mayGo(policy: EvictionPolicy, { database, key }: Candidate): boolean {
    const entry = database.peek(key)
    if (!entry || this.#node.migrations.pausesSlot(keySlot(key))) return false
    return !policy.startsWith('volatile-') || entry.deadlineMs !== NEVER
  }

  #remember(database: Database, key: Uint8Array, score: number): void {
    const remembered = this.#remembered
    if (remembered.length === REMEMBERED && score <= (remembered[REMEMBERED - 1] as Candidate).score) return
    if (remembered.some((one) => one.database === database && sameBytes(one.key, key))) return
    const at = remembered.findIndex((one) => score > one.score)
    remembered.splice(at < 0 ? remembered.length : at, 0, { database, key, score })
    if (remembered.length > REMEMBERED) remembered.pop()
  }

  #evict({ database, key }: Candidate): void {
    const node = this.#node
    database.remove(key)
    node.stats.evictedKeys++
    node.propagate(database.index, keySlot(key), [['UNLINK', key]])
    node.noteKeyChanged(database.index, key)
    node.notifyKeyspace('e', 'evicted', key, database.index)
  }

  /** False when the database has nothing that may go. */
  #sample(database: Database, policy: EvictionPolicy): boolean {
    const onlyVolatile = policy.startsWith('volatile-')
    if ((onlyVolatile ? database.expiringCount : database.size) === 0) return false
    const wanted = policy.endsWith('-random') ? 1 : this.#node.hotSettings.evictionSamples
    const place = this.#places.get(database) ?? { slot: this.#node.random.below(SLOTS), position: 0 }
    this.#places.set(database, place)
    const index = onlyVolatile ? 'expiring' : 'keys'
    let seen = 0
    const visit = (key: Uint8Array, entry: Entry) => {
      seen++
      this.#remember(database, key, this.#score(policy, entry))
    }
    // One round over the slots at most: all that is there may be in slots that are being handed over.
    for (let slots = 0; slots <= SLOTS && seen < wanted; ) {
      const isThere = database.sizeOfSlot(place.slot, index) > 0 && !this.#node.migrations.pausesSlot(place.slot)
      if (isThere && place.position < WALK_END) {
        place.position = database.walkSlot(place.slot, place.position, visit, index)
        continue
      }
      place.slot = (place.slot + 1) % SLOTS
      place.position = 0
      slots++
    }
    return seen > 0
  }

  /** The greatest goes first. */
  #score(policy: EvictionPolicy, entry: Entry): number {
    if (policy.endsWith('-lru')) return this.#node.usage.idleSecondsOf(entry)
    if (policy.endsWith('-lfu')) return -this.#node.usage.usesOf(entry)
    return policy === 'volatile-ttl' ? -entry.deadlineMs : 0
  }
}
