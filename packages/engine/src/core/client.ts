import type { User } from './acl/user.ts'
import { ByteBuffer } from './byte-buffer.ts'
import type { CommandDefinition } from './commands/define-command.ts'
import type { Endpoint, LinkId } from './input.ts'
import type { Keyspace } from './keyspace/keyspace.ts'
import type { Args } from './resp/args.ts'
import { type DecoderLimits, RequestDecoder } from './resp/decoder.ts'
import { ReplyWriter } from './resp/reply-writer.ts'
import type { TrackingState } from './tracking/tracking.ts'

/** Who speaks on a connection: somebody's client, our primary's stream, or a node that moves slots to us. */
export type Origin = 'client' | 'primary' | 'import'

export type QueuedCommand = { readonly definition: CommandDefinition; readonly name: string; readonly args: Args }

/** A transaction between MULTI and EXEC: `bytes` is the size of the queued requests, `database` what the next one will run in. */
export type Transaction = { readonly queue: QueuedCommand[]; aborted: boolean; bytes: number; database: number }

/** One connection to the client port and all that the protocol lets it set. It holds state; the node acts. */
export class Client {
  readonly link: LinkId
  /** Counts up from 1 over the node's life: CLIENT ID. */
  readonly id: number
  readonly remote: Endpoint
  readonly local: Endpoint
  readonly connectedAtMs: number
  readonly decoder: RequestDecoder
  /** Replies and messages that leave at the end of the step. */
  readonly output = new ByteBuffer()
  /** Writes into `output` in this client's protocol. */
  readonly reply = new ReplyWriter(this.output)
  origin: Origin = 'client'
  /** Did it come over TLS? */
  isSecure = false
  /** Set by whoever makes the client, then by AUTH and HELLO. */
  user!: User
  /** Something may be denied to it: the one question that every command is asked. Only `Acl` answers it. */
  isChecked = false
  #loggedIn = true
  database = 0
  name = ''
  libraryName = ''
  libraryVersion = ''
  /** Letters of what CLIENT CAPA told. */
  capabilities = ''
  /** READONLY: this client accepts reads from a replica. */
  readsReplica = false
  /** ASKING: the next command may touch an importing slot. */
  asking = false
  replyMode: 'on' | 'off' | 'skip-next' | 'skip' = 'on'
  noEvict = false
  /** Only `Tracking` changes whether it is there. */
  tracking: TrackingState | undefined
  /** Only `Monitors` changes it. */
  monitors = false
  noTouch = false
  /** CLIENT IMPORT-SOURCE: in import mode it sees what has expired. */
  importSource = false
  transaction: Transaction | undefined
  /** Set by WATCH; `watchBroken` makes the next EXEC answer null. */
  watching = false
  watchBroken = false
  readonly channels = new Set<string>()
  readonly patterns = new Set<string>()
  readonly shardChannels = new Set<string>()
  /** A command that waits for the end of a pause; it runs before anything that follows it. */
  postponed: Args | undefined
  /** Waits for something that no command of its own brings about (BLPOP, WAIT); only `BlockedClients` changes it. */
  blocked = false
  /** No more commands are read; the link ends once the output has left. */
  closing = false
  /** Monotonic time since when more waits for this client than its soft output limit. */
  overSoftLimitSinceMs: number | undefined
  /** Reading is stopped because too much is waiting. */
  readingPaused = false
  /** Begins as a number: a field that was undefined once gets a new object with each number that is stored. */
  lastCommandAtMs = 0
  lastCommand = 'NULL'
  bytesIn = 0
  commands = 0
  /** The keyspace that commands see: the node's own, or an import job's. */
  keyspace: Keyspace | undefined
  /** What else this connection has become: a replica of ours, an import link. Told when the link ends. */
  onClosed: ((reason: string) => void) | undefined
  onDrained: ((unsentBytes: number) => void) | undefined
  /** Its letters in CLIENT LIST beyond the usual: `i` import link, `S` replica. */
  roleFlag = ''

  constructor(link: LinkId, id: number, remote: Endpoint, local: Endpoint, nowMs: number, limits: DecoderLimits) {
    this.link = link
    this.id = id
    this.remote = remote
    this.local = local
    this.connectedAtMs = nowMs
    this.lastCommandAtMs = nowMs
    this.decoder = new RequestDecoder(limits)
  }

  /** Has it said who it is, or did it not need to when it came? Strangers may send little. */
  get loggedIn(): boolean {
    return this.#loggedIn
  }

  set loggedIn(loggedIn: boolean) {
    this.#loggedIn = loggedIn
    this.decoder.fromStranger = !loggedIn
  }

  /** Did it come by a socket in the file system, which has a path and no port? */
  get isLocalSocket(): boolean {
    return this.origin === 'client' && this.remote.port === 0
  }

  get protocol(): 2 | 3 {
    return this.reply.protocol
  }

  get subscriptions(): number {
    return this.channels.size + this.patterns.size + this.shardChannels.size
  }
}
