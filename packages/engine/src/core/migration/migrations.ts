import type { Client } from '../client.ts'
import { eachSlot, formatRanges, keySlot, SLOTS, type SlotRange } from '../cluster/slot.ts'
import type { ClusterNode } from '../cluster/view.ts'
import { keyIndexes } from '../commands/define-command.ts'
import { commandTable } from '../commands/table.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import type { ReplyWriter } from '../resp/reply-writer.ts'
import { ExportJob } from './export-job.ts'
import { ImportJob } from './import-job.ts'
import { Quarantine } from './quarantine.ts'
import { hasEnded } from './states.ts'

/** A slot changed hands in this node's view. */
export type OwnershipChange = { readonly slot: number; readonly from: ClusterNode | undefined; readonly to: ClusterNode | undefined }

type AnyJob = ExportJob | ImportJob

/**
 * All slot migration jobs of this node. It gives jobs what happens around them: writes, passing time, slots that change
 * hands; and knows which slots' writes are paused and which keys are out of sight.
 */
export class Migrations {
  readonly #node: Node
  /** Newest first, running and ended. */
  #jobs: AnyJob[] = []
  #exports: ExportJob[] = []
  #imports: ImportJob[] = []
  #quarantines: Quarantine[] = []
  readonly #paused = new Uint8Array(SLOTS)
  /** Some slots' writes are paused. */
  pausing = false

  constructor(node: Node) {
    this.#node = node
  }

  // ---- what others ask ---------------------------------------------------------------------------------------------

  /** Are there exports at all, under way or remembered? */
  get hasExports(): boolean {
    return this.#exports.length > 0
  }

  /** Some export takes writes: they must be offered to `feed`. */
  get exporting(): boolean {
    return this.#exports.length > 0 && this.#exports.some((job) => job.streaming)
  }

  get exportInProgress(): boolean {
    return this.#exports.some((job) => job.inProgress)
  }

  get importInProgress(): boolean {
    return this.#imports.some((job) => job.inProgress)
  }

  /** A hand-over has been granted: FLUSH* waits, since it can no longer fail the job. */
  get holdsFlush(): boolean {
    return this.#exports.some((job) => job.pausing && job.state === 'failover-granted')
  }

  /** The longest pause under way, in milliseconds; 0: none. */
  get pauseLeftMs(): number {
    return Math.max(0, ...this.#exports.map((job) => job.pauseLeftMs))
  }

  /** Bytes that wait on export links. */
  get exportBufferBytes(): number {
    return this.#exports.reduce((sum, job) => sum + job.unsentBytes, 0)
  }

  /** Keys that moved away and are not dropped yet. */
  get quarantinedKeys(): number {
    return this.#quarantines.reduce((sum, quarantine) => sum + quarantine.keys, 0)
  }

  pausesSlot(slot: number): boolean {
    return this.#paused[slot] === 1
  }

  /** Granted, the pause has passed, and nobody knows who serves: such slots answer CLUSTERDOWN. */
  inLimbo(slot: number): boolean {
    return this.#exports.some((job) => job.inLimbo && job.covers(slot))
  }

  /** The keyspace in which an unfinished import builds this slot. */
  stagedKeyspaceOf(slot: number): Keyspace | undefined {
    return this.#importOf(slot)?.staged
  }

  /** Imports in progress, for a full sync: their names, ranges and keys must reach the replica. */
  stagedImports(): readonly { readonly name: string; readonly ranges: readonly SlotRange[]; readonly staged: Keyspace }[] {
    return this.#imports.filter((job) => job.inProgress)
  }

  /** May this node's claim on the slot be accepted though its epoch is not greater? Only by the one we granted it to. */
  coversGrantedExport(slot: number, claimant: ClusterNode): boolean {
    return this.#exports.some((job) => job.state === 'failover-granted' && job.target === claimant && job.covers(slot))
  }

  // ---- operator commands -------------------------------------------------------------------------------------------

  /** Is the slot in an unfinished export? */
  isExporting(slot: number): boolean {
    return this.#exports.some((job) => job.inProgress && job.covers(slot))
  }

  isImporting(slot: number): boolean {
    return this.#importOf(slot) !== undefined
  }

  startExport(ranges: readonly SlotRange[], target: ClusterNode): void {
    const job = new ExportJob(this.#node, { pauseChanged: () => this.#recountPauses() }, ranges, target)
    this.#add(job)
    job.begin()
  }

  /** Cancels every export in progress; the number of those that were. */
  cancelExports(): number {
    return this.#exports.filter((job) => job.inProgress && job.cancel()).length
  }

  establishImport(client: Client, name: string, ranges: readonly SlotRange[], sourceId: string): void {
    for (const slot of eachSlot(ranges)) for (const quarantine of this.#quarantines) quarantine.forgetSlot(slot)
    this.#add(ImportJob.establish(this.#node, client, name, ranges, sourceId))
  }

  writeList(reply: ReplyWriter): void {
    reply.array(this.#jobs.length)
    for (const job of this.#jobs) writeJob(reply, job)
  }

  // ---- what happens around the jobs --------------------------------------------------------------------------------

  /** A write that took effect; -1: it has no key. */
  feed(database: number, slot: number, parts: readonly (Uint8Array | string)[]): void {
    if (slot < 0) return
    for (const job of this.#exports) if (job.streaming && job.covers(slot)) job.feed(database, parts)
  }

  /** A write command is about to run: keys that it only reads must be at the target before it. */
  beforeWrite(database: number, slot: number, args: Args, indexes: readonly number[]): void {
    if (indexes.length < 2) return
    for (const job of this.#exports) {
      if (!job.streaming || !job.covers(slot)) continue
      for (const index of indexes) job.beforeRead(database, slot, args.bytes(index))
    }
  }

  /** A command on an import link. */
  applyImported(client: Client, args: Args): void {
    const job = this.#imports.find((candidate) => candidate.client === client)
    if (!job?.inProgress) return
    this.#node.stats.slotImportBytes += bytesOf(args)
    const before = client.output.length
    client.reply.lastError = undefined
    const error = this.#applyStaged(job, client, args)
    // Nothing but SYNCSLOTS messages goes back on this link.
    if (error !== 'message') {
      client.output.truncate(before)
      job.applied(error)
    }
  }

  /** `CLUSTER SYNCSLOTS ESTABLISH` or `FINISH` in our primary's stream. */
  applyFromPrimary(args: Args): void {
    if (args.is(2, 'ESTABLISH')) {
      const parsed = parseEstablish(args)
      if (parsed) this.restoreImport(parsed.name, parsed.ranges)
      return
    }
    if (!args.is(2, 'FINISH')) return
    let state: 'SUCCESS' | 'FAILED' = 'FAILED'
    let name = ''
    let message = ''
    for (let i = 3; i + 1 < args.length; i += 2) {
      if (args.is(i, 'STATE')) state = args.is(i + 1, 'SUCCESS') ? 'SUCCESS' : 'FAILED'
      else if (args.is(i, 'NAME')) name = args.text(i + 1)
      else if (args.is(i, 'MESSAGE')) message = args.text(i + 1)
    }
    this.#imports.find((job) => job.name === name && job.state === 'occurring-on-primary')?.finish(state, message)
  }

  /** A replica follows an import of its primary, told by the stream or by the RDB of a full sync. */
  restoreImport(name: string, ranges: readonly SlotRange[]): Keyspace {
    const known = this.#imports.find((job) => job.name === name && job.inProgress)
    if (known) return known.staged
    const job = ImportJob.track(this.#node, name, ranges)
    this.#add(job)
    return job.staged
  }

  /** A full sync replaced everything: what was tracked before it is void. */
  forgetTracked(): void {
    this.#endTracked('Full resynchronization occurred')
  }

  ownershipChanged(changes: readonly OwnershipChange[]): void {
    const { myself } = this.#node.cluster
    this.#endJobsOf(changes)
    const lost = new Map<ClusterNode, number[]>()
    for (const { slot, from, to } of changes) {
      if (from !== myself || !to || this.#node.role !== 'primary') continue
      if (this.#node.keyspace.sizeOfSlot(slot) === 0) continue
      const slots = lost.get(to)
      if (slots) slots.push(slot)
      else lost.set(to, [slot])
    }
    for (const [owner, slots] of lost) {
      this.#quarantines.push(new Quarantine(this.#node, slots, owner))
      // One command per slot tells our replicas; the reference sends a DEL per key.
      for (const slot of slots) this.#node.propagate(0, -1, [['CLUSTER', 'FLUSHSLOT', String(slot), 'ASYNC']])
    }
    if (changes.length > 0) this.#node.dispatcher.resumePostponed()
  }

  /** FLUSHDB or FLUSHALL on this node. */
  flushed(): void {
    for (const job of this.#jobs) {
      if (!job.inProgress || job.state === 'failover-granted' || job.state === 'occurring-on-primary') continue
      job.fail('Data was flushed')
    }
  }

  cron(run: number): void {
    const second = run % 10 === 0
    if (this.#node.role === 'primary') this.#endTracked('A failover occurred during slot import')
    for (const job of this.#jobs) if (job.inProgress) job.cron(second)
    this.#quarantines = this.#quarantines.filter((quarantine) => !quarantine.release())
    this.#trim()
  }

  beforeSleep(): void {
    for (const job of this.#jobs) if (job.inProgress) job.proceed()
  }

  /** Imports of a primary that we no longer follow; what was built of them here goes. */
  #endTracked(message: string): void {
    for (const job of this.#imports) if (job.state === 'occurring-on-primary') job.fail(message)
  }

  // ---- inside ------------------------------------------------------------------------------------------------------

  #add(job: AnyJob): void {
    this.#jobs.unshift(job)
    if (job.operation === 'EXPORT') this.#exports.unshift(job)
    else this.#imports.unshift(job)
    this.#trim()
  }

  /** Ended jobs beyond `cluster-slot-migration-log-max-len` are forgotten, the oldest first. */
  #trim(): void {
    let room = this.#node.config.number('cluster-slot-migration-log-max-len')
    const keep = (job: AnyJob) => !hasEnded(job.state) || room-- > 0
    const kept = this.#jobs.filter(keep)
    if (kept.length === this.#jobs.length) return
    const left = new Set(kept)
    this.#jobs = kept
    this.#exports = this.#exports.filter((job) => left.has(job))
    this.#imports = this.#imports.filter((job) => left.has(job))
  }

  #importOf(slot: number): ImportJob | undefined {
    return this.#imports.find((job) => job.inProgress && job.covers(slot))
  }

  #recountPauses(): void {
    this.#paused.fill(0)
    this.pausing = false
    for (const job of this.#exports) {
      if (!job.pausing) continue
      this.pausing = true
      for (const [first, last] of job.ranges) this.#paused.fill(1, first, last + 1)
    }
    this.#node.dispatcher.resumePostponed()
  }

  #endJobsOf(changes: readonly OwnershipChange[]): void {
    const { view, myself } = this.#node.cluster
    for (const job of this.#exports) {
      if (!job.inProgress || !changes.some((change) => job.covers(change.slot))) continue
      const slots = [...eachSlot(job.ranges)]
      if (job.state === 'failover-granted' && slots.every((slot) => view.ownerOf(slot) === job.target)) job.succeed()
      else if (slots.some((slot) => view.ownerOf(slot) !== myself && view.ownerOf(slot) !== job.target))
        job.fail('Slots are no longer owned by myself')
      else if (job.state !== 'failover-granted') job.fail('Slots are no longer owned by myself')
    }
    for (const job of this.#imports) {
      if (!job.inProgress || job.state === 'occurring-on-primary' || job.state === 'failover-granted') continue
      if (changes.some((change) => job.covers(change.slot) && change.to?.id !== job.sourceId))
        job.fail('Slots are no longer owned by source node')
    }
  }

  /** Undefined: applied; a text: what went wrong; 'message': it was a SYNCSLOTS message. */
  #applyStaged(job: ImportJob, client: Client, args: Args): string | undefined {
    const found = commandTable.find(args)
    if (found.kind !== 'found') return found.error
    const { definition, name } = found
    if (definition.name === 'CLUSTER|SYNCSLOTS') {
      job.heard(args.text(2).toUpperCase())
      return 'message'
    }
    if (definition.name === 'SELECT') {
      const index = args.length === 2 ? args.integerBetween(1, 0, this.#node.keyspace.count - 1) : undefined
      if (index === undefined) return 'ERR DB index is out of range'
      client.database = index
      return undefined
    }
    if (definition.name === 'PING') return undefined
    const indexes = keyIndexes(definition.keys, args)
    if (!definition.writes || indexes.length === 0) return `ERR '${name}' is not a write command on keys`
    for (const index of indexes)
      if (!job.covers(keySlot(args.bytes(index)))) return `ERR key of '${name}' is not in the slots of this migration`
    this.#node.execution.execute(client, definition, name, args, job.staged)
    return client.reply.lastError
  }
}

/** Field order and types as the reference (specification, section 1); the last three are ours, and a reference client skips them. */
function writeJob(reply: ReplyWriter, job: AnyJob): void {
  const tracked = job.operation === 'IMPORT' && job.targetId === ''
  const exported = job.operation === 'EXPORT' ? job : undefined
  reply.map((tracked ? 10 : 12) + (exported ? 3 : 0))
  const text = (name: string, value: string) => {
    reply.text(name)
    reply.text(value)
  }
  const number = (name: string, value: number) => {
    reply.text(name)
    reply.integer(value)
  }
  text('name', job.name)
  text('operation', job.operation)
  text('slot_ranges', formatRanges(job.ranges))
  if (!tracked) {
    text('target_node', job.targetId)
    text('source_node', job.sourceId)
  }
  number('create_time', Math.floor(job.createdAtMs / 1000))
  number('last_update_time', Math.floor(job.updatedAtMs / 1000))
  number('last_ack_time', Math.floor(job.acknowledgedAtMs / 1000))
  text('state', job.state)
  text('message', job.message)
  number('cow_size', 0)
  number('remaining_repl_size', exported?.unsentBytes ?? 0)
  if (exported) {
    number('keys_done', exported.keysDone)
    number('keys_total', exported.keysTotal)
    number('bytes_sent', exported.bytesSent)
  }
}

function bytesOf(args: Args): number {
  let bytes = 0
  for (let i = 0; i < args.length; i++) bytes += args.size(i)
  return bytes
}

/** `ESTABLISH SOURCE id NAME job SLOTSRANGE s e ...` in any order of the three; undefined when a field is missing or wrong. */
export function parseEstablish(args: Args): { readonly source: string; readonly name: string; readonly ranges: SlotRange[] } | undefined {
  let source: string | undefined
  let name: string | undefined
  let ranges: SlotRange[] | undefined
  for (let i = 3; i < args.length; ) {
    if (args.is(i, 'SOURCE') && source === undefined && args.size(i + 1) === 40) {
      source = args.text(i + 1)
      i += 2
    } else if (args.is(i, 'NAME') && name === undefined && args.size(i + 1) === 40) {
      name = args.text(i + 1)
      i += 2
    } else if (args.is(i, 'SLOTSRANGE') && ranges === undefined) {
      ranges = []
      i++
      while (i + 1 < args.length) {
        const first = args.integerBetween(i, 0, SLOTS - 1)
        const last = args.integerBetween(i + 1, 0, SLOTS - 1)
        if (first === undefined || last === undefined || first > last) break
        ranges.push([first, last])
        i += 2
      }
      if (ranges.length === 0) return undefined
    } else return undefined
  }
  return source !== undefined && name !== undefined && ranges ? { source, name, ranges } : undefined
}
