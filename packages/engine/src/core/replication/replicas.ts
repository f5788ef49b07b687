import type { Client } from '../client.ts'
import type { CommandContext } from '../commands/context.ts'
import type { LinkId } from '../input.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { AttachedReplica, type AttachedReplicaOptions, type ReplicaAnnouncement } from './attached-replica.ts'
import type { ReplicationStream } from './stream.ts'

/** A full sync needs a replica that finds the end by itself: we do not know the length of what we have not walked yet. */
const NEEDS_EOF = "ERR full syncs are sent without their length: the replica must announce 'REPLCONF capa eof'"
const LONGEST_HOST_BYTES = 255

/** The primary's half of replication: who follows us, how far they are, and what they are sent. */
export class Replicas {
  readonly #node: Node
  readonly #stream: ReplicationStream
  readonly #streamDatabase: () => number
  readonly #replicas = new Map<LinkId, AttachedReplica>()
  readonly #announcements = new WeakMap<Client, ReplicaAnnouncement>()
  /** Somebody waits for acknowledgements: ask for them at the end of the step. */
  #wantsAcks = false
  #nextPingAtMs = 0
  /** Since when something waits for the end of the turn. */
  #freshSinceMs: number | undefined
  #aloneSinceMs: number

  /** `streamDatabase`: selected by the last SELECT of a stream that we relay; 0 while we write our own. */
  constructor(node: Node, stream: ReplicationStream, streamDatabase: () => number) {
    this.#node = node
    this.#stream = stream
    this.#streamDatabase = streamDatabase
    this.#aloneSinceMs = node.now.monotonicMs
  }

  get count(): number {
    return this.#replicas.size
  }

  /** In the order in which they came. */
  all(): IterableIterator<AttachedReplica> {
    return this.#replicas.values()
  }

  /** Online replicas that have processed the stream up to this offset. */
  countAt(offset: number): number {
    let count = 0
    for (const replica of this.#replicas.values()) if (replica.state === 'online' && replica.acknowledged >= offset) count++
    return count
  }

  /** Is there any replica that gets the stream? */
  get anyOnline(): boolean {
    for (const replica of this.#replicas.values()) if (replica.state === 'online') return true
    return false
  }

  /** Replicas are asked, with the bytes of this step, how far they are. */
  askForAcks(): void {
    this.#wantsAcks = true
  }

  // ---- commands of a replica ---------------------------------------------------------------------------------------

  /** `REPLCONF option value ...`: what a replica says of itself, and how far it is. ACK has no reply. */
  replconf(ctx: CommandContext, args: Args): void {
    if (args.length % 2 === 0) return ctx.reply.error(errors.syntax)
    const announced = this.#announcementOf(ctx.client)
    for (let i = 1; i < args.length; i += 2) {
      if (args.is(i, 'ACK')) return this.#acknowledged(ctx.client, args.integerBetween(i + 1, 0, Number.MAX_SAFE_INTEGER))
      // Only our primary may ask, and it does so in the stream.
      if (args.is(i, 'GETACK')) return
      const problem = announce(announced, args, i, this.#node)
      if (problem !== undefined) return ctx.reply.error(problem)
    }
    ctx.reply.ok()
  }

  /** `PSYNC id offset`: goes on where the replica stands if the backlog holds what it misses, else sends everything. */
  psync(ctx: CommandContext, args: Args, refusal: string | undefined): void {
    const { client } = ctx
    if (this.#replicas.has(client.link)) return
    if (refusal !== undefined) return ctx.reply.error(refusal)
    const wantedByte = args.integer(2)
    if (typeof wantedByte !== 'number') return ctx.reply.error(errors.notAnInteger)
    const announced = this.#announcementOf(client)
    const id = args.text(1)
    if (!announced.pictureOnly && this.#stream.continuesFrom(id, wantedByte)) return this.#continue(client, announced, wantedByte)
    if (!announced.findsEnd) return ctx.reply.error(NEEDS_EOF)
    if (id !== '?') {
      this.#node.stats.partialSyncErrors++
      this.#node.log(
        'notice',
        `Partial resynchronization not accepted: replica asks for ${id}:${wantedByte}, we have ${this.#stream.id}:${this.#stream.offset}`
      )
    }
    this.#beginFull(client, announced, true)
  }

  /** `SYNC`, the old form: the payload without a word before it. */
  sync(ctx: CommandContext, refusal: string | undefined): void {
    const { client } = ctx
    if (this.#replicas.has(client.link)) return
    if (refusal !== undefined) return ctx.reply.error(refusal)
    const announced = this.#announcementOf(client)
    if (!announced.findsEnd) return ctx.reply.error(NEEDS_EOF)
    this.#beginFull(client, announced, false)
  }

  // ---- what happens around -----------------------------------------------------------------------------------------

  /**
   * Sends what was written, once in a turn of the host's loop: a write and a reading of the socket for each request would cost more than
   * the request itself. `isTurnOver`: everything that was ready has had its step.
   */
  beforeSleep(isTurnOver: boolean): void {
    const asksForAcks = this.#wantsAcks
    if (asksForAcks) {
      this.#wantsAcks = false
      if (this.#replicas.size > 0) this.#stream.writeMessage(['REPLCONF', 'GETACK', '*'])
    }
    const { freshBytes } = this.#stream
    if (freshBytes === 0 || freshBytes >= AT_ONCE_BYTES || isTurnOver || asksForAcks) this.#distribute()
    else {
      this.#freshSinceMs ??= this.#node.now.monotonicMs
      this.#node.wakeBy(this.#freshSinceMs)
    }
    for (const replica of this.#replicas.values()) {
      replica.release()
      if (replica.unsentBytes > LIMITS_BEGIN_BYTES && replica.exceedsLimit())
        this.#drop(replica, 'does not read what it is sent: output buffer limit')
    }
  }

  cron(run: number, isPrimary: boolean): void {
    const node = this.#node
    const nowMs = node.now.monotonicMs
    for (const replica of this.#replicas.values())
      if (replica.state === 'wait_bgsave' && nowMs >= replica.startsAtMs) this.#startSync(replica)
    if (run % 10 !== 0) return
    const timeoutMs = node.config.number('repl-timeout') * 1000
    for (const replica of this.#replicas.values()) {
      replica.keepAlive()
      if (replica.state === 'online' && replica.lagMs > timeoutMs) this.#drop(replica, 'has not acknowledged anything for repl-timeout')
    }
    if (this.#replicas.size > 0 || !isPrimary) this.#aloneSinceMs = nowMs
    if (!isPrimary) return
    if (this.#replicas.size > 0 && nowMs >= this.#nextPingAtMs) {
      this.#nextPingAtMs = nowMs + node.config.number('repl-ping-replica-period') * 1000
      this.#stream.writeMessage(['ping'])
    }
    const keptMs = node.config.number('repl-backlog-ttl') * 1000
    if (keptMs > 0 && this.#stream.kept && nowMs - this.#aloneSinceMs > keptMs) {
      this.#stream.forget()
      node.log('notice', 'Replication backlog freed after no replica has followed for repl-backlog-ttl')
    }
  }

  /** FLUSH*: a picture that is being read has lost its subject. Those replicas come again. */
  flushed(): void {
    for (const replica of this.#replicas.values())
      if (replica.readsPicture) this.#drop(replica, 'its full sync was ended: the databases were emptied or exchanged')
  }

  /** Our history is not theirs any more: they must ask again. */
  dropAll(why: string): void {
    this.#distribute()
    for (const replica of this.#replicas.values()) this.#drop(replica, why)
  }

  // ---- inside ------------------------------------------------------------------------------------------------------

  #announcementOf(client: Client): ReplicaAnnouncement {
    let announced = this.#announcements.get(client)
    if (!announced) {
      announced = { listeningPort: 0, host: '', findsEnd: false, takesNewNames: false, version: '', nodeId: '', pictureOnly: false }
      this.#announcements.set(client, announced)
    }
    return announced
  }

  #acknowledged(client: Client, offset: number | undefined): void {
    const replica = this.#replicas.get(client.link)
    if (!replica || offset === undefined) return
    // From here on the link carries the stream; nothing may come between, whatever the replica asks.
    client.replyMode = 'off'
    replica.acknowledge(offset)
  }

  #continue(client: Client, announced: ReplicaAnnouncement, wantedByte: number): void {
    const node = this.#node
    // What is fresh in this step goes to the backlog first: the new replica gets it from there.
    this.#distribute()
    const missing = this.#stream.backlog?.since(wantedByte) ?? new Uint8Array(0)
    client.reply.simple(announced.takesNewNames ? `CONTINUE ${this.#stream.id}` : 'CONTINUE')
    const replica = this.#attach(client, { announced, state: 'online', startsAtMs: 0, asked: true })
    replica.acknowledged = wantedByte - 1
    if (missing.length > 0) replica.send(missing)
    node.stats.partialSyncs++
    node.log('notice', `Partial resynchronization of ${replica.name}: ${missing.length} bytes from byte ${wantedByte}`)
  }

  /** Without a delay the sync begins at once: there is no fork whose cost several replicas could share. */
  #beginFull(client: Client, announced: ReplicaAnnouncement, asked: boolean): void {
    const delayMs = this.#node.config.number('repl-diskless-sync-delay') * 1000
    this.#stream.keep()
    const replica = this.#attach(client, { announced, state: 'wait_bgsave', startsAtMs: this.#node.now.monotonicMs + delayMs, asked })
    if (delayMs === 0) this.#startSync(replica)
  }

  #startSync(replica: AttachedReplica): void {
    const node = this.#node
    this.#distribute()
    this.#stream.forgetDatabase()
    const { id: streamId, offset } = this.#stream
    if (replica.asked) node.links.output(replica.client.link).latin1(`+FULLRESYNC ${streamId} ${offset}\r\n`)
    node.stats.fullSyncs++
    node.log('notice', `Full resynchronization of ${replica.name} from offset ${offset}`)
    replica.startSync({ streamId, offset, streamDatabase: this.#streamDatabase() })
  }

  #attach(client: Client, options: AttachedReplicaOptions): AttachedReplica {
    const replica = new AttachedReplica(this.#node, client, options)
    this.#replicas.set(client.link, replica)
    client.onClosed = () => {
      this.#replicas.delete(client.link)
      this.#aloneSinceMs = this.#node.now.monotonicMs
      replica.detach()
      this.#node.log('notice', `Connection with replica ${replica.name} lost`)
    }
    return replica
  }

  #drop(replica: AttachedReplica, why: string): void {
    this.#node.log('notice', `Replica ${replica.name} is disconnected: ${why}`)
    this.#node.closeClient(replica.client, why)
  }

  #distribute(): void {
    this.#freshSinceMs = undefined
    const chunk = this.#stream.take()
    if (!chunk) return
    for (const replica of this.#replicas.values()) if (replica.state !== 'wait_bgsave') replica.send(chunk)
  }
}

/** So much of the stream does not wait for the turn's end. */
const AT_ONCE_BYTES = 16_384

/** Below this nobody configures a limit; it spares the look at the configuration. */
const LIMITS_BEGIN_BYTES = 1_048_576

/** One pair of REPLCONF's arguments; the text of an error, or undefined. */
function announce(announced: ReplicaAnnouncement, args: Args, i: number, node: Node): string | undefined {
  const value = i + 1
  if (args.is(i, 'LISTENING-PORT')) {
    const port = args.integerBetween(value, 0, 65_535)
    if (port === undefined) return errors.notAnInteger
    announced.listeningPort = port
  } else if (args.is(i, 'IP-ADDRESS')) {
    if (args.size(value) > LONGEST_HOST_BYTES)
      return `ERR REPLCONF ip-address provided by replica instance is too long: ${args.size(value)} bytes`
    announced.host = args.text(value)
  } else if (args.is(i, 'CAPA')) {
    // Those that we do not know are somebody else's business.
    if (args.is(value, 'EOF')) announced.findsEnd = true
    else if (args.is(value, 'PSYNC2')) announced.takesNewNames = true
  } else if (args.is(i, 'VERSION')) {
    if (!/^\d{1,5}\.\d{1,5}\.\d{1,5}$/.test(args.text(value))) return `ERR Unrecognized version format: ${args.text(value)}`
    announced.version = args.text(value)
  } else if (args.is(i, 'SET-CLUSTER-NODE-ID')) {
    if (!node.cluster.view.nodes.has(args.text(value))) return errors.unknownNode(args.text(value))
    announced.nodeId = args.text(value)
  } else if (args.is(i, 'RDB-ONLY')) {
    const wanted = args.integerBetween(value, 0, 1)
    if (wanted === undefined) return errors.notAnInteger
    announced.pictureOnly = wanted === 1
  } else if (args.is(i, 'RDB-FILTER-ONLY')) {
    if (args.size(value) > 0) return `ERR Unsupported rdb-filter-only option: ${args.text(value)}`
  } else return `ERR Unrecognized REPLCONF option: ${args.text(i)}`
  return undefined
}
