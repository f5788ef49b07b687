import { keySlot, SLOTS } from '../cluster/slot.ts'
import type { EventClass } from '../commands/context.ts'
import { WALK_END } from './byte-table.ts'
import type { Database, SlotTable } from './database.ts'
import type { Entry } from './entry.ts'
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
  // The key may be a view into the table that is about to let go of it.
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
 * There are two jobs, keys with a deadline and hashes with fields that have one. Each walks its per-slot tables through
 * all databases and remembers where it stopped. A run ends when both have been all the way round or when its time is over.
 * While little turns out to be expired, that time is a small share of the budget: looking costs, and readers do not see
 * what has expired anyway. Once every tenth visit finds something, the whole budget may be used. The jobs take turns in
 * going first, so that neither starves the other.
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
      tableOf: (table) => table.expiring,
      isDue: (entry, nowMs) => nowMs > entry.deadlineMs,
      expire: (database, key) => {
        expireKeyNow(node, database, key)
        return 1
      }
    })
    this.#fields = new Sweep(node, {
      countIn: (database) => database.volatileCount,
      tableOf: (table) => table.volatile,
      isDue: (entry, nowMs) => entry.value.type === 'hash' && nowMs > entry.value.soonestDeadlineMs,
      expire: (database, key, nowMs) => expireFieldsNow(node, database, key, nowMs, FIELDS_PER_HDEL)
    })
  }

  /** `nowMs`: wall clock. `budgetUs`: what this run may cost at most, by `meter`, give or take one batch of fields. */
  run(nowMs: number, budgetUs: number, meter: () => number): void {
    const startUs = meter()
    const [first, second] = this.#fieldsFirst ? [this.#fields, this.#keys] : [this.#keys, this.#fields]
    this.#fieldsFirst = !this.#fieldsFirst
    const lookUs = budgetUs * LOOKING_SHARE
    // Half for the first job, so that the second always gets its turn; what the first leaves is the second's.
    const firstInTime = first.run(nowMs, startUs + budgetUs / 2, startUs + lookUs / 2, meter)
    const secondStartUs = meter()
    const secondInTime = second.run(nowMs, startUs + budgetUs, secondStartUs + lookUs / 2, meter)
    if (!firstInTime || !secondInTime) this.#node.stats.expiredTimeCapReached++
    this.#node.stats.expireCycleUs += meter() - startUs
  }
}

/** `EXPIRE_BULK_LIMIT` of the reference. */
const FIELDS_PER_HDEL = 1024
/** Visits between two looks at the meter. */
const VISITS_PER_CHECK = 32
/** Share of the budget that a run may spend on looking while it finds next to nothing. */
const LOOKING_SHARE = 0.1

type DeadlineTable = SlotTable['expiring']

/** What a job does: which table it walks, what is due in it, and how it goes. `expire` returns how many went. */
type Job = {
  readonly countIn: (database: Database) => number
  readonly tableOf: (table: SlotTable) => DeadlineTable
  readonly isDue: (entry: Entry, nowMs: number) => boolean
  readonly expire: (database: Database, key: Uint8Array, nowMs: number) => number
}

/** One job's walk over databases, slots and their tables; it goes on where it stopped. */
class Sweep {
  readonly #node: ExpiryNode
  readonly #job: Job
  #database = 0
  #slot = 0
  #position = 0

  constructor(node: ExpiryNode, job: Job) {
    this.#node = node
    this.#job = job
  }

  /** `untilUs` and `lookUntilUs` are readings of `meter`. False when there was more to remove and no time left for it. */
  run(nowMs: number, untilUs: number, lookUntilUs: number, meter: () => number): boolean {
    const job = this.#job
    const databases = [...this.#node.keyspace.used()].filter((database) => job.countIn(database) > 0)
    if (databases.length === 0) return true
    let turn = Math.max(
      0,
      databases.findIndex((database) => database.index >= this.#database)
    )
    if (databases[turn]?.index !== this.#database) this.#slot = this.#position = 0
    let visits = 0
    let found = 0
    let untilCheck = VISITS_PER_CHECK
    // The slot that is begun in its middle is seen again at the end of a whole round.
    for (let slotsLeft = databases.length * SLOTS + 1; slotsLeft > 0; ) {
      const database = databases[turn] as Database
      this.#database = database.index
      const slotTable = database.slotTable(this.#slot)
      if (!slotTable || this.#position === WALK_END || job.tableOf(slotTable).size === 0) {
        slotsLeft--
        this.#position = 0
        if (++this.#slot === SLOTS) {
          this.#slot = 0
          turn = (turn + 1) % databases.length
        }
        continue
      }
      const due: Uint8Array[] = []
      this.#position = job.tableOf(slotTable).walk(this.#position, (key, entry) => {
        visits++
        if (job.isDue(entry, nowMs)) due.push(key)
      })
      const [sample] = due
      if (sample && this.#node.expiryPaused(sample)) {
        this.#position = WALK_END
        continue
      }
      for (const key of due) {
        found++
        // A large hash is emptied batch by batch, with a look at the meter between two; what is left waits for the next run.
        while (job.expire(database, key, nowMs) === FIELDS_PER_HDEL && meter() < untilUs);
      }
      if (due.length === 0 && --untilCheck > 0) continue
      untilCheck = VISITS_PER_CHECK
      const isFinding = found * 10 > visits
      if (meter() >= (isFinding ? untilUs : lookUntilUs)) return !isFinding
    }
    return true
  }
}
