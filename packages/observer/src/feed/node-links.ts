import type { NodeAddress } from '../caller.ts'
import type { PollKind } from './poll-plan.ts'

/** Our side of one node: where it is asked, when what was asked last, and whether it answers. */
export class NodeLink {
  /** 40 hex digits. */
  readonly id: string
  #announced: NodeAddress
  /** An address at which this very node has answered us: right when the announced one cannot be reached from here. */
  #proven: NodeAddress | null = null
  #useProven = false
  readonly #startedAtMs = new Map<PollKind, number>()
  readonly #running = new Map<PollKind, number>()
  #failures = 0
  #retryAtMs = 0
  #error: string | null = null
  #readAtMs = 0

  constructor(id: string, announced: NodeAddress) {
    this.id = id
    this.#announced = announced
  }

  get address(): NodeAddress {
    return this.#useProven && this.#proven ? this.#proven : this.#announced
  }

  /** Why the node does not answer; null: it does. */
  get error(): string | null {
    return this.#error
  }

  /** Wall clock of the last reply; 0: never. */
  get readAtMs(): number {
    return this.#readAtMs
  }

  announce(address: NodeAddress): void {
    if (address.host === this.#announced.host && address.port === this.#announced.port) return
    this.#announced = address
    this.#useProven = false
  }

  prove(address: NodeAddress): void {
    this.#proven = address
    if (this.#announced.host === '') this.#useProven = true
  }

  answered(atMs: number): void {
    this.#readAtMs = atMs
    this.#failures = 0
    this.#error = null
    this.#retryAtMs = 0
  }

  /** No reply. The next try comes later each time, at most 10 s; a proven address is tried in turn. */
  failed(error: string, atMs: number): void {
    if (this.#error === null) this.#startedAtMs.clear()
    this.#error = error
    this.#failures++
    this.#retryAtMs = atMs + Math.min(10_000, 500 * 2 ** Math.min(this.#failures, 5))
    if (this.#proven) this.#useProven = this.#announced.host === '' || !this.#useProven
  }

  /** When a poll of that kind and period is due; in flight or backing off counts as not yet. */
  dueAtMs(kind: PollKind, periodMs: number): number {
    if (this.#running.has(kind)) return Number.POSITIVE_INFINITY
    const started = this.#startedAtMs.get(kind)
    return Math.max(started === undefined ? 0 : started + periodMs, this.#retryAtMs)
  }

  /** `headStartMs`: the next asking comes so much earlier than a period later. */
  start(kind: PollKind, atMs: number, headStartMs = 0): void {
    this.#running.set(kind, atMs)
    this.#startedAtMs.set(kind, atMs - headStartMs)
  }

  wasAsked(kind: PollKind): boolean {
    return this.#startedAtMs.has(kind)
  }

  finish(kind: PollKind): void {
    this.#running.delete(kind)
  }

  isRunning(kind: PollKind): boolean {
    return this.#running.has(kind)
  }

  /** Due at once: something is known to have changed. */
  hurry(kind: PollKind): void {
    this.#startedAtMs.delete(kind)
  }

  /** The oldest question that has no reply yet. */
  get waitingSinceMs(): number | null {
    return this.#running.size === 0 ? null : Math.min(...this.#running.values())
  }
}
