import { assert } from '../assert.ts'
import { formatRanges, SLOTS, type SlotRange } from '../cluster/slot.ts'
import type { Node } from '../node.ts'
import { type ExportState, exportTransitions, type ImportState, importTransitions, inProgress, type JobState } from './states.ts'

/** What both sides of a migration have in common, and what GETSLOTMIGRATIONS shows of either. */
export abstract class Job<S extends JobState = JobState> {
  abstract readonly operation: 'EXPORT' | 'IMPORT'
  /** 40 hex digits, the same on source, target and the target's replicas. */
  readonly name: string
  readonly ranges: readonly SlotRange[]
  /** Node ids; empty on a replica, which is not told. */
  readonly sourceId: string
  readonly targetId: string
  readonly createdAtMs: number
  message = ''
  updatedAtMs: number
  /** Wall clock of the last ACK; 0 before the first. */
  acknowledgedAtMs = 0
  protected readonly node: Node
  readonly #covered = new Uint8Array(SLOTS)
  #state: S

  constructor(node: Node, name: string, ranges: readonly SlotRange[], sourceId: string, targetId: string, state: S) {
    this.node = node
    this.name = name
    this.ranges = ranges
    this.sourceId = sourceId
    this.targetId = targetId
    this.createdAtMs = node.now.wallMs
    this.updatedAtMs = node.now.wallMs
    for (const [first, last] of ranges) this.#covered.fill(1, first, last + 1)
    this.#state = state
  }

  get state(): S {
    return this.#state
  }

  get inProgress(): boolean {
    return inProgress(this.#state)
  }

  covers(slot: number): boolean {
    return this.#covered[slot] === 1
  }

  /** The only way to another state; a step that the tables do not know is a programming error. */
  moveTo(state: S): void {
    const table = (this.operation === 'EXPORT' ? exportTransitions : importTransitions) as Record<string, readonly string[]>
    assert(table[this.#state]?.includes(state) ?? false, `migration ${this.name}: ${this.#state} -> ${state}`)
    this.log(`state transition: ${this.#state} -> ${state}`)
    this.#state = state
    this.updatedAtMs = this.node.now.wallMs
  }

  protected log(text: string): void {
    const peer = this.operation === 'EXPORT' ? `target_node_id: ${this.targetId}` : `source_node_id: ${this.sourceId}`
    this.node.log(
      'notice',
      `Slot migration {name: ${this.name}, operation: ${this.operation.toLowerCase()}, ${peer}, slots: ${formatRanges(this.ranges)}} ${text}`
    )
  }
}

export type { ExportState, ImportState }
