import { keySlot, SLOTS } from '../cluster/slot.ts'
import type { EventClass } from '../commands/context.ts'
import { WALK_END } from './byte-table.ts'
import type { Database, KeyIndex } from './database.ts'
import type { DueKind } from './due-times.ts'
import { type Entry, NEVER } from './entry.ts'
import type { Keyspace } from './keyspace.ts'

/** What active expiry needs of a node. */
export interface ExpiryNode {
  readonly keyspace: Keyspace
  readonly stats: { expiredKeys: number; expiredFields: number; expiredTimeCapReached: number; expireCycleUs: number }
  /** Does expiry stand still for this key's slot, because its writes are paused? */
  expiryPaused(key: Uint8Array): boolean
  propagate(databaseIndex: number, slot: number, commands: readonly (readonly (Uint8Array | string)[])[]): void
  notifyKeyspace(eventClass: EventClass, event: string, key: Uint8Array, databaseIndex: number): void
  noteKeyChanged(databaseIndex: number, key: Uint8Array): void
}

/** Removes a key whose deadline has passed and tells replicas, watchers and subscribers. Only a primary may. */
export function expireKeyNow(node: ExpiryNode, database: Database, key: Uint8Array): void {
  // The key may be a view of something that ends with the command.
  const name = key.slice()
  if (!database.remove(name)) return
  node.stats.expiredKeys++
  node.propagate(database.index, keySlot(name), [['UNLINK', name]])
  node.noteKeyChanged(database.index, name)
  node.notifyKeyspace('x', 'expired', name, database.index)
}

/**
 * Removes up to `limit` fields of a hash that have expired at `nowMs`, and the key when none is left. Returns how many fields
 * went. Replicas hear of it in batches of FIELDS_PER_HDEL.
 */
export function expireFieldsNow(node: ExpiryNode, database: Database, key: Uint8Array, nowMs: number, limit: number): number {
  const name = key.slice()
  const entry = database.open(name)
  if (entry?.value.type !== 'hash') return 0
  const hash = entry.value
  let removed = 0
  while (removed < limit) {
    const fields = hash.takeExpired(nowMs, Math.min(limit - removed, FIELDS_PER_HDEL))
    if (fields.length === 0) break
    removed += fields.length
    const isEmpty = hash.size === 0
    if (isEmpty) database.remove(name)
    else database.noteChanged(name)
    const removal = ['HDEL', name, ...fields]
    node.propagate(database.index, keySlot(name), isEmpty ? [removal, ['UNLINK', name]] : [removal])
    node.notifyKeyspace('x', 'hexpired', name, database.index)
    if (isEmpty) node.notifyKeyspace('g', 'del', name, database.index)
  }
  if (removed === 0) return 0
  node.stats.expiredFields += removed
  node.noteKeyChanged(database.index, name)
  return removed
}

/**
 * Active expiry: what nobody asks for must go too. A primary's cron runs it ten times a second.
 *
 * There are two jobs, keys with a deadline and hashes with fields that have one. Each goes round all slots of all databases
 * and remembers where it stopped. Databases and slots know a bound before which nothing in them is due; only past the bound are
 * their keys looked at, which gives the next bound. A run ends when both jobs have been all the way round or when its time is over; while
 * they look at much and find next to nothing, that time is a small share of the budget, since readers do not see what has
 * expired anyway. The jobs take turns in going first, so that neither starves the other.
 */
export class ExpiryCycle {
  readonly #node: ExpiryNode
  readonly #keys: Sweep
  readonly #fields: Sweep
  #fieldsFirst = false

  constructor(node: ExpiryNode) {
    this.#node = node
    this.#keys = new Sweep(node, {
      countIn: (database) => database.expiringCount,
      index: 'expiring',
      due: 'keysMs',
      deadlineOf: (entry) => entry.deadlineMs,
      expire: (database, key) => {
        expireKeyNow(node, database, key)
        return 1
      }
    })
    this.#fields = new Sweep(node, {
      countIn: (database) => database.volatileCount,
      index: 'volatile',
      due: 'fieldsMs',
      deadlineOf: (entry) => (entry.value.type === 'hash' ? entry.value.soonestDeadlineMs : NEVER),
      expire: (database, key, nowMs) => expireFieldsNow(node, database, key, nowMs, FIELDS_PER_HDEL)
    })
  }

  /** `nowMs`: wall clock. `budgetUs`: what this run may cost at most, by `meter`, give or take one batch of fields. */
  run(nowMs: number, budgetUs: number, meter: () => number): void {
    const startUs = meter()
    const endUs = startUs + budgetUs
    const [first, second] = this.#fieldsFirst ? [this.#fields, this.#keys] : [this.#keys, this.#fields]
    this.#fieldsFirst = !this.#fieldsFirst
    const lookUs = (budgetUs * LOOKING_SHARE) / 2
    // Half for the first job, so that the second always gets its turn; what the second leaves is the first's again.
    let firstIsDone = first.run(nowMs, startUs + budgetUs / 2, startUs + lookUs, meter)
    const secondIsDone = second.run(nowMs, endUs, meter() + lookUs, meter)
    if (!firstIsDone && secondIsDone) firstIsDone = first.run(nowMs, endUs, startUs + lookUs, meter)
    if (!firstIsDone || !secondIsDone) this.#node.stats.expiredTimeCapReached++
    this.#node.stats.expireCycleUs += meter() - startUs
  }
}

/** `EXPIRE_BULK_LIMIT` of the reference. */
const FIELDS_PER_HDEL = 1024
/** Visits between two looks at the meter. */
const VISITS_PER_CHECK = 64
/** Share of the budget that a run may spend on looking while it finds next to nothing. */
const LOOKING_SHARE = 0.1

/** What a job does: where it looks, what is due there, and how it goes. `expire` returns how many went. */
type Job = {
  readonly countIn: (database: Database) => number
  readonly index: KeyIndex
  readonly due: DueKind
  readonly deadlineOf: (entry: Entry) => number
  readonly expire: (database: Database, key: Uint8Array, nowMs: number) => number
}

/** One job's way through databases, slots and their tables; it goes on where it stopped. */
class Sweep {
  readonly #node: ExpiryNode
  readonly #job: Job
  #database = 0
  #slot = 0
  #position = 0
  /** The keys visited and those of them that had something to expire, in this run. */
  #visits = 0
  #found = 0

  constructor(node: ExpiryNode, job: Job) {
    this.#node = node
    this.#job = job
  }

  /** `untilUs` and `lookUntilUs` are readings of `meter`. False when there was more to remove and no time left for it. */
  run(nowMs: number, untilUs: number, lookUntilUs: number, meter: () => number): boolean {
    const job = this.#job
    const databases = [...this.#node.keyspace.used()].filter((database) => job.countIn(database) > 0)
    if (databases.length === 0) return true
    const next = databases.findIndex((database) => database.index >= this.#database)
    if (next < 0 || databases[next]?.index !== this.#database) this.#slot = this.#position = 0
    this.#visits = this.#found = 0
    const isOver = () => meter() >= (this.#isFinding ? untilUs : lookUntilUs)
    // One turn more than there are databases: the one that is begun in its middle ends with its beginning.
    for (let turn = 0; turn <= databases.length; turn++) {
      const database = databases[(Math.max(0, next) + turn) % databases.length] as Database
      this.#database = database.index
      if (!this.#sweepDatabase(database, nowMs, untilUs, meter, isOver)) return !this.#isFinding
    }
    return true
  }

  /** Goes through a database from where it stopped. False when the time was over before its end. */
  #sweepDatabase(database: Database, nowMs: number, untilUs: number, meter: () => number, isOver: () => boolean): boolean {
    const { due } = this.#job
    const isWhole = this.#slot === 0 && this.#position === 0
    if (isWhole && nowMs <= database.due[due]) return true
    let nextDueMs = NEVER
    for (; this.#slot < SLOTS; this.#slot++, this.#position = 0) {
      if (nowMs > database.due.ofSlot(this.#slot, due) && !this.#sweepSlot(database, this.#slot, nowMs, untilUs, meter, isOver))
        return false
      nextDueMs = Math.min(nextDueMs, database.due.ofSlot(this.#slot, due))
    }
    this.#slot = 0
    if (isWhole) database.due[due] = nextDueMs
    return true
  }

  /** Was at least every tenth visit worth it? */
  get #isFinding(): boolean {
    return this.#found * 10 > this.#visits
  }

  /** Goes through one slot. False when the time was over before its end. */
  #sweepSlot(database: Database, slot: number, nowMs: number, untilUs: number, meter: () => number, isOver: () => boolean): boolean {
    const job = this.#job
    const isWhole = this.#position === 0
    let nextDueMs = NEVER
    let untilCheck = VISITS_PER_CHECK
    const due: Uint8Array[] = []
    const visit = (key: Uint8Array, entry: Entry) => {
      this.#visits++
      untilCheck--
      const deadlineMs = job.deadlineOf(entry)
      if (nowMs > deadlineMs) due.push(key)
      else nextDueMs = Math.min(nextDueMs, deadlineMs)
    }
    while (this.#position !== WALK_END && database.sizeOfSlot(slot, job.index) > 0) {
      this.#position = database.walkSlot(slot, this.#position, visit, job.index)
      const [sample] = due
      if (sample && this.#node.expiryPaused(sample)) return true
      for (const key of due) {
        this.#found++
        // A large hash is emptied batch by batch, with a look at the meter between two; what is left is due next time.
        while (job.expire(database, key, nowMs) === FIELDS_PER_HDEL && meter() < untilUs);
        const entry = database.peek(key)
        if (entry) nextDueMs = Math.min(nextDueMs, job.deadlineOf(entry))
      }
      if (due.length === 0 && untilCheck > 0) continue
      due.length = 0
      untilCheck = VISITS_PER_CHECK
      if (isOver()) return false
    }
    // A walk that was interrupted has not seen what was added behind it, so it leaves the bound as it was.
    if (isWhole) database.due.setOfSlot(slot, job.due, nextDueMs)
    return true
  }
}
