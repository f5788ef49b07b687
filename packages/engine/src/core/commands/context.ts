import type { Client } from '../client.ts'
import type { Database } from '../keyspace/database.ts'
import { type Entry, NEVER, type Value } from '../keyspace/entry.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import type { CommandDefinition } from './define-command.ts'

/** Classes of keyspace notifications, by their letter in `notify-keyspace-events`. */
export type EventClass = 'g' | '$' | 'l' | 's' | 'h' | 'z' | 'x' | 'e' | 't' | 'm' | 'n'

type ValueOf<T extends Value['type']> = Extract<Value, { type: T }>

/**
 * What a command may see and do. One is used for every command in turn; its clock stands still for the whole command,
 * transaction or batch from a primary.
 *
 * Propagation: a command that calls `changed` is sent to replicas and migration targets as it was given, unless it said
 * something better with `propagateAs` (as often as needed; several go inside MULTI/EXEC) or `propagateNothing`.
 */
export class CommandContext {
  readonly node: Node
  client!: Client
  definition!: CommandDefinition
  /** The name by which the command was found: `get`, `cluster|info`. */
  commandName = ''
  keyspace!: Keyspace
  /** The slot of all keys of the command, as it was checked; -1: unknown. */
  slot = -1
  /** Wall clock, unix milliseconds, frozen. */
  nowMs = 0
  reply: ReplyWriter
  /** Changes made so far by the running command. */
  dirty = 0
  rewritten: (readonly (Uint8Array | string)[])[] | undefined
  /** What stands before the arguments from `tailFrom` on in what is propagated; undefined: the command has no other beginning. */
  newHead: readonly Uint8Array[] | undefined
  tailFrom = 0

  constructor(node: Node, reply: ReplyWriter) {
    this.node = node
    this.reply = reply
  }

  /** Prepares for one command. */
  begin(client: Client, definition: CommandDefinition, commandName: string, keyspace: Keyspace): void {
    this.client = client
    this.definition = definition
    this.commandName = commandName
    this.keyspace = keyspace
    this.nowMs = this.node.now.wallMs
    this.dirty = 0
    this.rewritten = undefined
    this.newHead = undefined
  }

  /** The selected database. */
  get database(): Database {
    return this.keyspace.database(this.client.database)
  }

  /**
   * The clock against which keys and fields count as expired. A primary's stream, a migration link and, in import mode,
   * whoever brings the data see everything, also what has passed its deadline: only the other side's word deletes there.
   */
  get visibleNowMs(): number {
    const { client } = this
    const seesEverything = client.origin !== 'client' || (client.importSource && this.node.hotSettings.importMode)
    return seesEverything ? Number.NEGATIVE_INFINITY : this.nowMs
  }

  /** May this command remove what has expired, or is it for somebody else to say? */
  get mayExpire(): boolean {
    return this.client.origin === 'client' && this.node.role === 'primary' && !this.node.hotSettings.importMode
  }

  /** May this command wait, or is it part of a transaction, of our primary's stream or of a migration? */
  get mayBlock(): boolean {
    return this.client.origin === 'client' && !this.node.execution.nested
  }

  /** Looks a key up for reading: undefined when it is missing or has expired. Counts a hit or a miss. */
  find(key: Uint8Array): Entry | undefined {
    const entry = this.look(key)
    if (entry && !this.client.noTouch) this.database.noteUse(entry.record)
    return entry
  }

  /** As `find`, for questions about the key, which do not use it. */
  look(key: Uint8Array): Entry | undefined {
    const entry = this.lookup(this.database, key)
    if (entry) this.node.stats.keyspaceHits++
    else this.node.stats.keyspaceMisses++
    return entry
  }

  /** As `find`, without making objects: the record of the key that is one of the arguments, 0 if there is none. */
  findRecord(args: Args, index: number): number {
    const record = this.lookupRecord(args, index)
    if (record === 0) this.node.stats.keyspaceMisses++
    else {
      this.node.stats.keyspaceHits++
      if (!this.client.noTouch) this.database.noteUse(record)
    }
    return record
  }

  /** As `findRecord`, without counting. */
  lookupRecord(args: Args, index: number): number {
    const record = this.#locate(args, index)
    if (record === 0 || this.#isVisible(record)) return record
    this.#expireIfMay(args.bytes(index))
    return 0
  }

  /**
   * For a string that replaces whatever is there, which `putStringAt` must follow: the record that lies there, once what has expired is
   * gone, so that everybody hears of both. It may still be one that has expired, where that is for somebody else to say.
   */
  recordToReplace(args: Args, index: number): number {
    const record = this.#locate(args, index)
    if (record === 0) return 0
    if (this.#isVisible(record)) {
      // Where uses are counted, to be overwritten is one (`setKey` looks the key up).
      if (this.node.usage.countsUses && !this.client.noTouch) this.database.noteUse(record)
      return record
    }
    this.#expireIfMay(args.bytes(index))
    return this.#locate(args, index)
  }

  #locate(args: Args, index: number): number {
    const slot = this.slot >= 0 ? this.slot : args.slot(index)
    return this.database.locateAt(slot, args.position(index), args.source, args.offset(index), args.size(index))
  }

  #isVisible(record: number): boolean {
    const deadlineMs = this.database.records.deadlineMs(record)
    return deadlineMs === NEVER || this.visibleNowMs <= deadlineMs
  }

  #expireIfMay(key: Uint8Array): void {
    if (this.mayExpire && !this.node.expiryPaused(key)) this.node.expireKey(this.database, key)
  }

  /** The keys from argument `first` on, each `step`th, will be looked up one after another: they are asked for at once. */
  warmKeys(args: Args, first: number, step: number): void {
    const { database } = this
    for (let at = first; at < args.length; ) {
      let count = 0
      for (; count < WARMED && at < args.length; count++, at += step) {
        SLOTS_TO_WARM[count] = this.slot >= 0 ? this.slot : args.slot(at)
        POSITIONS_TO_WARM[count] = args.position(at)
      }
      if (count > 1) database.warm(SLOTS_TO_WARM, POSITIONS_TO_WARM, count, WARMED_RECORDS)
    }
  }

  /** Looks a key up for changing it in place: what has expired is removed first (and the removal propagated). */
  findForWrite(key: Uint8Array): Entry | undefined {
    const database = this.database
    const entry = this.lookup(database, key) && database.open(key)
    if (entry && !this.client.noTouch) database.noteUse(entry.record)
    return entry
  }

  /** As `find`, in any database and without counting. */
  lookup(database: Database, key: Uint8Array): Entry | undefined {
    const entry = database.peek(key)
    if (!entry || entry.deadlineMs === NEVER || this.visibleNowMs <= entry.deadlineMs) return entry
    if (this.mayExpire && !this.node.expiryPaused(key)) this.node.expireKey(database, key)
    return undefined
  }

  /**
   * Finds a value of one type for reading. When the key holds something else, WRONGTYPE is written and 'wrong' comes
   * back: the command must return at once.
   */
  read<T extends Value['type']>(type: T, key: Uint8Array): ValueOf<T> | undefined | 'wrong' {
    const record = this.#recordOf(key)
    if (record === 0) this.node.stats.keyspaceMisses++
    else this.node.stats.keyspaceHits++
    return this.#typed(type, record)
  }

  /** As `read`, for a value that will be changed in place. */
  write<T extends Value['type']>(type: T, key: Uint8Array): ValueOf<T> | undefined | 'wrong' {
    const record = this.#recordOf(key)
    return this.#typed(type, record === 0 ? 0 : this.database.openAt(record, key))
  }

  /** As `read`, of a key that is one of the arguments. */
  readAt<T extends Value['type']>(type: T, args: Args, index: number): ValueOf<T> | undefined | 'wrong' {
    const record = this.lookupRecord(args, index)
    if (record === 0) this.node.stats.keyspaceMisses++
    else this.node.stats.keyspaceHits++
    return this.#typed(type, record)
  }

  /** As `write`, of a key that is one of the arguments. */
  writeAt<T extends Value['type']>(type: T, args: Args, index: number): ValueOf<T> | undefined | 'wrong' {
    const record = this.lookupRecord(args, index)
    return this.#typed(type, this.database.openPart(record, args.source, args.offset(index), args.size(index)))
  }

  #typed<T extends Value['type']>(type: T, record: number): ValueOf<T> | undefined | 'wrong' {
    if (record === 0) return undefined
    const { database } = this
    if (!this.client.noTouch) database.noteUse(record)
    const value = database.records.value(record)
    if (value.type === type) return value as ValueOf<T>
    this.reply.error(errors.wrongType)
    return 'wrong'
  }

  /** The record of a key, once what has expired is gone; 0 if there is none. */
  #recordOf(key: Uint8Array): number {
    const record = this.database.locate(key, 0, key.length)
    if (record === 0 || this.#isVisible(record)) return record
    this.#expireIfMay(key)
    return 0
  }

  /**
   * The command changed this key in the selected database (or in `database`): counts for propagation, wakes WATCHers and
   * client tracking, keeps the volatile index. Call it after the change, once per key.
   */
  changed(key: Uint8Array, count = 1, database: Database = this.database): void {
    this.dirty += count
    database.noteChanged(key)
    this.node.noteKeyChanged(database.index, key)
  }

  /** `changed` and `notify` in one, for a key that is one of the arguments and now holds a string. */
  stored(args: Args, index: number, event: string): void {
    const { database, node } = this
    this.dirty++
    if (!node.hearsOfKeys) return
    const key = args.bytes(index)
    node.noteKeyChanged(database.index, key)
    node.notifyKeyspace('$', event, key, database.index)
  }

  /** `changed` and `notify` in one, for a key of the selected database that is one of the arguments and whose value was changed in place. */
  changedAt(args: Args, index: number, count: number, eventClass: EventClass, event: string): void {
    const { database, node } = this
    this.dirty += count
    const slot = this.slot >= 0 ? this.slot : args.slot(index)
    database.noteChangedAt(slot, args.position(index), args.source, args.offset(index), args.size(index))
    if (!node.hearsOfKeys) return
    const key = args.bytes(index)
    node.noteKeyChanged(database.index, key)
    node.notifyKeyspace(eventClass, event, key, database.index)
  }

  /** As `changed`, for what WATCH does not look at: the reference says nothing when groups of a stream change. */
  changedUnwatched(count = 1): void {
    this.dirty += count
  }

  /** Fires a keyspace notification of the selected database (or of `database`). */
  notify(eventClass: EventClass, event: string, key: Uint8Array, database: Database = this.database): void {
    this.node.notifyKeyspace(eventClass, event, key, database.index)
  }

  /** Does any replica or migration target get what is propagated? If not, only that something is counts. */
  get isFollowed(): boolean {
    return this.node.replication.stream.kept || this.node.migrations.exporting
  }

  /** What replicas and migration targets get instead of the command as given. */
  propagateAs(...parts: readonly (Uint8Array | string)[]): void {
    this.rewritten ??= []
    this.rewritten.push(parts)
  }

  /** As `propagateAs`, as the last of all: `head` takes the place of the arguments before `tailFrom`, and the others go as they came. */
  propagateWithHead(head: readonly Uint8Array[], tailFrom: number): void {
    this.newHead = head
    this.tailFrom = tailFrom
  }

  /** The command changed something that no one else needs to hear of. */
  propagateNothing(): void {
    this.rewritten ??= []
  }
}

/** Keys that are asked for at once, where they should be, and what is there. */
const WARMED = 32
const SLOTS_TO_WARM = new Int32Array(WARMED)
const POSITIONS_TO_WARM = new Int32Array(WARMED)
const WARMED_RECORDS = new Int32Array(WARMED)
