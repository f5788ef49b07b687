import { denialError } from '../acl/acl.ts'
import type { KeyWait } from '../blocking/key-waits.ts'
import type { Client, QueuedCommand } from '../client.ts'
import { redirectionOf } from '../cluster/redirect.ts'
import { keySlot } from '../cluster/slot.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'
import { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import type { CommandContext } from './context.ts'
import { arityFits, type CommandDefinition, keyIndexes } from './define-command.ts'
import { commandTable, type FoundCommand } from './table.ts'

/** A step ends a client's turn after so long, so that others and the bus are served; the rest keeps its order. */
const TURN_US = 2_000
/** Replies waiting to leave above which a client's commands wait. */
const OUTPUT_HIGH_BYTES = 1_048_576
/** Input waiting above which we stop reading from a client that cannot run. */
const INPUT_HIGH_BYTES = 1_048_576
/** What a client that must log in may send, and what may wait for it (`networking.c`). */
const STRANGER_INPUT_BYTES = 1_048_576
const STRANGER_OUTPUT_BYTES = 1024

type Propagated = { readonly database: number; readonly slot: number; readonly parts: readonly (Uint8Array | string)[] }

/**
 * The way of a command: look it up, check it, redirect or postpone or queue it, run it, pass on what it changed.
 * Checks stand in the order of Valkey's `processCommand`.
 */
export class Dispatcher {
  readonly #node: Node
  readonly #ctx: CommandContext
  readonly #args = new Args()
  /** Clients whose next command waits for the end of a pause. */
  readonly #postponed = new Set<Client>()
  /** What the outermost command has changed so far. */
  #pending: Propagated[] = []
  #depth = 0
  #slotOfCommand = -1
  /** The client of the outermost command that is running; undefined between commands. */
  running: Client | undefined

  constructor(node: Node, ctx: CommandContext) {
    this.#node = node
    this.#ctx = ctx
  }

  /** Is the running command part of another, as those of EXEC are? Then it must not block. */
  get nested(): boolean {
    return this.#depth > 1
  }

  get postponedClients(): number {
    return this.#postponed.size
  }

  /** Runs what has arrived from a client, until it must wait or its turn is over. */
  runClient(client: Client): void {
    const node = this.#node
    const started = node.options.meter()
    while (!client.closing && !client.blocked && !this.#postponed.has(client)) {
      if (client.postponed) {
        const args = client.postponed
        client.postponed = undefined
        this.#process(client, args)
      } else {
        if (
          client.output.length + node.unsentBytes(client.link) > OUTPUT_HIGH_BYTES &&
          client.origin === 'client' &&
          client.roleFlag !== 'S'
        ) {
          this.#stopReading(client)
          break
        }
        const decoded = client.decoder.next(this.#args)
        if (decoded === 'more') {
          if (client.readingPaused) this.#goOnReading(client)
          break
        }
        if (decoded !== 'command') {
          client.reply.error(decoded.protocolError)
          node.stats.noteError(decoded.protocolError)
          node.log('verbose', `Protocol error from client id=${client.id}: ${decoded.protocolError}`)
          node.output(client.link)
          node.closeClient(client, 'protocol error')
          return
        }
        this.#process(client, this.#args)
      }
      const now = node.options.meter()
      if (now - started > TURN_US) {
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
    const isStranger = !client.loggedIn && node.acl.loginRequired
    const limitBytes = isStranger ? STRANGER_INPUT_BYTES : node.hotSettings.queryBufferLimitBytes
    if (client.decoder.pendingBytes + (client.transaction?.bytes ?? 0) > limitBytes) {
      node.log('warning', `Closing client id=${client.id} that reached max query buffer length`)
      node.stats.queryLimitDisconnections++
      node.closeClient(client, 'query buffer limit')
      return
    }
    if (client.output.length > 0) {
      if (isStranger && client.output.length + node.unsentBytes(client.link) > STRANGER_OUTPUT_BYTES) client.closing = true
      node.output(client.link)
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
    this.#node.output(client.link)
    this.#node.makeReady(client)
  }

  forget(client: Client): void {
    this.#postponed.delete(client)
  }

  #stopReading(client: Client): void {
    if (client.readingPaused) return
    client.readingPaused = true
    this.#node.pauseReading(client.link)
  }

  #goOnReading(client: Client): void {
    client.readingPaused = false
    this.#node.resumeReading(client.link)
  }

  #process(client: Client, args: Args): void {
    const node = this.#node
    const reply = client.reply
    client.lastCommandAtMs = node.now.wallMs
    client.commands++
    if (client.origin === 'import') return node.migrations.applyImported(client, args)

    const found = commandTable.find(args)
    if (!client.loggedIn && node.acl.loginRequired && !(found.kind === 'found' && found.definition.flags.includes('no_auth'))) {
      return this.#reject(client, errors.loginRequired)
    }
    if (found.kind !== 'found') {
      this.#reject(client, found.error)
      return
    }
    const { definition, name } = found
    client.lastCommand = name
    if (!arityFits(definition, args.length)) return this.#reject(client, errors.wrongArity(name), definition)
    if (client.transaction && definition.flags.includes('no_multi')) {
      return this.#reject(client, `ERR Command '${name}' not allowed inside a transaction`, definition)
    }
    if (!client.user.unrestricted) {
      const denial = node.acl.denialFor(client, definition, args)
      if (denial) return this.#reject(client, denialError(client.user, denial, definition), definition)
    }
    const isExec = definition.name === 'EXEC'
    const redirected = isExec ? this.#redirectTransaction(client) : this.#redirect(client, definition, args)
    if (redirected !== undefined) {
      if (isExec) this.discardTransaction(client)
      return this.#answerError(client, redirected, definition)
    }
    if (this.#outOfMemory(client, definition)) {
      return this.#reject(client, errors.outOfMemory, definition)
    }
    if (node.role === 'replica' && definition.flags.includes('write') && client.origin === 'client') {
      return this.#reject(client, errors.readOnlyReplica, definition)
    }
    if (client.protocol === 2 && client.subscriptions > 0 && !SUBSCRIBED_MAY.has(definition.name)) {
      return this.#reject(
        client,
        `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
        definition
      )
    }
    if (node.replication.loading && !definition.flags.includes('loading')) return this.#reject(client, errors.loading, definition)
    if (node.pause.mode && client.roleFlag !== 'S' && node.pause.holds(definition, client.transaction?.queue)) {
      return this.#postpone(client, args)
    }
    if (client.transaction && !RUNS_IN_MULTI.has(definition.name)) {
      const before = client.output.length
      client.transaction.queue.push({ definition, name, args: args.kept() })
      client.transaction.bytes += args.wireBytes
      // What follows in the transaction will run there.
      if (definition.name === 'SELECT')
        client.transaction.database = args.integerBetween(1, 0, node.keyspace.count - 1) ?? client.transaction.database
      reply.simple('QUEUED')
      if (client.replyMode !== 'on') this.#silence(client, before)
      return
    }
    if (this.#mustWait(client, definition, args)) return this.#postpone(client, args)
    const before = client.output.length
    this.execute(client, definition, name, args, node.keyspace)
    // ASKING holds for the next command, or for all up to EXEC (`resetClient`).
    client.asking = definition.name === 'ASKING' || (client.asking && client.transaction !== undefined)
    if (client.replyMode !== 'on' && !client.blocked && !CONFIRMS_BY_PUSH.has(definition.name)) this.#silence(client, before)
    node.tracking.afterCommand(client, definition)
    node.pubsub.afterCommand()
    node.keyWaits.serve()
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
      this.#slotOfCommand = keySlot(keys[0] as Uint8Array)
      this.execute(client, { ...definition, run }, name, args, node.keyspace, true)
    }
    if (!isOver) return
    if (client.replyMode !== 'on') this.#silence(client, before)
    node.blocked.end(client)
    node.tracking.afterCommand(client, definition)
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
    const indexes = keyIndexes(definition.keys, args)
    this.#slotOfCommand = -1
    if (indexes.length === 0) return undefined
    const first = keySlot(args.bytes(indexes[0] as number))
    for (let i = 1; i < indexes.length; i++) if (keySlot(args.bytes(indexes[i] as number)) !== first) return errors.crossSlot
    this.#slotOfCommand = first
    return redirectionOf(this.#node, client, first, definition, (index) => args.bytes(indexes[index] as number), indexes.length, args)
  }

  /**
   * Is there more in memory than `maxmemory` allows, though keys were evicted, and would this command add to it? Inside a
   * transaction everything that is queued adds.
   */
  #outOfMemory(client: Client, definition: CommandDefinition): boolean {
    const settings = this.#node.hotSettings
    settings.refresh()
    const limit = settings.maxMemoryBytes
    if (limit === 0 || client.origin !== 'client') return false
    if (this.#node.evictor.makeRoom()) return false
    const transaction = client.transaction
    const adds =
      definition.name === 'EXEC'
        ? (transaction?.queue.some((queued) => queued.definition.flags.includes('denyoom')) ?? false)
        : definition.flags.includes('denyoom') || (transaction !== undefined && !RUNS_IN_MULTI.has(definition.name))
    return adds
  }

  /** At EXEC all keys of the transaction must still be ours, and in one slot. */
  #redirectTransaction(client: Client): string | undefined {
    const transaction = client.transaction
    this.#slotOfCommand = -1
    if (!transaction || transaction.aborted) return undefined
    let slot = -1
    const keys: Uint8Array[] = []
    for (const queued of transaction.queue) {
      for (const index of keyIndexes(queued.definition.keys, queued.args)) {
        const key = queued.args.bytes(index)
        const other = keySlot(key)
        if (slot >= 0 && other !== slot) return errors.crossSlot
        slot = other
        keys.push(key)
      }
    }
    if (slot < 0) return undefined
    this.#slotOfCommand = slot
    const writes = transaction.queue.some((queued) => queued.definition.flags.includes('write'))
    const widest = transaction.queue.find((queued) => !writes || queued.definition.flags.includes('write')) as QueuedCommand
    return redirectionOf(this.#node, client, slot, widest.definition, (index) => keys[index], keys.length)
  }

  /** Writes to slots that are being handed over wait; everything else goes on. */
  #mustWait(client: Client, definition: CommandDefinition, args: Args): boolean {
    const migrations = this.#node.migrations
    if (!migrations.pausing) return false
    if (definition.name === 'EXEC') {
      return (
        client.transaction?.queue.some(
          (queued) =>
            queued.definition.flags.includes('write') &&
            (isFlush(queued.definition) ||
              keyIndexes(queued.definition.keys, queued.args).some((index) => migrations.pausesSlot(keySlot(queued.args.bytes(index)))))
        ) ?? false
      )
    }
    if (!definition.flags.includes('write')) return false
    if (isFlush(definition)) return migrations.holdsFlush
    return keyIndexes(definition.keys, args).some((index) => migrations.pausesSlot(keySlot(args.bytes(index))))
  }

  /**
   * Runs a command whose checks are done, measures it, and passes on what it changed. One that has waited and runs `again` counts
   * as one call.
   */
  execute(client: Client, definition: CommandDefinition, name: string, args: Args, keyspace: Keyspace, again = false): void {
    const node = this.#node
    const ctx = this.#ctx
    const settings = node.hotSettings
    settings.refresh()
    const started = node.options.meter()
    const reply = client.reply
    this.running ??= client
    const outer =
      this.#depth === 0
        ? undefined
        : {
            client: ctx.client,
            definition: ctx.definition,
            name: ctx.commandName,
            keyspace: ctx.keyspace,
            nowMs: ctx.nowMs,
            dirty: ctx.dirty,
            rewritten: ctx.rewritten,
            reply: ctx.reply
          }
    const outputBefore = client.output.length
    const queuedBytes = client.transaction?.bytes ?? 0
    this.#depth++
    reply.lastError = undefined
    ctx.begin(client, definition, name, keyspace, node.now.wallMs)
    ctx.reply = reply
    if (node.migrations.exporting && definition.flags.includes('write')) this.#announceKeys(client, definition, args)
    definition.run?.(ctx, args)
    if (client.tracking) node.tracking.remember(client, client.tracking, definition, args)
    if (node.monitors.count > 0 && !again) node.monitors.show(client, definition, args)
    // What our primary sent goes on as the bytes that came.
    if ((ctx.dirty > 0 || ctx.rewritten) && client.origin !== 'primary') this.#collect(client, ctx, definition, args)
    this.#depth--
    if (outer) {
      ctx.begin(outer.client, outer.definition, outer.name, outer.keyspace, outer.nowMs)
      ctx.dirty = outer.dirty
      ctx.rewritten = outer.rewritten
      ctx.reply = outer.reply
    }
    const us = node.options.meter() - started
    const statistics = node.stats.ofCommand(name)
    if (again) statistics.us += us
    else node.stats.noteCall(statistics, us, settings.latencyTracking)
    if (reply.lastError !== undefined) {
      statistics.failed++
      node.stats.noteError(reply.lastError)
    }
    const replyBytes = client.output.length - outputBefore
    if (settings.slotStatsEnabled && this.#depth === 0 && this.#slotOfCommand >= 0 && client.origin === 'client') {
      node.slotStats.note(this.#slotOfCommand, us, args.wireBytes + queuedBytes, Math.max(0, replyBytes))
    }
    if (!definition.flags.includes('skip_commandlog')) this.#watchLatency(client, definition, args, us, replyBytes)
    if (this.#depth > 0) return
    this.running = undefined
    this.#passOn()
  }

  /** The command log and the latency monitor, each by its own threshold. */
  #watchLatency(client: Client, definition: CommandDefinition, args: Args, us: number, replyBytes: number): void {
    const node = this.#node
    const { slowerThanUs, requestLargerThanBytes, replyLargerThanBytes, latencyMonitorMs } = node.hotSettings
    const nowMs = node.now.wallMs
    if (slowerThanUs >= 0 && us >= slowerThanUs) node.commandLog.add('slow', nowMs, us, client, definition, args)
    // The extent is cheap, the exact size is not: no header takes more than 16 bytes.
    if (requestLargerThanBytes >= 0 && args.extent + 16 * (args.length + 1) >= requestLargerThanBytes) {
      const bytes = args.wireBytes
      if (bytes >= requestLargerThanBytes) node.commandLog.add('large-request', nowMs, bytes, client, definition, args)
    }
    if (replyLargerThanBytes >= 0 && replyBytes >= replyLargerThanBytes)
      node.commandLog.add('large-reply', nowMs, replyBytes, client, definition, args)
    if (latencyMonitorMs > 0 && us >= latencyMonitorMs * 1000) {
      node.latencyMonitor.add(definition.flags.includes('fast') ? 'fast-command' : 'command', nowMs, Math.floor(us / 1000))
    }
  }

  /** Writes outside any command (expiry) join the running command's, or go at once. */
  propagate(database: number, slot: number, commands: readonly (readonly (Uint8Array | string)[])[]): void {
    for (const parts of commands) this.#pending.push({ database, slot, parts })
    if (this.#depth === 0) this.#passOn()
  }

  #announceKeys(client: Client, definition: CommandDefinition, args: Args): void {
    const indexes = keyIndexes(definition.keys, args)
    if (indexes.length > 1) this.#node.migrations.beforeWrite(client.database, keySlot(args.bytes(indexes[0] as number)), args, indexes)
  }

  #collect(client: Client, ctx: CommandContext, definition: CommandDefinition, args: Args): void {
    const database = client.database
    if (ctx.rewritten) {
      for (const parts of ctx.rewritten) this.#pending.push({ database, slot: slotOfParts(parts), parts })
    } else if (definition.flags.includes('write') || definition.mayReplicate) {
      const indexes = keyIndexes(definition.keys, args)
      const slot = indexes.length > 0 ? keySlot(args.bytes(indexes[0] as number)) : -1
      // While nobody follows, that something was written is all that counts.
      const heard = this.#node.replication.stream.kept || this.#node.migrations.exporting
      this.#pending.push({ database, slot, parts: heard ? args.copies() : NOTHING })
    }
  }

  #passOn(): void {
    if (this.#pending.length === 0) return
    const pending = this.#pending
    this.#pending = []
    const { replication, migrations } = this.#node
    replication.feed(pending)
    if (migrations.exporting) for (const one of pending) migrations.feed(one.database, one.slot, one.parts)
  }
}

const NOTHING: readonly Uint8Array[] = []

/** Every rewritten form has its key right after the name. */
function slotOfParts(parts: readonly (Uint8Array | string)[]): number {
  const key = parts[1]
  return key instanceof Uint8Array ? keySlot(key) : -1
}

function isFlush(definition: CommandDefinition): boolean {
  return definition.name === 'FLUSHALL' || definition.name === 'FLUSHDB'
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
