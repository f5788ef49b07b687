import type { Client } from '../client.ts'
import { keySlot } from '../cluster/slot.ts'
import { keyIndexes } from '../commands/define-command.ts'
import { commandTable } from '../commands/table.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'

/**
 * Applies the commands of our primary's stream: without checks, redirections, expiry or replies. A transaction is applied as a
 * whole when its EXEC is here, so that a link that is cut inside it leaves nothing half done.
 */
export class StreamApplier {
  readonly #node: Node
  /** Carries the selected database; nobody reads its output. */
  readonly #client: Client
  #transaction: Args[] | undefined

  constructor(node: Node) {
    this.#node = node
    this.#client = node.internalClient('primary')
  }

  /** Between MULTI and EXEC nothing has been applied yet, and the offset stands before MULTI. */
  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  /** Selected by the stream so far. */
  get database(): number {
    return this.#client.database
  }

  set database(index: number) {
    this.#client.database = index
  }

  /** The link is gone: what it left half said comes again. */
  reset(): void {
    this.#transaction = undefined
  }

  /** One command. `getack`: the primary wants to hear at once how far we are. */
  apply(args: Args): 'getack' | undefined {
    if (args.is(0, 'MULTI')) this.#transaction = []
    else if (args.is(0, 'EXEC')) {
      const queued = this.#transaction ?? []
      this.#transaction = undefined
      for (const one of queued) this.#run(one)
    } else if (this.#transaction) this.#transaction.push(args.kept())
    else if (args.is(0, 'REPLCONF')) return args.length > 1 && args.is(1, 'GETACK') ? 'getack' : undefined
    else this.#run(args)
    return undefined
  }

  #run(args: Args): void {
    const node = this.#node
    const client = this.#client
    if (args.is(0, 'PING')) return
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
    if (definition.arity >= 0 ? args.length !== definition.arity : args.length < -definition.arity)
      return this.#complain(args, 'ERR wrong number of arguments')
    const [first] = keyIndexes(definition.keys, args)
    const staged = first === undefined ? undefined : node.migrations.stagedKeyspaceOf(keySlot(args.bytes(first)))
    client.keyspace = staged
    client.reply.lastError = undefined
    node.dispatcher.execute(client, definition, name, args, staged ?? node.keyspace)
    client.output.clear()
    if (client.reply.lastError !== undefined) this.#complain(args, client.reply.lastError)
  }

  /** The reference goes on too (`propagation-error-behavior ignore`); what follows may be right. */
  #complain(args: Args, error: string): void {
    this.#node.stats.unexpectedErrorReplies++
    this.#node.log('warning', `== CRITICAL == This replica could not apply '${args.text(0)}' of its primary: ${error}`)
  }
}
