import { eachSlot, type SlotRange } from '../cluster/slot.ts'
import type { ClusterNode } from '../cluster/view.ts'
import type { LinkId } from '../input.ts'
import { SnapshotCursor } from '../keyspace/snapshot-cursor.ts'
import type { LinkHandler } from '../link.ts'
import type { Node } from '../node.ts'
import { loginOf } from '../replication/login.ts'
import { Args } from '../resp/args.ts'
import { RequestDecoder } from '../resp/decoder.ts'
import { writeCommand } from '../resp/reply-writer.ts'
import { emitKey } from './emit.ts'
import { Job } from './job.ts'
import type { ExportState } from './states.ts'

/** One slice of the snapshot: so long, and so much waiting to leave; then other clients have the node for as long. */
const SLICE_US = 2_000
const SLICE_GAP_MS = 2
const WINDOW_BYTES = 1_048_576
/** A grant is good for at least so long (Valkey `cluster_migrateslots.c`). */
const GRANT_MS = 2_000

/** Why the snapshot and the pause end; what the source's side of a job tells the others. */
export interface ExportOwner {
  /** Writes to the job's slots wait from now on, or go on. */
  pauseChanged(): void
}

/**
 * The source's side: connects, copies the slots while they are written to, catches up, pauses their writes and hands them
 * over. No child process: a cursor emits each key once, before its first write at the latest, and every write after that
 * follows on the same link, so that one stream has everything in order.
 */
export class ExportJob extends Job<ExportState> {
  readonly operation = 'EXPORT'
  readonly target: ClusterNode
  readonly #owner: ExportOwner
  #link: LinkId = 0
  #linkOpen = false
  #cursor: SnapshotCursor | undefined
  #nextSliceAtMs = 0
  /** Database of the last command on the link; -1: SELECT must come first, whatever the target remembers. */
  #linkDatabase = -1
  #establishReply = ''
  readonly #decoder = new RequestDecoder(undefined, false)
  readonly #args = new Args()
  #lastHeardMs: number
  /** Monotonic end of the pause; undefined while nothing is paused. */
  #pausedUntilMs: number | undefined
  keysDone = 0
  keysTotal = 0
  bytesSent = 0

  constructor(node: Node, owner: ExportOwner, ranges: readonly SlotRange[], target: ClusterNode) {
    super(node, node.random.hex(40), ranges, node.id, target.id, 'connecting')
    this.target = target
    this.#owner = owner
    this.#lastHeardMs = node.now.monotonicMs
  }

  /** Writes to the slots wait. */
  get pausing(): boolean {
    return this.#pausedUntilMs !== undefined
  }

  /** Granted, and the pause has passed without a word of the target: nobody may serve these slots until it is clear who does. */
  get inLimbo(): boolean {
    return this.state === 'failover-granted' && this.#pausedUntilMs === undefined
  }

  /** Milliseconds until the pause ends by itself. */
  get pauseLeftMs(): number {
    return this.#pausedUntilMs === undefined ? 0 : Math.max(0, this.#pausedUntilMs - this.node.now.monotonicMs)
  }

  /** Bytes that wait to leave on the link. */
  get unsentBytes(): number {
    return this.#linkOpen ? this.node.links.unsentBytes(this.#link) : 0
  }

  /** Every write to the slots goes to the target from the first moment of the snapshot. */
  get streaming(): boolean {
    return this.state === 'snapshotting' || this.state === 'replicating' || this.state === 'waiting-to-pause'
  }

  begin(): void {
    const { node, target } = this
    const handler: LinkHandler = {
      connected: () => this.#connected(),
      receive: (bytes) => this.#receive(bytes),
      // The next slice is sent at the end of the step, as after any other.
      drained: () => {},
      closed: (reason) => this.#closed(reason)
    }
    this.#link = node.links.connect(handler, 'client', node.cluster.streamEndpoint(target), true)
  }

  /** A write that took effect. `slot` is one of the job's. */
  feed(database: number, parts: readonly (Uint8Array | string)[]): void {
    if (!this.streaming) return
    this.#send(database, parts)
  }

  /** A write is about to read these keys: what the target has not seen yet must be there before it. */
  beforeRead(database: number, slot: number, key: Uint8Array): void {
    this.#cursor?.beforeChange(database, slot, key, this.node.keyspace.database(database).peek(key))
  }

  /** Goes on with what can go on now: called after every step, on drained links and from the cron. */
  proceed(): void {
    switch (this.state) {
      case 'waiting-to-snapshot':
        return this.#beginSnapshot()
      case 'snapshotting':
        return this.#slice()
      case 'waiting-to-pause':
        return this.#pauseWhenDrained()
      default:
        return
    }
  }

  /** Each 100 ms; `second` is true each second. */
  cron(second: boolean): void {
    const { node } = this
    if (!this.inProgress) return
    const now = node.now.monotonicMs
    if (this.#pausedUntilMs !== undefined && now >= this.#pausedUntilMs) {
      if (this.state === 'failover-granted') {
        this.log('the pause is over and the target has not been heard: its slots answer CLUSTERDOWN until their owner is certain')
        this.#endPause()
      } else
        return this.fail(this.state === 'failover-paused' ? 'Unpaused before failover completed' : 'Timed out before streaming completed')
    }
    if (this.state === 'failover-granted') return this.#resolveLimbo()
    if (second && this.#linkOpen && this.acknowledgedAtMs > 0) this.#message('ACK')
    if (now - this.#lastHeardMs > node.config.number('repl-timeout') * 1000)
      return this.fail('Timed out after too long with no interaction')
    this.proceed()
  }

  /** The target's claim has been accepted for all slots of the job. */
  succeed(): void {
    this.moveTo('success')
    this.#end()
  }

  fail(message: string): void {
    this.message = message
    this.moveTo('failed')
    this.#end()
  }

  /** Only before the grant: a granted job answers false and goes on. */
  cancel(): boolean {
    if (this.state === 'failover-granted') return false
    this.moveTo('cancelled')
    this.#end()
    return true
  }

  #connected(): void {
    this.#linkOpen = true
    const login = loginOf(this.node.config)
    if (!login) return this.#establish()
    this.moveTo('sending-auth-command')
    writeCommand(this.node.links.output(this.#link), login)
    this.moveTo('reading-auth-response')
  }

  #establish(): void {
    this.moveTo('sending-establish-command')
    const slots = this.ranges.flatMap(([first, last]) => [String(first), String(last)])
    writeCommand(this.node.links.output(this.#link), [
      'CLUSTER',
      'SYNCSLOTS',
      'ESTABLISH',
      'SOURCE',
      this.node.id,
      'NAME',
      this.name,
      'SLOTSRANGE',
      ...slots
    ])
    this.moveTo('reading-establish-response')
    this.#lastHeardMs = this.node.now.monotonicMs
  }

  #receive(bytes: Uint8Array): void {
    this.#lastHeardMs = this.node.now.monotonicMs
    let rest = bytes
    if (this.state === 'reading-auth-response') {
      const line = this.#readLine(bytes)
      if (line === undefined) return
      if (line.text !== '+OK') return this.fail(`Failed to AUTH to target node: ${line.text}`)
      this.#establishReply = ''
      this.#establish()
      rest = line.rest
    }
    if (this.state === 'reading-establish-response') {
      const line = this.#readLine(rest)
      if (line === undefined) return
      rest = line.rest
      if (line.text !== '+OK') return this.fail(`Received error during handshake to target: ${line.text}`)
      this.#message('ACK')
      this.acknowledgedAtMs = this.node.now.wallMs
      this.moveTo('waiting-to-snapshot')
    }
    if (rest.length === 0) return
    this.#decoder.push(rest)
    while (this.inProgress) {
      const decoded = this.#decoder.next(this.#args)
      if (decoded === 'more') break
      if (decoded !== 'command') return this.fail('Unexpected data on the slot migration link')
      if (!this.#args.is(0, 'CLUSTER') || this.#args.length < 3 || !this.#args.is(1, 'SYNCSLOTS'))
        return this.fail('Unknown SYNCSLOTS subcommand used')
      this.#heard(this.#args.text(2).toUpperCase())
    }
    this.#decoder.keep()
  }

  #heard(message: string): void {
    switch (message) {
      case 'ACK':
        this.acknowledgedAtMs = this.node.now.wallMs
        return
      case 'CAPA':
        return
      case 'REQUEST-PAUSE':
        if (this.state !== 'replicating') return this.fail('Unexpected state machine transition')
        return this.#pauseWhenDrained()
      case 'REQUEST-FAILOVER':
        if (this.state !== 'failover-paused' || this.#pausedUntilMs === undefined) return this.fail('Unexpected state machine transition')
        this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.node.now.monotonicMs + GRANT_MS)
        this.#message('FAILOVER-GRANTED')
        return this.moveTo('failover-granted')
      default:
        return this.fail('Unknown SYNCSLOTS subcommand used')
    }
  }

  #closed(reason: string): void {
    this.#linkOpen = false
    if (!this.inProgress || this.state === 'failover-granted') return
    if (this.state === 'connecting') return this.fail(`Unable to connect to target node: ${reason || 'Connection closed'}`)
    this.fail('Connection lost to target. Check CLUSTER GETSLOTMIGRATIONS on the target node for more information.')
  }

  #beginSnapshot(): void {
    const { node } = this
    this.moveTo('snapshotting')
    for (const slot of eachSlot(this.ranges)) this.keysTotal += node.keyspace.sizeOfSlot(slot)
    this.#cursor = new SnapshotCursor(node.keyspace, this.ranges, (database, _slot, key, entry) => {
      this.keysDone++
      this.#select(database)
      const out = node.links.output(this.#link)
      const before = out.length
      emitKey(out, key, entry)
      this.#count(out.length - before)
    })
    this.#slice()
  }

  #slice(): void {
    const { node } = this
    const cursor = this.#cursor
    if (!cursor) return
    if (node.links.unsentBytes(this.#link) >= WINDOW_BYTES) return
    if (node.now.monotonicMs < this.#nextSliceAtMs) return node.wakeBy(this.#nextSliceAtMs)
    this.#nextSliceAtMs = node.now.monotonicMs + SLICE_GAP_MS + SLICE_US / 1000
    const end = node.options.meter() + SLICE_US
    const done = cursor.advance(() => node.links.unsentBytes(this.#link) >= WINDOW_BYTES || node.options.meter() >= end)
    if (!done) {
      // With room on the link the next slice follows when others had their turn; else when the link has drained.
      if (node.links.unsentBytes(this.#link) < WINDOW_BYTES) node.wakeBy(this.#nextSliceAtMs)
      return
    }
    cursor.close()
    this.#cursor = undefined
    this.#message('SNAPSHOT-EOF')
    // The target may forget its database at this point, and a real one does not: say it again with the next write.
    this.#linkDatabase = -1
    this.moveTo('replicating')
  }

  #pauseWhenDrained(): void {
    const { node } = this
    const limit = node.config.number('slot-migration-max-failover-repl-bytes')
    if (limit >= 0 && node.links.unsentBytes(this.#link) > limit) {
      if (this.state !== 'waiting-to-pause') this.moveTo('waiting-to-pause')
      return
    }
    this.#pausedUntilMs = node.now.monotonicMs + 2 * node.config.number('cluster-manual-failover-timeout')
    this.#message('PAUSED')
    this.moveTo('failover-paused')
    this.#owner.pauseChanged()
  }

  /**
   * After the grant and the pause: the target owns the slots or it does not. We serve them again only when a majority holds
   * the target for failed and nobody else has claimed them; our epoch is raised so that a late claim loses.
   */
  #resolveLimbo(): void {
    if (this.#pausedUntilMs !== undefined || !this.target.failing) return
    const { cluster } = this.node
    for (const slot of eachSlot(this.ranges)) if (cluster.view.ownerOf(slot) !== cluster.myself) return
    this.fail('The target failed after it was granted the slots; they stay here')
    cluster.claimSlots(eachSlot(this.ranges))
  }

  #send(database: number, parts: readonly (Uint8Array | string)[]): void {
    if (!this.#linkOpen) return
    this.#select(database)
    const out = this.node.links.output(this.#link)
    const before = out.length
    writeCommand(out, parts)
    this.#count(out.length - before)
  }

  #select(database: number): void {
    if (database === this.#linkDatabase) return
    this.#linkDatabase = database
    writeCommand(this.node.links.output(this.#link), ['SELECT', String(database)])
  }

  #message(name: string): void {
    writeCommand(this.node.links.output(this.#link), ['CLUSTER', 'SYNCSLOTS', name])
  }

  #count(bytes: number): void {
    this.bytesSent += bytes
    this.node.stats.slotExportBytes += bytes
  }

  #readLine(bytes: Uint8Array): { text: string; rest: Uint8Array } | undefined {
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== 10) {
        this.#establishReply += String.fromCharCode(bytes[i] as number)
        // B23: an answer without an end must not grow.
        if (this.#establishReply.length > 16_384) {
          this.fail('Received error during handshake to target: reply is too long')
          return undefined
        }
        continue
      }
      return { text: this.#establishReply.trimEnd(), rest: bytes.subarray(i + 1) }
    }
    return undefined
  }

  #endPause(): void {
    if (this.#pausedUntilMs === undefined) return
    this.#pausedUntilMs = undefined
    this.#owner.pauseChanged()
  }

  #end(): void {
    this.#cursor?.close()
    this.#cursor = undefined
    if (this.#link !== 0) this.node.links.close(this.#link)
    this.#linkOpen = false
    this.#endPause()
  }
}
