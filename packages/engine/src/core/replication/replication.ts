import type { Client } from '../client.ts'
import type { CommandContext } from '../commands/context.ts'
import type { Endpoint } from '../input.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import { PrimaryLink } from './primary-link.ts'
import { Replicas } from './replicas.ts'
import { replicationInfo } from './replication-info.ts'
import { type ReplicatedCommand, ReplicationStream } from './stream.ts'
import { StreamApplier } from './stream-applier.ts'
import { Waits } from './waits.ts'

export type { ReplicatedCommand } from './stream.ts'

/**
 * Replication from both sides: one stream of effective writes, which a primary writes and a replica relays; those who follow us;
 * and, on a replica, the link to the primary that we follow.
 */
export class Replication {
  readonly stream: ReplicationStream
  readonly applier: StreamApplier
  readonly replicas: Replicas
  readonly #node: Node
  readonly #waits: Waits
  #link: PrimaryLink | undefined

  constructor(node: Node) {
    this.#node = node
    this.stream = new ReplicationStream(node.random, () => node.config.number('repl-backlog-size'))
    this.applier = new StreamApplier(node)
    this.replicas = new Replicas(node, this.stream, () => (this.#link ? this.applier.database : 0))
    this.#waits = new Waits(node, this.replicas)
  }

  /** Bytes of the stream: produced by a primary, processed by a replica. */
  get offset(): number {
    return this.stream.offset
  }

  /** The link to our primary; undefined while we follow nobody. */
  get link(): PrimaryLink | undefined {
    return this.#link
  }

  /** The first dataset of our primary is arriving and there is none to serve meanwhile: LOADING. */
  get loading(): boolean {
    return this.#link?.loadingFirst ?? false
  }

  /** The first step of a node outside of a cluster: `replicaof` says whom it follows. */
  started(): void {
    const [host, port] = this.#node.config.text('replicaof').split(' ')
    if (host !== undefined && port !== undefined) this.follow({ host, port: Number(port) })
  }

  /**
   * Our primary has changed: follow this one, or nobody. The address is read each time the link is opened. Calling it again
   * for the same primary opens the link anew, for its address may have changed.
   */
  follow(primary: Endpoint | undefined): void {
    if (!primary && !this.#link) return
    this.#link?.close()
    const wasPrimary = this.#link === undefined
    this.#link = undefined
    if (!primary) {
      this.stream.branch()
      // They come back at once and go on under the new name.
      this.replicas.dropAll('we are a primary now')
      return
    }
    if (wasPrimary) {
      this.#node.blocked.becameReplica()
      this.replicas.dropAll('we are a replica now')
    }
    this.#link = new PrimaryLink(this.#node, this, primary)
    this.#link.open()
  }

  /** As `feed`, of what was written while nobody keeps the stream. */
  feedUnheard(): void {
    if (!this.#link) this.stream.noteUnheard()
  }

  /** As `feed`, of one write as its client sent it: `args` must lie in one piece. */
  feedRequest(database: number, args: Args): void {
    if (!this.#link) this.stream.writeRequest(database, args.source, args.requestStart, args.requestEnd)
  }

  /** As `feedRequest`, with `head` in the place of the arguments before `from`. */
  feedTail(database: number, head: readonly Uint8Array[], args: Args, from: number): void {
    if (!this.#link) this.stream.writeTail(database, head, args.length - from, args.source, args.header(from), args.requestEnd)
  }

  /** Appends effective writes to the stream; more than one goes inside MULTI/EXEC. A replica relays, and writes nothing. */
  feed(commands: readonly ReplicatedCommand[]): void {
    if (!this.#link) this.stream.write(commands)
  }

  /** Has any replica everything up to this offset, or is there none that gets the stream? If not, they are asked. */
  acknowledgedBySome(offset: number): boolean {
    if (!this.replicas.anyOnline || this.replicas.countAt(offset) > 0) return true
    this.replicas.askForAcks()
    return false
  }

  // ---- commands ----------------------------------------------------------------------------------------------------

  psync(ctx: CommandContext, args: Args): void {
    this.replicas.psync(ctx, args, this.#refusal())
  }

  sync(ctx: CommandContext): void {
    this.replicas.sync(ctx, this.#refusal())
  }

  /** WAIT: replies now, or later when enough replicas have what was written so far. */
  wait(client: Client, replicas: number, timeoutMs: number, mayBlock: boolean, reply: ReplyWriter): void {
    const reached = this.replicas.countAt(this.offset)
    if (reached >= replicas || !mayBlock) reply.integer(reached)
    else this.#waits.begin(client, replicas, this.offset, timeoutMs)
  }

  /** The lines of INFO's section, without line ends. */
  infoLines(): string[] {
    return replicationInfo(this.#node, this)
  }

  // ---- what happens around -----------------------------------------------------------------------------------------

  /** FLUSHDB, FLUSHALL or SWAPDB: pictures that are being read have lost their subject. */
  flushed(): void {
    this.replicas.flushed()
  }

  cron(run: number): void {
    this.#link?.cron(run)
    this.replicas.cron(run, this.#link === undefined)
  }

  /** `isTurnOver`: everything that was ready has had its step. */
  beforeSleep(isTurnOver: boolean): void {
    this.replicas.beforeSleep(isTurnOver)
    this.#waits.settle()
  }

  // ---- PrimaryLinkOwner --------------------------------------------------------------------------------------------

  beforeInstall(): void {
    this.replicas.dropAll('our dataset is replaced by that of our primary')
  }

  goesOn(id: string): void {
    const renamed = id !== this.stream.id
    this.stream.goOn(id)
    if (renamed) this.replicas.dropAll('our history goes on under another name')
  }

  #refusal(): string | undefined {
    return this.#link && this.#link.state !== 'connected' ? "NOMASTERLINK Can't SYNC while not connected with my master" : undefined
  }
}
