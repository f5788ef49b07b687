import { ByteBuffer } from '../byte-buffer.ts'
import { latin1Text } from '../bytes.ts'
import type { Endpoint, LinkId } from '../input.ts'
import type { LinkHandler } from '../link.ts'
import type { Node } from '../node.ts'
import { Args } from '../resp/args.ts'
import { RequestDecoder } from '../resp/decoder.ts'
import { writeCommand } from '../resp/reply-writer.ts'
import { VALKEY_VERSION } from '../version.ts'
import { DatasetLoader } from './dataset-loader.ts'
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

/**
 * What the next bytes on the link are. `replies`: lines that answer the handshake. `payload-head`: the line that says how the
 * payload ends. `payload`: the RDB. `payload-mark`: the 40 bytes after it. `stream`: commands.
 */
type Phase = 'replies' | 'payload-head' | 'payload' | 'payload-mark' | 'stream'

const MARK_BYTES = 40
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
  #phase: Phase = 'replies'
  #link: LinkId | undefined
  #retryAtMs: number
  #retryMs = FIRST_RETRY_MS
  #heardAtMs: number
  #downSinceMs: number | undefined
  /** What we hold is no state of the history that we know by name: only a full sync helps. */
  #historyLost = false
  readonly #line = new ByteBuffer(256)
  /** Handlers of the replies that are due, in order. */
  #replies: ((line: string) => void)[] = []
  #loader: DatasetLoader | undefined
  #loaderFirst = false
  #promised: { readonly id: string; readonly offset: number } | undefined
  /** Undefined: the payload ends with the mark. */
  #payloadLeft: number | undefined
  #mark = ''
  #decoder = new RequestDecoder()
  readonly #args = new Args()
  /** Stream bytes that are not applied, or whose transaction is not complete. */
  readonly #unapplied = new ByteBuffer(4096)

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

  /** A full sync is arriving. */
  get loading(): boolean {
    return this.#loader !== undefined
  }

  /** ... and there is nothing else to serve meanwhile. */
  get loadingFirst(): boolean {
    return this.#loader !== undefined && this.#loaderFirst
  }

  /** Bytes of the payload read so far. */
  get loadedBytes(): number {
    return this.#loader?.bytesRead ?? 0
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
    this.#link = this.#node.connect(this, 'client', { host: this.primary.host, port: this.primary.port })
  }

  /** We follow somebody else from now on, or nobody. */
  close(): void {
    if (this.#link !== undefined) this.#node.closeLink(this.#link)
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
    else if (this.#loader && this.#link !== undefined) node.output(this.#link).latin1('\n')
  }

  /** Tells the primary how far we are. */
  acknowledge(): void {
    if (this.#state === 'connected') this.#send('REPLCONF', 'ACK', String(this.#owner.stream.offset))
  }

  // ---- LinkHandler -------------------------------------------------------------------------------------------------

  connected(): void {
    this.#state = 'handshake'
    this.#phase = 'replies'
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
    const { config } = this.#node
    this.#send('REPLCONF', 'listening-port', String(config.number('replica-announce-port') || config.number('port')))
    const announcedHost = config.text('replica-announce-ip')
    if (announcedHost !== '') this.#send('REPLCONF', 'ip-address', announcedHost)
    this.#send('REPLCONF', 'capa', 'eof', 'capa', 'psync2')
    this.#send('REPLCONF', 'version', VALKEY_VERSION)
    this.#send('REPLCONF', 'SET-CLUSTER-NODE-ID', this.#node.id)
    // Older primaries do not know all of it; none of it is needed to go on.
    const note = (reply: string) => {
      if (reply.startsWith('-')) this.#node.log('verbose', `The primary does not take all that we say of ourselves: ${reply}`)
    }
    this.#replies = announcedHost === '' ? [note, note, note] : [note, note, note, note]
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
      this.#promised = { id, offset: Number(offset) }
      this.#phase = 'payload-head'
      this.#state = 'sync'
      return
    }
    this.#drop(`primary refused PSYNC: ${line}`)
  }

  /** From here on the link carries the stream. */
  #follows(): void {
    this.#phase = 'stream'
    this.#state = 'connected'
    this.#downSinceMs = undefined
    this.#retryMs = FIRST_RETRY_MS
    this.#decoder = new RequestDecoder(
      { maxBulkBytes: this.#node.config.number('proto-max-bulk-len'), maxInlineBytes: 65_536, maxArguments: 2_147_483_647 },
      false
    )
    this.#unapplied.clear()
    this.acknowledge()
  }

  // ---- bytes -------------------------------------------------------------------------------------------------------

  /** Takes the part of `bytes` that belongs to the phase and returns the rest. */
  #take(bytes: Uint8Array): Uint8Array | undefined {
    switch (this.#phase) {
      case 'replies':
      case 'payload-head':
        return this.#takeLine(bytes)
      case 'payload':
        return this.#takePayload(bytes)
      case 'payload-mark':
        return this.#takeMark(bytes)
      case 'stream':
        this.#takeStream(bytes)
        return undefined
    }
  }

  #takeLine(bytes: Uint8Array): Uint8Array | undefined {
    const end = bytes.indexOf(10)
    this.#line.bytes(end < 0 ? bytes : bytes.subarray(0, end))
    if (this.#line.length > LONGEST_LINE_BYTES) {
      this.#drop('the primary sends a line without end')
      return undefined
    }
    if (end < 0) return undefined
    const line = latin1Text(this.#line.view()).replace(/\r$/, '')
    this.#line.clear()
    // An empty line keeps the link alive while the primary prepares.
    if (line !== '') {
      if (this.#phase === 'payload-head') this.#payloadBegins(line)
      else this.#replies.shift()?.(line)
    }
    return bytes.subarray(end + 1)
  }

  #payloadBegins(line: string): void {
    if (line.startsWith('$EOF:') && line.length === 5 + MARK_BYTES) {
      this.#mark = line.slice(5)
      this.#payloadLeft = undefined
    } else if (/^\$\d{1,15}$/.test(line)) this.#payloadLeft = Number(line.slice(1))
    else return this.#drop(`bad beginning of a full sync: ${line.slice(0, 100)}`)
    this.#phase = 'payload'
    this.#loaderFirst = this.#node.keyspace.size === 0
    this.#loader = new DatasetLoader(this.#node)
    this.#node.log('notice', 'PRIMARY <-> REPLICA sync: receiving the dataset of the primary')
  }

  #takePayload(bytes: Uint8Array): Uint8Array | undefined {
    const loader = this.#loader as DatasetLoader
    const left = this.#payloadLeft
    const part = left === undefined ? bytes : bytes.subarray(0, left)
    if (left !== undefined) this.#payloadLeft = left - part.length
    const result = loader.push(part)
    if (typeof result === 'object') {
      this.#historyLost = true
      this.#drop(`failed to load the dataset of the primary: ${result.problem}`)
      return undefined
    }
    if (left === undefined) {
      if (result === 'more') return undefined
      this.#phase = 'payload-mark'
      return loader.takeRest()
    }
    if ((result === 'end') !== (this.#payloadLeft === 0) || (result === 'end' && loader.takeRest().length > 0)) {
      this.#historyLost = true
      this.#drop('the dataset of the primary has not the length that was announced')
      return undefined
    }
    if (result === 'more') return undefined
    this.#install()
    return bytes.subarray(part.length)
  }

  #takeMark(bytes: Uint8Array): Uint8Array | undefined {
    const part = bytes.subarray(0, MARK_BYTES - this.#line.length)
    this.#line.bytes(part)
    if (this.#line.length < MARK_BYTES) return undefined
    const mark = latin1Text(this.#line.view())
    this.#line.clear()
    if (mark !== this.#mark) {
      this.#historyLost = true
      this.#drop('the dataset of the primary does not end with its mark')
      return undefined
    }
    this.#install()
    return bytes.subarray(part.length)
  }

  #install(): void {
    const loader = this.#loader as DatasetLoader
    const promised = this.#promised as { id: string; offset: number }
    const { stream, applier } = this.#owner
    this.#owner.beforeInstall()
    loader.install()
    stream.adopt(promised.id, promised.offset)
    applier.reset()
    applier.database = loader.streamDatabase
    this.#loader = undefined
    this.#historyLost = false
    this.#node.log('notice', `PRIMARY <-> REPLICA sync: finished with success, ${loader.keys} keys`)
    this.#follows()
  }

  #takeStream(bytes: Uint8Array): void {
    const { stream, applier } = this.#owner
    const decoder = this.#decoder
    const unapplied = this.#unapplied
    unapplied.bytes(bytes)
    decoder.push(bytes)
    let settled = 0
    let asked = false
    for (;;) {
      const decoded = decoder.next(this.#args)
      if (decoded === 'more') break
      if (decoded !== 'command') {
        this.#historyLost = true
        return this.#drop(`protocol error in the stream of the primary: ${decoded.protocolError}`)
      }
      if (applier.apply(this.#args) === 'getack') asked = true
      // Inside a transaction nothing counts as done: a new link begins again before its MULTI.
      if (!applier.inTransaction) settled = unapplied.length - decoder.pendingBytes
    }
    decoder.keep()
    if (settled > 0) {
      stream.relay(unapplied.view().subarray(0, settled))
      unapplied.consume(settled)
    }
    if (asked) this.acknowledge()
  }

  // ---- inside ------------------------------------------------------------------------------------------------------

  #send(...parts: readonly string[]): void {
    if (this.#link !== undefined) writeCommand(this.#node.output(this.#link), parts)
  }

  #drop(why: string): void {
    this.#node.log('warning', `Link with primary ended: ${why}`)
    if (this.#link !== undefined) this.#node.closeLink(this.#link)
    this.#disconnected()
  }

  #disconnected(): void {
    this.#link = undefined
    this.#loader = undefined
    this.#promised = undefined
    this.#replies = []
    this.#line.clear()
    this.#unapplied.clear()
    this.#phase = 'replies'
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
