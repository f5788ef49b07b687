import { denialError } from '../acl/acl.ts'
import type { KeyWait } from '../blocking/key-waits.ts'
import type { Client } from '../client.ts'
import { isPlainlyServed, redirectionOf, redirectionToPrimary } from '../cluster/redirect.ts'
import { keySlot } from '../cluster/slot.ts'
import type { Node } from '../node.ts'
import { Args } from '../resp/args.ts'
import type { Decoded } from '../resp/decoder.ts'
import { errors } from '../resp/errors.ts'
import { Lookahead } from '../resp/lookahead.ts'
import type { CommandContext } from './context.ts'
import { arityFits, type CommandDefinition, keyIndexes } from './define-command.ts'
import { redirectionOfTransaction, waitsForHandOver } from './slot-checks.ts'
import { commandTable, type FoundCommand } from './table.ts'
import { WarmUp } from './warm-up.ts'

/** A step ends a client's turn after so long, so that others and the bus are served; the rest keeps its order. */
const TURN_US = 2_000
/** Replies waiting to leave above which a client's commands wait. */
const OUTPUT_HIGH_BYTES = 1_048_576
/** Input waiting above which we stop reading from a client that cannot run. */
const INPUT_HIGH_BYTES = 1_048_576
/** What a client that must log in may send, and what may wait for it (`networking.c`). */
const STRANGER_INPUT_BYTES = 1_048_576
const STRANGER_OUTPUT_BYTES = 1024

/**
 * The way of a command: look it up, check it, redirect or postpone or queue it, have it run (`execution.ts`).
 * Checks stand in the order of Valkey's `processCommand`.
 */
export class Dispatcher {
  readonly #node: Node
  readonly #args = new Args()
  /** Of the client whose turn it is. */
  readonly #ahead = new Lookahead()
  readonly #warmUp = new WarmUp()
  /** Clients whose next command waits for the end of a pause. */
  readonly #postponed = new Set<Client>()

  constructor(node: Node) {
    this.#node = node
  }

  get postponedClients(): number {
    return this.#postponed.size
  }

  /** Runs what has arrived from a client, until it must wait or its turn is over. */
  runClient(client: Client): void {
    this.#ahead.clear()
    this.#runTurn(client)
    this.#ahead.clear()
    this.#node.execution.clockUs = -1
  }

  /** The client's next command. */
  #next(client: Client): Decoded {
    const { decoder } = client
    const ahead = this.#ahead
    if (ahead.isEmpty) {
      decoder.lookAhead(ahead)
      if (ahead.isEmpty) return decoder.next(this.#args)
      this.#warmUp.run(ahead, this.#node.keyspace.database(client.database))
    } else if (decoder.fromStranger) {
      // It has logged out since.
      ahead.clear()
      return decoder.next(this.#args)
    }
    decoder.takeNext(ahead, this.#args)
    return 'command'
  }

  #runTurn(client: Client): void {
    const node = this.#node
    const { execution } = node
    const started = node.options.meter()
    execution.clockUs = started
    const unsentBytes = node.links.unsentBytes(client.link)
    while (!client.closing && !client.blocked && !this.#postponed.has(client)) {
      if (client.postponed) {
        const args = client.postponed
        client.postponed = undefined
        this.#measured(client, args)
      } else {
        if (client.output.length + unsentBytes > OUTPUT_HIGH_BYTES && client.origin === 'client' && client.roleFlag !== 'S') {
          this.#stopReading(client)
          break
        }
        const decoded = this.#next(client)
        if (decoded === 'more') {
          if (client.readingPaused) this.#goOnReading(client)
          break
        }
        if (decoded !== 'command') {
          client.reply.error(decoded.protocolError)
          node.stats.noteError(decoded.protocolError)
          node.log('verbose', `Protocol error from client id=${client.id}: ${decoded.protocolError}`)
          node.links.output(client.link)
          node.closeClient(client, 'protocol error')
          return
        }
        this.#measured(client, this.#args)
      }
      if (execution.clockUs - started > TURN_US) {
        if (client.closing) break
        if (client.decoder.pendingBytes === 0) {
          // An earlier turn may have ended in the middle of what has now run.
          if (client.readingPaused) this.#goOnReading(client)
          break
        }
        // A host that goes on feeding a client who has its fill would starve the others.
        this.#stopReading(client)
        node.makeReady(client)
        break
      }
    }
    if (client.closing && !node.clients.has(client.link)) return
    client.decoder.keep()
    if (client.decoder.pendingBytes > INPUT_HIGH_BYTES && (client.blocked || this.#postponed.has(client))) this.#stopReading(client)
    const isStranger = client.isChecked && this.#isStranger(client)
    const limitBytes = isStranger ? STRANGER_INPUT_BYTES : node.hotSettings.queryBufferLimitBytes
    if (client.decoder.pendingBytes + (client.transaction?.bytes ?? 0) > limitBytes) {
      node.log('warning', `Closing client id=${client.id} that reached max query buffer length`)
      node.stats.queryLimitDisconnections++
      node.closeClient(client, 'query buffer limit')
      return
    }
    if (client.output.length > 0) {
      if (isStranger && client.output.length + node.links.unsentBytes(client.link) > STRANGER_OUTPUT_BYTES) client.closing = true
      node.links.output(client.link)
      node.outputLimits.check(client)
    }
    if (client.closing) node.closeClient(client, 'closed by command')
  }

  /** The client's socket has taken what was waiting: go on with its commands. */
  drained(client: Client, unsentBytes: number): void {
    if (!client.readingPaused || unsentBytes > OUTPUT_HIGH_BYTES / 2 || client.blocked || this.#postponed.has(client)) return
    this.#goOnReading(client)
    this.#node.makeReady(client)
  }

  cron(_run: number): void {
    if (this.#postponed.size > 0 && !this.#node.migrations.pausing && !this.#node.pause.mode) this.resumePostponed()
  }

  /** The pause is over, or covers less than before: every waiting command is tried again, in order of arrival. */
  resumePostponed(): void {
    const clients = [...this.#postponed]
    this.#postponed.clear()
    for (const client of clients) {
      if (client.closing) continue
      if (client.readingPaused) this.#goOnReading(client)
      this.#node.makeReady(client)
    }
  }

  /** What the client waited for has been answered: it goes on with what it sent meanwhile. */
  unblock(client: Client): void {
    if (client.readingPaused) this.#goOnReading(client)
    this.#node.links.output(client.link)
    this.#node.makeReady(client)
  }

  forget(client: Client): void {
    this.#postponed.delete(client)
  }

  /** Must it say who it is first? */
  #isStranger(client: Client): boolean {
    return !client.loggedIn && this.#node.acl.loginRequired
  }

  #stopReading(client: Client): void {
    if (client.readingPaused) return
    client.readingPaused = true
    this.#node.links.pauseReading(client.link)
  }

  #goOnReading(client: Client): void {
    client.readingPaused = false
    this.#node.links.resumeReading(client.link)
  }

  /** Processes a command, after which the clock has moved. */
  #measured(client: Client, args: Args): void {
    const { execution, options } = this.#node
    const before = execution.clockUs
    this.#process(client, args)
    // What did not run has measured nothing.
    if (execution.clockUs === before || execution.clockUs < 0) execution.clockUs = options.meter()
  }

  #process(client: Client, args: Args): void {
    const node = this.#node
    const reply = client.reply
    client.lastCommandAtMs = node.now.wallMs
    client.commands++
    if (client.origin === 'import') return node.migrations.applyImported(client, args)

    const found = commandTable.find(args)
    if (client.isChecked && this.#isStranger(client) && !(found.kind === 'found' && found.definition.flags.includes('no_auth'))) {
      return this.#reject(client, errors.loginRequired)
    }
    if (found.kind !== 'found') {
      this.#reject(client, found.error)
      return
    }
    const { definition, name } = found
    client.lastCommand = name
    if (!arityFits(definition, args.length)) return this.#reject(client, errors.wrongArity(name), definition)
    if (client.transaction && definition.isBarredFromMulti) {
      return this.#reject(client, `ERR Command '${name}' not allowed inside a transaction`, definition)
    }
    if (client.isChecked) {
      const denial = node.acl.denialFor(client, definition, args)
      if (denial) return this.#reject(client, denialError(client.user, denial, definition), definition)
    }
    const isExec = definition.name === 'EXEC'
    const redirected = isExec ? redirectionOfTransaction(node, client) : this.#redirect(client, definition, args)
    if (redirected !== undefined) {
      if (isExec) this.discardTransaction(client)
      return this.#answerError(client, redirected, definition)
    }
    if (this.#outOfMemory(client, definition)) {
      return this.#reject(client, errors.outOfMemory, definition)
    }
    if (definition.writes && node.role === 'replica' && client.origin === 'client') {
      return this.#reject(client, errors.readOnlyReplica, definition)
    }
    if (client.protocol === 2 && client.subscriptions > 0 && !SUBSCRIBED_MAY.has(definition.name)) {
      return this.#reject(
        client,
        `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
        definition
      )
    }
    if (node.replication.loading && !definition.runsWhileLoading) return this.#reject(client, errors.loading, definition)
    if (node.pause.mode && client.roleFlag !== 'S' && node.pause.holds(definition, client.transaction?.queue)) {
      return this.#postpone(client, args)
    }
    if (client.transaction && !RUNS_IN_MULTI.has(definition.name)) {
      const before = client.output.length
      // What will not run is not kept, so that EXEC has no keys of it to check either (`queueMultiCommand`).
      if (!client.watchBroken && !client.transaction.aborted) {
        client.transaction.queue.push({ definition, name, args: args.kept() })
        client.transaction.bytes += args.wireBytes
      }
      // What follows in the transaction will run there.
      if (definition.name === 'SELECT')
        client.transaction.database = args.integerBetween(1, 0, node.keyspace.count - 1) ?? client.transaction.database
      reply.simple('QUEUED')
      if (client.replyMode !== 'on') this.#silence(client, before)
      return
    }
    if (waitsForHandOver(node, client, definition, args)) return this.#postpone(client, args)
    const before = client.output.length
    node.execution.execute(client, definition, name, args, node.keyspace)
    // ASKING holds for the next command, or for all up to EXEC (`resetClient`).
    client.asking = definition.name === 'ASKING' || (client.asking && client.transaction !== undefined)
    if (client.replyMode !== 'on' && !client.blocked && !CONFIRMS_BY_PUSH.has(definition.name)) this.#silence(client, before)
    if (client.tracking) node.tracking.afterCommand(client, definition)
    node.pubsub.afterCommand()
    if (node.keyWaits.hasReady) node.keyWaits.serve()
  }

  #postpone(client: Client, args: Args): void {
    client.postponed = args.kept()
    this.#postponed.add(client)
  }

  /** A key that a command waits for has changed: it runs again, as itself, and is over when it has replied. */
  tryAgain({ client, definition, name, args, retry, keys }: KeyWait): void {
    const node = this.#node
    const before = client.output.length
    let isOver = false
    const refusal = this.#refusalNow(client, definition, args)
    if (refusal !== undefined) {
      client.reply.error(refusal)
      node.stats.noteError(refusal)
      isOver = true
    } else {
      const run = (ctx: CommandContext, given: Args) => {
        isOver = retry(ctx, given)
      }
      node.execution.slot = node.clusterEnabled ? keySlot(keys[0] as Uint8Array) : -1
      node.execution.execute(client, { ...definition, run }, name, args, node.keyspace, true)
    }
    if (!isOver) return
    if (client.replyMode !== 'on') this.#silence(client, before)
    node.blocked.end(client)
    if (client.tracking) node.tracking.afterCommand(client, definition)
    node.pubsub.afterCommand()
    node.outputLimits.check(client)
  }

  /** Why a command that has waited may not run any more. */
  #refusalNow(client: Client, definition: CommandDefinition, args: Args): string | undefined {
    if (!client.user.unrestricted) {
      const denial = this.#node.acl.denialFor(client, definition, args)
      if (denial) return denialError(client.user, denial, definition)
    }
    return this.#outOfMemory(client, definition) ? errors.outOfMemory : undefined
  }

  /** The reply of a command that has waited, with nothing to run. */
  answerLater(client: Client, write: () => void): void {
    const before = client.output.length
    write()
    if (client.replyMode !== 'on') this.#silence(client, before)
  }

  #silence(client: Client, before: number): void {
    if (client.replyMode === 'skip-next') {
      client.replyMode = 'skip'
      return
    }
    client.output.truncate(before)
    if (client.replyMode === 'skip') client.replyMode = 'on'
  }

  /** Answers a command that does not run. A rejected EXEC ends its transaction (`rejectCommand`, `execCommandAbort`). */
  #reject(client: Client, text: string, definition?: CommandDefinition): void {
    if (definition?.name !== 'EXEC') return this.#answerError(client, text, definition)
    this.discardTransaction(client)
    this.#answerError(client, `EXECABORT Transaction discarded because of: ${text.replace(/^ERR /, '')}`, definition)
  }

  #answerError(client: Client, text: string, definition?: CommandDefinition): void {
    const before = client.output.length
    client.reply.error(text)
    this.#node.stats.noteError(text)
    if (definition) this.#node.stats.ofCommand(definition.name.toLowerCase()).rejected++
    if (client.transaction) client.transaction.aborted = true
    else client.asking = false
    if (client.replyMode !== 'on') this.#silence(client, before)
  }

  /** MULTI's state goes with its WATCHes. */
  discardTransaction(client: Client): void {
    client.transaction = undefined
    this.#node.watches.forget(client)
  }

  #redirect(client: Client, definition: CommandDefinition, args: Args): string | undefined {
    const { execution } = this.#node
    execution.slot = -1
    if (!this.#node.clusterEnabled) return redirectionToPrimary(this.#node, client, definition)
    if (!definition.keys) return undefined
    if (definition.hasOneKey && args.length > 1) {
      const slot = args.slot(1)
      if (client.origin !== 'client' || isPlainlyServed(this.#node, slot)) {
        execution.slot = slot
        return undefined
      }
    }
    const indexes = keyIndexes(definition.keys, args)
    if (indexes.length === 0) return undefined
    const first = args.slot(indexes[0] as number)
    for (let i = 1; i < indexes.length; i++) if (args.slot(indexes[i] as number) !== first) return errors.crossSlot
    execution.slot = first
    if (isPlainlyServed(this.#node, first)) return undefined
    return redirectionOf(this.#node, client, first, definition, (index) => args.bytes(indexes[index] as number), indexes.length, args)
  }

  /**
   * Is there more in memory than `maxmemory` allows, though keys were evicted, and would this command add to it? Inside a
   * transaction everything that is queued adds.
   */
  #outOfMemory(client: Client, definition: CommandDefinition): boolean {
    const settings = this.#node.hotSettings
    const limit = settings.maxMemoryBytes
    if (limit === 0 || client.origin !== 'client') return false
    // To make room is no work of the command's.
    this.#node.execution.clockUs = -1
    if (this.#node.evictor.makeRoom()) return false
    const transaction = client.transaction
    const adds =
      definition.name === 'EXEC'
        ? (transaction?.queue.some((queued) => queued.definition.flags.includes('denyoom')) ?? false)
        : definition.flags.includes('denyoom') || (transaction !== undefined && !RUNS_IN_MULTI.has(definition.name))
    return adds
  }
}

const SUBSCRIBED_MAY = new Set([
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'PSUBSCRIBE',
  'PUNSUBSCRIBE',
  'SSUBSCRIBE',
  'SUNSUBSCRIBE',
  'PING',
  'QUIT',
  'RESET'
])
/** Their answers are messages, which CLIENT REPLY does not silence. */
const CONFIRMS_BY_PUSH = new Set(['SUBSCRIBE', 'UNSUBSCRIBE', 'PSUBSCRIBE', 'PUNSUBSCRIBE', 'SSUBSCRIBE', 'SUNSUBSCRIBE'])
const RUNS_IN_MULTI = new Set(['EXEC', 'DISCARD', 'MULTI', 'WATCH', 'QUIT', 'RESET'])

export type { FoundCommand }
