import type { Client } from '../client.ts'
import { keySlot } from '../cluster/slot.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import type { CommandContext } from './context.ts'
import { type CommandDefinition, keyIndexes } from './define-command.ts'

type Propagated = { readonly database: number; readonly slot: number; readonly parts: readonly (Uint8Array | string)[] }

/** Runs commands whose checks are done, one inside another where a transaction holds them, and passes on what they changed. */
export class Execution {
  readonly #node: Node
  readonly #ctx: CommandContext
  /** What the outermost command has changed so far. */
  #pending: Propagated[] = []
  /** It has changed something that nobody follows. */
  #hasUnheard = false
  #depth = 0
  /** Where the keys of the next outermost command are, for the figures of slots; -1: nowhere. Set by whoever checked it. */
  slot = -1
  /**
   * The reading of the meter at the end of the last outermost command, at which the next one begins; -1: it is to be read anew. Only a
   * client's turn sets it, and whoever runs commands outside of turns has it read.
   */
  clockUs = -1
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

  /**
   * Runs a command whose checks are done, measures it, and passes on what it changed. One that has waited and runs `again` counts
   * as one call.
   */
  execute(client: Client, definition: CommandDefinition, name: string, args: Args, keyspace: Keyspace, again = false): void {
    const node = this.#node
    const ctx = this.#ctx
    const settings = node.hotSettings
    settings.refresh()
    const isOutermost = this.#depth === 0
    // The reading after the last command is the one before this: to read the clock costs as much as to look up a key.
    const started = isOutermost && this.clockUs >= 0 ? this.clockUs : node.options.meter()
    const reply = client.reply
    this.running ??= client
    const outer = isOutermost
      ? undefined
      : {
          client: ctx.client,
          definition: ctx.definition,
          name: ctx.commandName,
          keyspace: ctx.keyspace,
          dirty: ctx.dirty,
          rewritten: ctx.rewritten,
          reply: ctx.reply,
          slot: ctx.slot
        }
    const outputBefore = client.output.length
    const queuedBytes = client.transaction?.bytes ?? 0
    this.#depth++
    reply.lastError = undefined
    ctx.begin(client, definition, name, keyspace)
    ctx.reply = reply
    ctx.slot = client.origin === 'client' ? this.slot : -1
    if (definition.writes && node.migrations.exporting) this.#announceKeys(client, definition, args)
    definition.run?.(ctx, args)
    if (client.tracking) node.tracking.remember(client, client.tracking, definition, args)
    if (node.monitors.isOn && !again) node.monitors.show(client, definition, args)
    // What our primary sent goes on as the bytes that came.
    if ((ctx.dirty > 0 || ctx.rewritten) && client.origin !== 'primary') this.#collect(client, ctx, definition, args)
    this.#depth--
    if (outer) {
      ctx.begin(outer.client, outer.definition, outer.name, outer.keyspace)
      ctx.dirty = outer.dirty
      ctx.rewritten = outer.rewritten
      ctx.reply = outer.reply
      ctx.slot = outer.slot
    }
    const endedUs = node.options.meter()
    const us = endedUs - started
    if (isOutermost) this.clockUs = endedUs
    const statistics = node.stats.ofCommand(name)
    if (again) statistics.us += us
    else node.stats.noteCall(statistics, us, settings.latencyTracking)
    if (reply.lastError !== undefined) {
      statistics.failed++
      node.stats.noteError(reply.lastError)
    }
    const replyBytes = client.output.length - outputBefore
    if (settings.slotStatsEnabled && this.#depth === 0 && this.slot >= 0 && client.origin === 'client') {
      node.slotStats.note(this.slot, us, args.wireBytes + queuedBytes, Math.max(0, replyBytes))
    }
    if (!definition.skipsCommandLog) this.#watchLatency(client, definition, args, us, replyBytes)
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
    const isWrite = ctx.rewritten ? ctx.rewritten.length > 0 : definition.writes || definition.mayReplicate
    if (!isWrite) return
    const { replication, migrations } = this.#node
    const { exporting } = migrations
    // While nobody follows, that something was written is all that counts.
    if (!replication.stream.kept && !exporting) {
      this.#hasUnheard = true
      return
    }
    if (!ctx.rewritten && this.#depth === 1 && this.#pending.length === 0 && args.requestEnd >= 0 && !exporting) {
      // Nearly every write goes on as the bytes that came.
      if (ctx.newHead) replication.feedTail(database, ctx.newHead, args, ctx.tailFrom)
      else replication.feedRequest(database, args)
      return
    }
    if (ctx.newHead) ctx.propagateAs(...ctx.newHead, ...args.views().slice(ctx.tailFrom))
    // Only exports ask for the slot.
    if (ctx.rewritten) {
      for (const parts of ctx.rewritten) this.#pending.push({ database, slot: exporting ? slotOfParts(parts) : -1, parts })
    } else {
      const indexes = exporting ? keyIndexes(definition.keys, args) : []
      const slot = indexes.length > 0 ? args.slot(indexes[0] as number) : -1
      // The arguments outlive the outermost command, at whose end they are passed on.
      this.#pending.push({ database, slot, parts: args.views() })
    }
  }

  #passOn(): void {
    const { replication, migrations } = this.#node
    if (this.#pending.length === 0) {
      if (this.#hasUnheard) replication.feedUnheard()
      this.#hasUnheard = false
      return
    }
    this.#hasUnheard = false
    const pending = this.#pending
    this.#pending = []
    replication.feed(pending)
    if (migrations.exporting) for (const one of pending) migrations.feed(one.database, one.slot, one.parts)
  }
}

/** Every rewritten form has its key right after the name, the subcommand or the number of keys. */
function slotOfParts(parts: readonly (Uint8Array | string)[]): number {
  const key = parts[parts[0] === 'XGROUP' || parts[0] === 'MSETEX' ? 2 : 1]
  return key instanceof Uint8Array ? keySlot(key) : -1
}
