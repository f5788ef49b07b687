import type { NodeAddress } from '../caller.ts'
import { POLL_KINDS, type PollKind, SLOW_REPLY_MS } from './poll-plan.ts'

/** Our side of one node: where it is asked, when what was asked last, and whether it answers. */
export class NodeLink {
  /** 40 hex digits. */
  readonly id: string
  #announced: NodeAddress
  /** An address at which this very node has answered us: right when the announced one cannot be reached from here. */
  #proven: NodeAddress | null = null
  #useProven = false
  /** By kind, NaN for never and not: thousands of nodes are gone through many times a second. */
  readonly #startedAtMs = new Float64Array(POLL_KINDS.length).fill(Number.NaN)
  readonly #runningSinceMs = new Float64Array(POLL_KINDS.length).fill(Number.NaN)
  #failures = 0
  #retryAtMs = 0
  #error: string | null = null
  #readAtMs = 0
  #slowness = 1
  #tookMs = 0
  /** Until then the node is not asked, so that our share of its time stays small. */
  restUntilMs = 0

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
    const { host, port, hostname } = this.#announced
    if (address.host === host && address.port === port && address.hostname === hostname) return
    this.#announced = address
    this.#useProven = false
  }

  prove(address: NodeAddress): void {
    this.#proven = address
    if (this.#announced.host === '') this.#useProven = true
  }

  /** By how much less often the node is asked because its replies are slow: 1, 2, 4 or 8. */
  get slowness(): number {
    return this.#slowness
  }

  /** How long the last reply took, milliseconds. */
  get tookMs(): number {
    return this.#tookMs
  }

  answered(atMs: number, tookMs: number): void {
    this.#readAtMs = atMs
    this.#tookMs = tookMs
    if (tookMs > SLOW_REPLY_MS) this.#slowness = Math.min(8, this.#slowness * 2)
    else if (tookMs < SLOW_REPLY_MS / 2) this.#slowness = Math.max(1, this.#slowness / 2)
    this.#failures = 0
    this.#error = null
    this.#retryAtMs = 0
  }

  /** No reply. The next try comes later each time, at most 10 s; a proven address is tried in turn. */
  failed(error: string, atMs: number): void {
    if (this.#error === null) this.#startedAtMs.fill(Number.NaN)
    this.#error = error
    this.#failures++
    this.#retryAtMs = atMs + Math.min(10_000, 500 * 2 ** Math.min(this.#failures, 5))
    if (this.#proven) this.#useProven = this.#announced.host === '' || !this.#useProven
  }

  /** When a poll of that kind and period is due; in flight or backing off counts as not yet. A slow node's periods are longer. */
  dueAtMs(kind: PollKind, periodMs: number): number {
    const index = indexOf[kind]
    // What is not asked is never due, asked before or not.
    if (periodMs === Number.POSITIVE_INFINITY || !Number.isNaN(this.#runningSinceMs[index])) return Number.POSITIVE_INFINITY
    const startedAtMs = this.#startedAtMs[index] as number
    return Math.max(Number.isNaN(startedAtMs) ? 0 : startedAtMs + periodMs * this.#slowness, this.#retryAtMs, this.restUntilMs)
  }

  /** `headStartMs`: the next asking comes so much earlier than a period later. */
  start(kind: PollKind, atMs: number, headStartMs = 0): void {
    this.#runningSinceMs[indexOf[kind]] = atMs
    this.#startedAtMs[indexOf[kind]] = atMs - headStartMs
  }

  wasAsked(kind: PollKind): boolean {
    return !Number.isNaN(this.#startedAtMs[indexOf[kind]])
  }

  finish(kind: PollKind): void {
    this.#runningSinceMs[indexOf[kind]] = Number.NaN
  }

  isRunning(kind: PollKind): boolean {
    return !Number.isNaN(this.#runningSinceMs[indexOf[kind]])
  }

  /** Due at once: something is known to have changed. */
  hurry(kind: PollKind): void {
    this.#startedAtMs[indexOf[kind]] = Number.NaN
  }

  /** The oldest question that has no reply yet. */
  get waitingSinceMs(): number | null {
    let oldestMs: number | null = null
    for (const sinceMs of this.#runningSinceMs) if (!Number.isNaN(sinceMs) && (oldestMs === null || sinceMs < oldestMs)) oldestMs = sinceMs
    return oldestMs
  }
}

const indexOf = Object.fromEntries(POLL_KINDS.map((kind, index) => [kind, index])) as Readonly<Record<PollKind, number>>
