import { ByteBuffer } from '../byte-buffer.ts'
import type { Client } from '../client.ts'
import { keySlot } from '../cluster/slot.ts'
import { arityFits, keyIndexes } from '../commands/define-command.ts'
import { commandTable } from '../commands/table.ts'
import type { Endpoint, LinkId } from '../input.ts'
import type { Node } from '../node.ts'
import { Args } from '../resp/args.ts'
import { defaultLimits, RequestDecoder } from '../resp/decoder.ts'
import type { ReplicationStream } from './stream.ts'

/**
 * Applies the commands of our primary's stream: without checks, redirections, expiry or replies. A transaction is applied as a
 * whole when its EXEC is here, so that a link that is cut inside it leaves nothing half done.
 */
export class StreamApplier {
  readonly #node: Node
  /** Carries the selected database; nobody reads its output. One for each link that carries the stream. */
  #client: Client
  #transaction: Args[] | undefined
  #decoder = new RequestDecoder()
  readonly #args = new Args()
  /** Bytes that are not applied, or whose transaction is not complete. */
  readonly #unapplied = new ByteBuffer(4096)

  constructor(node: Node) {
    this.#node = node
    this.#client = node.internalClient('primary')
  }

  /** Selected by the stream so far. */
  get database(): number {
    return this.#client.database
  }

  set database(index: number) {
    this.#client.database = index
  }

  /** The client by which commands of the stream run: logs of commands and CLIENT LIST tell it. */
  get client(): Client {
    return this.#client
  }

  /** This link carries the stream from now on, in the database where it stood (`replication.c`, `replicationCreatePrimaryClient`). */
  begin(link: LinkId, primary: Endpoint, local: Endpoint): void {
    const { database } = this
    this.reset()
    this.#client = this.#node.internalClient('primary', { link, remote: primary, local })
    this.#client.database = database
  }

  /** A link begins or ends: what the last one left half said comes again. */
  reset(): void {
    const maxBulkBytes = this.#node.config.number('proto-max-bulk-len')
    this.#decoder = new RequestDecoder({ ...defaultLimits, maxBulkBytes }, false)
    this.#transaction = undefined
    this.#unapplied.clear()
  }

  /**
   * Applies what has arrived and relays it. `asked`: the primary wants to hear at once how far we are. A problem is what is
   * wrong with the bytes; what came before them stands.
   */
  receive(bytes: Uint8Array, stream: ReplicationStream): 'applied' | 'asked' | { readonly problem: string } {
    const decoder = this.#decoder
    const unapplied = this.#unapplied
    this.#client.bytesIn += bytes.length
    this.#client.lastCommandAtMs = this.#node.now.wallMs
    unapplied.bytes(bytes)
    decoder.push(bytes)
    let settled = 0
    let asked = false
    let problem: string | undefined
    for (;;) {
      const decoded = decoder.next(this.#args)
      if (decoded === 'more') break
      if (decoded !== 'command') {
        problem = decoded.protocolError
        break
      }
      if (this.#apply(this.#args) === 'asked') asked = true
      // Between MULTI and EXEC nothing counts as done: a new link begins again before the MULTI.
      if (!this.#transaction) settled = unapplied.length - decoder.pendingBytes
    }
    decoder.keep()
    if (settled > 0) {
      stream.relay(unapplied.view().subarray(0, settled))
      unapplied.consume(settled)
    }
    if (problem !== undefined) return { problem }
    return asked ? 'asked' : 'applied'
  }

  #apply(args: Args): 'asked' | undefined {
    if (args.is(0, 'MULTI')) this.#transaction = []
    else if (args.is(0, 'EXEC')) {
      const queued = this.#transaction ?? []
      this.#transaction = undefined
      for (const one of queued) this.#run(one)
    } else if (this.#transaction) this.#transaction.push(args.kept())
    else if (args.is(0, 'REPLCONF')) return args.length > 1 && args.is(1, 'GETACK') ? 'asked' : undefined
    else this.#run(args)
    return undefined
  }

  #run(args: Args): void {
    const node = this.#node
    const client = this.#client
    client.commands++
    if (args.is(0, 'PING')) {
      client.lastCommand = 'ping'
      return
    }
    if (args.is(0, 'SELECT')) {
      const index = args.length === 2 ? args.integerBetween(1, 0, node.keyspace.count - 1) : undefined
      if (index === undefined) return this.#complain(args, 'ERR DB index is out of range')
      client.database = index
      return
    }
    if (args.length > 1 && args.is(0, 'CLUSTER') && args.is(1, 'SYNCSLOTS')) return node.migrations.applyFromPrimary(args)
    const found = commandTable.find(args)
    if (found.kind !== 'found') return this.#complain(args, found.error)
    const { definition, name } = found
    if (!definition.run) return this.#complain(args, `ERR '${name}' is no command by itself`)
    if (!arityFits(definition, args.length)) return this.#complain(args, 'ERR wrong number of arguments')
    const [first] = keyIndexes(definition.keys, args)
    const staged = first === undefined ? undefined : node.migrations.stagedKeyspaceOf(keySlot(args.bytes(first)))
    client.lastCommand = name
    client.keyspace = staged
    client.reply.lastError = undefined
    node.execution.execute(client, definition, name, args, staged ?? node.keyspace)
    client.output.clear()
    if (client.reply.lastError !== undefined) this.#complain(args, client.reply.lastError)
  }

  /** The reference goes on too (`propagation-error-behavior ignore`); what follows may be right. */
  #complain(args: Args, error: string): void {
    this.#node.stats.unexpectedErrorReplies++
    this.#node.log('warning', `== CRITICAL == This replica could not apply '${args.text(0)}' of its primary: ${error}`)
  }
}
