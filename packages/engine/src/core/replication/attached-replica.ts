import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import { parseOutputLimits } from '../output-limits.ts'
import { FullSync, type FullSyncOptions } from './full-sync.ts'

/** What a replica told of itself by REPLCONF before it asked for the stream. */
export type ReplicaAnnouncement = {
  listeningPort: number
  /** Empty: the address that it connects from. */
  host: string
  /** It finds the end of a payload whose length nobody said. */
  findsEnd: boolean
  /** It takes +CONTINUE with another name of the history. */
  takesNewNames: boolean
  version: string
  nodeId: string
  /** It wants the picture only, no stream: a backup tool. */
  pictureOnly: boolean
}

/**
 * `wait_bgsave`: others may come and join. `send_bulk`: the picture is on its way, or all sent and not acknowledged. `online`:
 * it gets the stream. The words are those of INFO.
 */
export type ReplicaState = 'wait_bgsave' | 'send_bulk' | 'online'

export type AttachedReplicaOptions = {
  readonly announced: ReplicaAnnouncement
  readonly state: 'wait_bgsave' | 'online'
  /** When its full sync begins, monotonic ms. */
  readonly startsAtMs: number
  /** It asked by PSYNC and is told the name and the offset of the stream before the payload; not after SYNC. */
  readonly asked: boolean
}

/** Bytes on their way to a replica above which the rest of the stream waits with us. */
const WINDOW_BYTES = 1_048_576

/**
 * One replica on its link. Stream bytes that cannot leave yet, because the picture is not loaded or the link is slow, are
 * held as shared chunks, so that several slow replicas cost the memory of one.
 */
export class AttachedReplica {
  readonly client: Client
  readonly announced: ReplicaAnnouncement
  /** Offset that it has processed, by its last ACK. */
  acknowledged = 0
  acknowledgedAtMs: number
  readonly startsAtMs: number
  readonly asked: boolean
  readonly #node: Node
  #state: ReplicaState
  #sync: FullSync | undefined
  readonly #held: Uint8Array[] = []
  #heldBytes = 0
  #overSoftSinceMs: number | undefined

  constructor(node: Node, client: Client, { announced, state, startsAtMs, asked }: AttachedReplicaOptions) {
    this.#node = node
    this.client = client
    this.announced = announced
    this.#state = state
    this.startsAtMs = startsAtMs
    this.asked = asked
    this.acknowledgedAtMs = node.now.monotonicMs
    client.roleFlag = 'S'
    client.onDrained = () => this.#drained()
    node.links.pace(client.link)
  }

  get state(): ReplicaState {
    return this.#state
  }

  get host(): string {
    return this.announced.host || this.client.remote.host
  }

  /** For logs. */
  get name(): string {
    return `${this.host}:${this.announced.listeningPort}`
  }

  get lagMs(): number {
    return this.#node.now.monotonicMs - this.acknowledgedAtMs
  }

  /** Bytes that wait with us or on the link. */
  get unsentBytes(): number {
    return this.#heldBytes + this.#node.links.unsentBytes(this.client.link)
  }

  startSync(options: FullSyncOptions): void {
    this.#state = 'send_bulk'
    this.#sync = new FullSync(this.#node, this.client.link, options)
    this.#sync.proceed()
  }

  /** Is the picture still being read? FLUSH* ends such a sync: what it would send is gone. */
  get readsPicture(): boolean {
    return this.#sync !== undefined && !this.#sync.isOver
  }

  /** `REPLCONF ACK`: how far it is. The first one after a full sync says that the picture is loaded. */
  acknowledge(offset: number): void {
    this.acknowledged = offset
    this.acknowledgedAtMs = this.#node.now.monotonicMs
    if (this.#state !== 'send_bulk' || !this.#sync?.isOver) return
    this.#state = 'online'
    this.#sync = undefined
  }

  /** The next bytes of the stream; `release` sends them. The chunk is kept as it is and shared. */
  send(chunk: Uint8Array): void {
    if (this.announced.pictureOnly) return
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
  }

  /**
   * Once per step, after all commands (a command's own output may yet be taken back): sends what the link takes of the
   * stream, or what keys that changed ahead of the walk have added to the picture.
   */
  release(): void {
    if (this.#state === 'online') this.#sendHeld()
    else this.#sync?.flush()
  }

  /** Waiting replicas hear from us, so that they do not think us dead. */
  keepAlive(): void {
    if (this.#state === 'wait_bgsave') this.#node.links.output(this.client.link).latin1('\n')
  }

  /** Does more wait than `client-output-buffer-limit` allows a replica? */
  exceedsLimit(): boolean {
    const limits = parseOutputLimits(this.#node.config.text('client-output-buffer-limit'), new Map())
    const limit = typeof limits === 'string' ? undefined : limits.get('slave')
    if (!limit) return false
    const waiting = this.unsentBytes
    if (limit.hardBytes > 0 && waiting >= limit.hardBytes) return true
    if (limit.softBytes === 0 || waiting < limit.softBytes) {
      this.#overSoftSinceMs = undefined
      return false
    }
    const nowMs = this.#node.now.monotonicMs
    this.#overSoftSinceMs ??= nowMs
    return nowMs - this.#overSoftSinceMs >= limit.softSeconds * 1000
  }

  /** The link is gone: gives the cursors back. */
  detach(): void {
    this.client.onDrained = undefined
    this.#sync?.close()
    this.#sync = undefined
    this.#held.length = 0
    this.#heldBytes = 0
  }

  #drained(): void {
    if (this.#state === 'online') this.#sendHeld()
    else this.#sync?.proceed()
  }

  #sendHeld(): void {
    if (this.#held.length === 0) return
    let room = WINDOW_BYTES - this.#node.links.unsentBytes(this.client.link)
    if (room <= 0) return
    const output = this.#node.links.output(this.client.link)
    let count = 0
    for (const chunk of this.#held) {
      output.bytes(chunk)
      this.#node.stats.netReplOutputBytes += chunk.length
      this.#heldBytes -= chunk.length
      room -= chunk.length
      count++
      if (room <= 0) break
    }
    this.#held.splice(0, count)
  }
}
