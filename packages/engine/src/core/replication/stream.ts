import { ByteBuffer } from '../byte-buffer.ts'
import type { Random } from '../prng.ts'
import { writeCommand } from '../resp/reply-writer.ts'
import { Backlog } from './backlog.ts'

/** One write as it goes to replicas. */
export type ReplicatedCommand = { readonly database: number; readonly slot: number; readonly parts: readonly (Uint8Array | string)[] }

const NO_ID = '0'.repeat(40)

/**
 * The stream of effective writes: what it is called, how far it has come, and its last bytes. A primary writes it, its
 * replicas relay the same bytes, so that the name and an offset say everything about a dataset.
 *
 * A history has a random name. Who is promoted goes on under a new name and remembers the old one with the offset up to
 * which it holds, so that those who followed the old primary can go on with the new one.
 */
export class ReplicationStream {
  readonly #random: Random
  readonly #backlogBytes: () => number
  #id: string
  #secondId = NO_ID
  /** The second name is good for asking for bytes up to this one; -1: for none. */
  #secondIdEndsAt = -1
  #offset = 0
  #backlog: Backlog | undefined
  /** Selected by the last SELECT in the stream; -1: the next write must select. */
  #database = -1
  readonly #fresh = new ByteBuffer(1024)

  constructor(random: Random, backlogBytes: () => number) {
    this.#random = random
    this.#backlogBytes = backlogBytes
    this.#id = random.hex(40)
  }

  get id(): string {
    return this.#id
  }

  get secondId(): string {
    return this.#secondId
  }

  get secondIdEndsAt(): number {
    return this.#secondIdEndsAt
  }

  /** Bytes produced, or processed by a replica. */
  get offset(): number {
    return this.#offset
  }

  get backlog(): Backlog | undefined {
    return this.#backlog
  }

  /** Is anybody kept up to date? While nobody is, writes are counted and not written. */
  get kept(): boolean {
    return this.#backlog !== undefined
  }

  /** Begins to keep the stream. The history before was not kept, so it gets a new name that nobody can ask for. */
  keep(): void {
    if (this.#backlog) return
    this.#rename()
    this.#backlog = new Backlog(this.#backlogBytes(), this.#offset + 1)
    this.#database = -1
  }

  /** Nobody has followed for long: forgets the last bytes, and the name with them. */
  forget(): void {
    this.#backlog = undefined
    this.#fresh.clear()
    this.#rename()
  }

  /** The next write selects its database: after a full sync began, since that replica has not seen the last SELECT. */
  forgetDatabase(): void {
    this.#database = -1
  }

  /** Appends writes that took effect together; more than one goes as a transaction. */
  write(commands: readonly ReplicatedCommand[]): void {
    const [first] = commands
    if (!first) return
    if (!this.#backlog) return this.noteUnheard()
    const before = this.#fresh.length
    this.#select(first.database)
    if (commands.length > 1) writeCommand(this.#fresh, ['MULTI'])
    for (const { database, parts } of commands) {
      this.#select(database)
      writeCommand(this.#fresh, parts)
    }
    if (commands.length > 1) writeCommand(this.#fresh, ['EXEC'])
    this.#offset += this.#fresh.length - before
  }

  /** Appends a write that lies in `source[start .. end)` as an array of bulk strings already. */
  writeRequest(database: number, source: Uint8Array, start: number, end: number): void {
    if (!this.#backlog) return this.noteUnheard()
    const before = this.#fresh.length
    this.#select(database)
    this.#fresh.part(source, start, end)
    this.#offset += this.#fresh.length - before
  }

  /** As `writeRequest`, of `head` and `count` more arguments, which lie in `source[start .. end)` as bulk strings. No texts: to ask texts of all kinds for their length takes as long as to copy them. */
  writeTail(database: number, head: readonly Uint8Array[], count: number, source: Uint8Array, start: number, end: number): void {
    if (!this.#backlog) return this.noteUnheard()
    const before = this.#fresh.length
    this.#select(database)
    this.#fresh.line(42, head.length + count)
    for (const part of head) this.#fresh.bulk(part, 0, part.length)
    this.#fresh.part(source, start, end)
    this.#offset += this.#fresh.length - before
  }

  /** Something was written, and nobody keeps it: an offset that stands still would say that nothing was. */
  noteUnheard(): void {
    this.#offset++
  }

  /** Appends what is no write: PING, REPLCONF GETACK. */
  writeMessage(parts: readonly string[]): void {
    if (!this.#backlog) return
    const before = this.#fresh.length
    writeCommand(this.#fresh, parts)
    this.#offset += this.#fresh.length - before
  }

  /** A replica's side: bytes of the primary's stream that have been applied. */
  relay(bytes: Uint8Array): void {
    this.#fresh.bytes(bytes)
    this.#offset += bytes.length
  }

  /** Bytes that `take` would give. */
  get freshBytes(): number {
    return this.#fresh.length
  }

  /** What was appended since the last call, now in the backlog too; undefined for nothing. */
  take(): Uint8Array | undefined {
    if (this.#fresh.length === 0) return undefined
    const bytes = this.#fresh.copy()
    this.#fresh.clear()
    this.#backlog?.append(bytes)
    return bytes
  }

  /** Can a replica that holds this history up to the byte before `wantedByte` go on without a full sync? */
  continuesFrom(id: string, wantedByte: number): boolean {
    const known = id === this.#id || (id === this.#secondId && wantedByte <= this.#secondIdEndsAt)
    return known && (this.#backlog?.covers(wantedByte) ?? false)
  }

  /** A full sync has replaced everything: another history, at this offset. */
  adopt(id: string, offset: number): void {
    this.#fresh.clear()
    this.#id = id
    this.#secondId = NO_ID
    this.#secondIdEndsAt = -1
    this.#offset = offset
    this.#backlog = new Backlog(this.#backlogBytes(), offset + 1)
    this.#database = -1
  }

  /** A replica goes on where it stood: its primary may have got another name meanwhile. */
  goOn(id: string): void {
    this.#backlog ??= new Backlog(this.#backlogBytes(), this.#offset + 1)
    this.#succeed(id)
  }

  /** We are promoted: what comes from here on is ours. */
  branch(): void {
    this.#succeed(this.#random.hex(40))
    this.#database = -1
  }

  #succeed(id: string): void {
    if (id === this.#id) return
    this.#secondId = this.#id
    this.#secondIdEndsAt = this.#offset + 1
    this.#id = id
  }

  #rename(): void {
    this.#id = this.#random.hex(40)
    this.#secondId = NO_ID
    this.#secondIdEndsAt = -1
  }

  #select(database: number): void {
    if (database === this.#database) return
    this.#database = database
    writeCommand(this.#fresh, ['SELECT', String(database)])
  }
}
