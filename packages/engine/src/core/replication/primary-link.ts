import { ByteBuffer } from '../byte-buffer.ts'
import { latin1Text } from '../bytes.ts'
import type { Endpoint, LinkId } from '../input.ts'
import type { LinkHandler } from '../link.ts'
import type { Node } from '../node.ts'
import { writeCommand } from '../resp/reply-writer.ts'
import { VALKEY_VERSION } from '../version.ts'
import type { DatasetLoader } from './dataset-loader.ts'
import { IncomingPayload } from './incoming-payload.ts'
import { loginOf } from './login.ts'
import type { ReplicationStream } from './stream.ts'
import type { StreamApplier } from './stream-applier.ts'

/** The words of ROLE. `connect`: waits before it tries again. `sync`: a full sync is arriving. */
export type PrimaryLinkState = 'connect' | 'connecting' | 'handshake' | 'sync' | 'connected'

/** What the link must tell the rest of replication. */
export interface PrimaryLinkOwner {
  readonly stream: ReplicationStream
  readonly applier: StreamApplier
  /** The dataset and the history are about to be replaced: whoever reads them must end. */
  beforeInstall(): void
  /** The history goes on, perhaps under another name. */
  goesOn(id: string): void
}

const LONGEST_LINE_BYTES = 4096
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 1000

/**
 * A replica's link to its primary: finds out whether it can go on where it stands, loads everything anew if not, applies the
 * stream, and comes back when the link is lost (replication specification, sections 1 and 2).
 */
export class PrimaryLink implements LinkHandler {
  readonly #node: Node
  readonly #owner: PrimaryLinkOwner
  /** Its address may change while we follow it. */
  readonly primary: Endpoint
  #state: PrimaryLinkState = 'connect'
  #link: LinkId | undefined
  #local: Endpoint = { host: '', port: 0 }
  #retryAtMs: number
  #retryMs = FIRST_RETRY_MS
  #heardAtMs: number
  #downSinceMs: number | undefined
  /** What we hold is no state of the history that we know by name: only a full sync helps. */
  #historyLost = false
  readonly #line = new ByteBuffer(256)
  /** Handlers of the replies that are due, in order. */
  #replies: ((line: string) => void)[] = []
  /** A full sync that is arriving, and where the stream goes on after it. */
  #sync: { readonly payload: IncomingPayload; readonly id: string; readonly offset: number; readonly servesNothing: boolean } | undefined

  constructor(node: Node, owner: PrimaryLinkOwner, primary: Endpoint) {
    this.#node = node
    this.#owner = owner
    this.primary = primary
    this.#heardAtMs = node.now.monotonicMs
    this.#downSinceMs = node.now.monotonicMs
    this.#retryAtMs = node.now.monotonicMs
  }

  get state(): PrimaryLinkState {
    return this.#state
  }

  /** A full sync is arriving and there is nothing to serve meanwhile. */
  get loadingFirst(): boolean {
    return this.#sync?.payload.loader !== undefined && this.#sync.servesNothing
  }

  /** Bytes of the payload read so far. */
  get loadedBytes(): number {
    return this.#sync?.payload.loader?.bytesRead ?? 0
  }

  /** Milliseconds since the primary was heard. */
  get silentMs(): number {
    return this.#node.now.monotonicMs - this.#heardAtMs
  }

  /** Milliseconds without the stream; undefined while it flows. */
  get downMs(): number | undefined {
    return this.#downSinceMs === undefined ? undefined : this.#node.now.monotonicMs - this.#downSinceMs
  }

  /** Tries to reach the primary; comes back by itself until `close`. */
  open(): void {
    if (this.primary.host === '' || this.primary.port === 0) return this.#retryLater()
    this.#state = 'connecting'
    this.#heardAtMs = this.#node.now.monotonicMs
    this.#link = this.#node.links.connect(this, 'client', { host: this.primary.host, port: this.primary.port })
  }

  /** Somebody wants this link to end; another one is tried. */
  end(why: string): void {
    this.#drop(why)
  }

  /** We follow somebody else from now on, or nobody. */
  close(): void {
    if (this.#link !== undefined) this.#node.links.close(this.#link)
    this.#disconnected()
  }

  cron(run: number): void {
    const node = this.#node
    if (this.#state === 'connect') {
      if (node.now.monotonicMs >= this.#retryAtMs) this.open()
      return
    }
    if (this.silentMs > node.config.number('repl-timeout') * 1000) {
      return this.#drop(this.#state === 'connected' ? 'no data nor PING received' : 'timeout while connecting or synchronizing')
    }
    if (run % 10 !== 0) return
    if (this.#state === 'connected') this.acknowledge()
    // A primary must not think us dead while we load.
    else if (this.#sync?.payload.loader && this.#link !== undefined) node.links.output(this.#link).latin1('\n')
  }

  /** Tells the primary how far we are. */
  acknowledge(): void {
    if (this.#state === 'connected') this.#send('REPLCONF', 'ACK', String(this.#owner.stream.offset))
  }

  // ---- LinkHandler -------------------------------------------------------------------------------------------------

  connected(local: Endpoint): void {
    this.#local = local
    this.#state = 'handshake'
    this.#heardAtMs = this.#node.now.monotonicMs
    this.#send('PING')
    this.#replies = [(line) => this.#ponged(line)]
  }

  receive(bytes: Uint8Array): void {
    const node = this.#node
    this.#heardAtMs = node.now.monotonicMs
    node.stats.netReplInputBytes += bytes.length
    const link = this.#link
    let rest: Uint8Array | undefined = bytes
    // Each phase takes its part; a handler may have dropped the link.
    while (rest && rest.length > 0 && this.#link === link) rest = this.#take(rest)
  }

  drained(): void {}

  closed(reason: string): void {
    this.#node.log('notice', `Connection with primary lost${reason === '' ? '' : `: ${reason}`}`)
    this.#disconnected()
  }

  // ---- the handshake -----------------------------------------------------------------------------------------------

  #ponged(line: string): void {
    // An error about rights also says that somebody is there; what needs the right will say so again.
    if (
      !line.startsWith('+') &&
      !line.startsWith('-NOAUTH') &&
      !line.startsWith('-NOPERM') &&
      !line.startsWith('-ERR operation not permitted')
    ) {
      return this.#drop(`error reply to PING: ${line}`)
    }
    const login = loginOf(this.#node.config)
    if (!login) return this.#introduce()
    this.#send(...login)
    this.#replies = [(reply) => (reply.startsWith('+') ? this.#introduce() : this.#drop(`unable to log in: ${reply}`))]
  }

  #introduce(): void {
    const { config } = this.#node
    const ownPort = (config.enabled('tls-replication') && config.number('tls-port')) || config.number('port')
    this.#send('REPLCONF', 'listening-port', String(config.number('replica-announce-port') || ownPort))
    const announcedHost = config.text('replica-announce-ip')
    if (announcedHost !== '') this.#send('REPLCONF', 'ip-address', announcedHost)
    this.#send('REPLCONF', 'capa', 'eof', 'capa', 'psync2')
    this.#send('REPLCONF', 'version', VALKEY_VERSION)
    const { clusterEnabled } = this.#node
    if (clusterEnabled) this.#send('REPLCONF', 'SET-CLUSTER-NODE-ID', this.#node.id)
    // Older primaries do not know all of it; none of it is needed to go on.
    const note = (reply: string) => {
      if (reply.startsWith('-')) this.#node.log('verbose', `The primary does not take all that we say of ourselves: ${reply}`)
    }
    const answers = 3 + (announcedHost === '' ? 0 : 1) + (clusterEnabled ? 1 : 0)
    this.#replies = new Array(answers - 1).fill(note)
    this.#replies.push((reply) => {
      note(reply)
      this.#askForStream()
    })
  }

  #askForStream(): void {
    const { stream } = this.#owner
    if (this.#historyLost) this.#send('PSYNC', '?', '-1')
    else this.#send('PSYNC', stream.id, String(stream.offset + 1))
    this.#replies = [(line) => this.#answered(line)]
  }

  #answered(line: string): void {
    const [answer = '', id = '', offset = ''] = line.split(' ')
    if (answer === '+CONTINUE') {
      if (id !== '' && !/^[0-9a-zA-Z]{40}$/.test(id)) return this.#drop(`malformed answer to PSYNC: ${line}`)
      this.#owner.goesOn(id === '' ? this.#owner.stream.id : id)
      this.#node.log('notice', 'Successful partial resynchronization with primary')
      return this.#follows()
    }
    if (answer === '+FULLRESYNC') {
      if (!/^[0-9a-zA-Z]{40}$/.test(id) || !/^\d{1,15}$/.test(offset)) return this.#drop(`malformed answer to PSYNC: ${line}`)
      this.#sync = { payload: new IncomingPayload(this.#node), id, offset: Number(offset), servesNothing: this.#node.keyspace.size === 0 }
      this.#state = 'sync'
      this.#node.log('notice', `Full resync from primary: ${id}:${offset}`)
      return
    }
    this.#drop(`primary refused PSYNC: ${line}`)
  }

  /** From here on the link carries the stream. */
  #follows(): void {
    this.#state = 'connected'
    this.#downSinceMs = undefined
    this.#retryMs = FIRST_RETRY_MS
    if (this.#link !== undefined) this.#owner.applier.begin(this.#link, this.primary, this.#local)
    this.acknowledge()
  }

  // ---- bytes -------------------------------------------------------------------------------------------------------

  /** Takes the part of `bytes` that belongs to where we are and returns the rest. */
  #take(bytes: Uint8Array): Uint8Array | undefined {
    if (this.#state === 'connected') return this.#takeStream(bytes)
    return this.#sync ? this.#takePayload(bytes) : this.#takeReply(bytes)
  }

  #takeReply(bytes: Uint8Array): Uint8Array | undefined {
    const end = bytes.indexOf(10)
    this.#line.bytes(end < 0 ? bytes : bytes.subarray(0, end))
    if (this.#line.length > LONGEST_LINE_BYTES) return this.#drop('the primary sends a line without end')
    if (end < 0) return undefined
    const line = latin1Text(this.#line.view()).replace(/\r$/, '')
    this.#line.clear()
    // An empty line keeps the link alive while the primary prepares.
    if (line !== '') this.#replies.shift()?.(line)
    return bytes.subarray(end + 1)
  }

  #takePayload(bytes: Uint8Array): Uint8Array | undefined {
    const sync = this.#sync as { payload: IncomingPayload; id: string; offset: number }
    const { payload } = sync
    const rest = payload.take(bytes)
    if (payload.problem !== undefined) {
      this.#historyLost = true
      return this.#drop(`failed to load the dataset of the primary: ${payload.problem}`)
    }
    if (payload.isComplete && payload.loader) this.#install(payload.loader, sync.id, sync.offset)
    return rest
  }

  #install(loader: DatasetLoader, id: string, offset: number): void {
    const { stream, applier } = this.#owner
    this.#owner.beforeInstall()
    loader.install()
    stream.adopt(id, offset)
    applier.database = loader.streamDatabase
    this.#sync = undefined
    this.#historyLost = false
    this.#node.log('notice', `PRIMARY <-> REPLICA sync: finished with success, ${loader.keys} keys`)
    this.#follows()
  }

  #takeStream(bytes: Uint8Array): undefined {
    const { stream, applier } = this.#owner
    const result = applier.receive(bytes, stream)
    if (typeof result === 'object') {
      this.#historyLost = true
      return this.#drop(`protocol error in the stream of the primary: ${result.problem}`)
    }
    if (result === 'asked') this.acknowledge()
  }

  // ---- inside ------------------------------------------------------------------------------------------------------

  #send(...parts: readonly string[]): void {
    if (this.#link !== undefined) writeCommand(this.#node.links.output(this.#link), parts)
  }

  #drop(why: string): undefined {
    this.#node.log('warning', `Link with primary ended: ${why}`)
    if (this.#link !== undefined) this.#node.links.close(this.#link)
    this.#disconnected()
  }

  #disconnected(): void {
    this.#link = undefined
    this.#sync?.payload.loader?.discard()
    this.#sync = undefined
    this.#replies = []
    this.#line.clear()
    this.#owner.applier.reset()
    this.#downSinceMs ??= this.#node.now.monotonicMs
    this.#retryLater()
  }

  #retryLater(): void {
    this.#state = 'connect'
    this.#retryAtMs = this.#node.now.monotonicMs + this.#retryMs
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }
}
