import type { KeyDetailsAnswer, KeyDetailsRequest, KeyRow, KeyType, ScanAnswer, ScanRequest } from '@slotscope/observer/stream'
import { KeyStore } from '../../model/key-store.ts'
import { patiently } from './patience.ts'

/** What is looked for, and where. */
export type ScanScope = {
  readonly database: number
  /** Shard key; null: all shards. */
  readonly shard: string | null
  readonly pattern: string
  readonly type: KeyType | null
  /** Only keys whose time to live is at most so long; null: all of them. */
  readonly expiresWithinMs: number | null
}

/**
 * `idle`: nothing was asked. `scanning`: a page is on its way. `stopped`: by the person, in the middle of a page. `paused`: a page is
 * full, more can be asked. `complete`: every key was walked over. `failed`: the last question was refused; what was seen stays.
 */
export type ScanPhase = 'idle' | 'scanning' | 'stopped' | 'paused' | 'complete' | 'failed'

/** Expiry and size of a key when they were read; `gone`: the key was not there any more. */
export type KeyDetail = { readonly row: KeyRow; readonly atMs: number } | 'gone'

export type ScanView = {
  readonly phase: ScanPhase
  /** It goes on page after page, to the last key. */
  readonly toTheEnd: boolean
  /** How many keys are listed. `keys` grows in place: this says that it grew. */
  readonly count: number
  /** base64url, in the order in which they were found, each with its type and shard. */
  readonly keys: Pick<KeyStore, 'keyAt' | 'typeAt' | 'shardAt' | 'slice' | 'joined'>
  readonly details: ReadonlyMap<string, KeyDetail>
  /** How often details came. */
  readonly detailed: number
  /** Keys walked over, and about how many there are. */
  readonly walked: number
  readonly total: number
  /** Commands that this scan has sent to the cluster, details included. */
  readonly commands: number
  readonly failure: unknown
}

export type ScanPort = {
  readonly scan: (request: ScanRequest, signal: AbortSignal) => Promise<ScanAnswer>
  readonly details: (request: KeyDetailsRequest, signal: AbortSignal) => Promise<KeyDetailsAnswer>
  /** Resolves after so many milliseconds, or rejects when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Keys that fill a page. */
export const PAGE_KEYS = 200
/** Between two questions of one page: a scan that finds little must not fill a node's time. */
const BETWEEN_MS = 40
/** The same where each key costs a command of its own: at most 2,000 of them a second. */
const BETWEEN_EXPIRING_MS = 100
/** Keys asked for at once by a scan that goes on to the last key. */
const AT_ONCE = 1_000
/** Rows whose details are asked for in one question; the api takes 100. */
const MOST_DETAILS = 100

/** `COUNT` of the SCAN that a scope leads to: wide windows when most keys are expected not to match. */
export function scanCount(scope: ScanScope): number {
  return scope.expiresWithinMs !== null || (scope.pattern === '' && scope.type === null) ? PAGE_KEYS : 1_000
}

/** One scan, from the first question to the last key. Nothing is sent before `more` is called. */
export class KeyScan {
  readonly scope: ScanScope
  readonly #port: ScanPort
  readonly #listeners = new Set<() => void>()
  readonly #keys = new KeyStore()
  readonly #details = new Map<string, KeyDetail>()
  #view: ScanView
  #cursor: string | null = null
  #running: AbortController | null = null
  #asking: AbortController | null = null
  #found = 0
  /** Details were refused once: they are not asked for again until the person asks for more. */
  #detailsRefused = false

  constructor(scope: ScanScope, port: ScanPort) {
    this.scope = scope
    this.#port = port
    this.#view = {
      phase: 'idle',
      toTheEnd: false,
      count: 0,
      keys: this.#keys,
      details: this.#details,
      detailed: 0,
      walked: 0,
      total: 0,
      commands: 0,
      failure: null
    }
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  view = (): ScanView => this.#view

  /**
   * Begins, goes on to the next page, or resumes the page that was stopped; with `toTheEnd` it goes on page after page. Resolves when the
   * page is full, every key was walked over, or it ended otherwise.
   */
  async more({ toTheEnd = false } = {}): Promise<void> {
    const { phase } = this.#view
    if (phase === 'scanning' || phase === 'complete') return
    if (phase !== 'stopped' && phase !== 'failed') this.#found = 0
    const running = new AbortController()
    this.#running = running
    this.#detailsRefused = false
    this.#set({ phase: 'scanning', toTheEnd, failure: null })
    try {
      await this.#fillPage(running.signal)
    } catch (error) {
      if (this.#running !== running) return
      this.#set(running.signal.aborted ? { phase: 'stopped' } : { phase: 'failed', failure: error })
    } finally {
      if (this.#running === running) this.#running = null
    }
  }

  /** Stops in the middle of a page. What was found stays, and `more` resumes. */
  stop(): void {
    if (!this.#running) return
    this.#running.abort()
    this.#running = null
    this.#set({ phase: 'stopped' })
  }

  /** Ends all questions; the scan is not used any more. */
  close(): void {
    this.stop()
    this.#asking?.abort()
  }

  /** Asks for expiry and size of the rows in sight that are not known yet. One question at a time; a later call asks for the rest. */
  async wantDetails(keys: readonly string[]): Promise<void> {
    if (this.#asking || this.#detailsRefused) return
    const missing = keys.filter((key) => !this.#details.has(key)).slice(0, MOST_DETAILS)
    if (missing.length === 0) return
    const asking = new AbortController()
    this.#asking = asking
    try {
      const answer = await this.#port.details({ database: this.scope.database, keys: missing }, asking.signal)
      for (const key of missing) this.#details.set(key, 'gone')
      for (const row of answer.keys) this.#details.set(row.key, { row, atMs: answer.atMs })
      this.#set({ detailed: this.#view.detailed + 1, commands: this.#view.commands + answer.commands })
    } catch (error) {
      if (asking.signal.aborted) return
      this.#detailsRefused = true
      this.#set({ failure: error })
    } finally {
      this.#asking = null
    }
  }

  async #fillPage(signal: AbortSignal): Promise<void> {
    const { scope } = this
    for (;;) {
      const { toTheEnd } = this.#view
      const count = toTheEnd ? AT_ONCE : Math.max(1, PAGE_KEYS - this.#found)
      const answer = await patiently((each) => this.#port.scan({ ...scope, cursor: this.#cursor, count }, each), signal, this.#port.wait)
      signal.throwIfAborted()
      this.#take(answer)
      if (answer.cursor === null) return this.#set({ phase: 'complete' })
      if (!toTheEnd && this.#found >= PAGE_KEYS) return this.#set({ phase: 'paused' })
      await this.#port.wait(scope.expiresWithinMs === null ? BETWEEN_MS : BETWEEN_EXPIRING_MS, signal)
    }
  }

  #take(answer: ScanAnswer): void {
    for (const { key, type, shard } of answer.keys) if (this.#keys.add(key, type, shard)) this.#found += 1
    this.#cursor = answer.cursor
    this.#set({
      count: this.#keys.count,
      walked: answer.cursor === null ? Math.max(answer.walked, this.#keys.count) : answer.walked,
      total: answer.total,
      commands: this.#view.commands + answer.commands
    })
  }

  #set(change: Partial<ScanView>): void {
    this.#view = { ...this.#view, ...change }
    for (const listener of this.#listeners) listener()
  }
}
