import type { KeyDetailsAnswer, KeyDetailsRequest, KeyRow, KeyType, ScanAnswer, ScanRequest } from '@slotscope/observer/stream'
import { ApiFailure } from '../../api/client.ts'
import { KeyTree } from '../../model/key-tree.ts'
import { readableName } from '../../model/typed-bytes.ts'

/** What is looked for, and where. */
export type ScanScope = {
  readonly database: number
  /** Shard key; null: all shards. */
  readonly shard: string | null
  readonly pattern: string
  readonly type: KeyType | null
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
  readonly rows: readonly KeyRow[]
  /** Readable names, by the same index as `rows`. */
  readonly names: readonly string[]
  readonly details: ReadonlyMap<string, KeyDetail>
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
/** Rows whose details are asked for in one question; the api takes 100. */
const MOST_DETAILS = 100

/** `COUNT` of the SCAN that a scope leads to: wide windows when most keys are expected not to match. */
export function scanCount(scope: ScanScope): number {
  return scope.pattern === '' && scope.type === null ? PAGE_KEYS : 1_000
}

const nothing: ScanView = {
  phase: 'idle',
  rows: [],
  names: [],
  details: new Map(),
  walked: 0,
  total: 0,
  commands: 0,
  failure: null
}

/** One scan, from the first question to the last key. Nothing is sent before `more` is called. */
export class KeyScan {
  readonly scope: ScanScope
  readonly #port: ScanPort
  readonly #seen = new Set<string>()
  readonly #listeners = new Set<() => void>()
  readonly tree = new KeyTree()
  #view: ScanView = nothing
  #cursor: string | null = null
  #running: AbortController | null = null
  #asking: AbortController | null = null
  #found = 0
  /** Details were refused once: they are not asked for again until the person asks for more. */
  #detailsRefused = false

  constructor(scope: ScanScope, port: ScanPort) {
    this.scope = scope
    this.#port = port
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  view = (): ScanView => this.#view

  /** Begins, goes on to the next page, or resumes the page that was stopped. Resolves when the page is full or ended otherwise. */
  async more(): Promise<void> {
    const { phase } = this.#view
    if (phase === 'scanning' || phase === 'complete') return
    if (phase !== 'stopped' && phase !== 'failed') this.#found = 0
    const running = new AbortController()
    this.#running = running
    this.#detailsRefused = false
    this.#set({ phase: 'scanning', failure: null })
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
    const missing = keys.filter((key) => !this.#view.details.has(key)).slice(0, MOST_DETAILS)
    if (missing.length === 0) return
    const asking = new AbortController()
    this.#asking = asking
    try {
      const answer = await this.#port.details({ database: this.scope.database, keys: missing }, asking.signal)
      const details = new Map(this.#view.details)
      for (const key of missing) details.set(key, 'gone')
      for (const row of answer.keys) details.set(row.key, { row, atMs: answer.atMs })
      this.#set({ details, commands: this.#view.commands + answer.commands })
    } catch (error) {
      if (asking.signal.aborted) return
      this.#detailsRefused = true
      this.#set({ failure: error })
    } finally {
      this.#asking = null
    }
  }

  async #fillPage(signal: AbortSignal): Promise<void> {
    const { database, shard, pattern, type } = this.scope
    for (;;) {
      const count = Math.max(1, PAGE_KEYS - this.#found)
      const answer = await this.#patiently(
        (each) => this.#port.scan({ database, shard, pattern, type, cursor: this.#cursor, count }, each),
        signal
      )
      signal.throwIfAborted()
      this.#take(answer)
      if (answer.cursor === null) return this.#set({ phase: 'complete' })
      if (this.#found >= PAGE_KEYS) return this.#set({ phase: 'paused' })
      await this.#port.wait(BETWEEN_MS, signal)
    }
  }

  /** The api holds every session to a pace: when it says so, the question waits its turn instead of failing. */
  async #patiently<T>(ask: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await ask(signal)
      } catch (error) {
        if (!(error instanceof ApiFailure) || error.code !== 'TOO_MANY_REQUESTS') throw error
        await this.#port.wait(1_000, signal)
      }
    }
  }

  #take(answer: ScanAnswer): void {
    const fresh = answer.keys.filter(({ key }) => !this.#seen.has(key))
    for (const { key } of fresh) this.#seen.add(key)
    const names = fresh.map(({ key }) => readableName(key))
    this.tree.add(names)
    this.#cursor = answer.cursor
    this.#found += fresh.length
    this.#set({
      rows: fresh.length === 0 ? this.#view.rows : [...this.#view.rows, ...fresh],
      names: fresh.length === 0 ? this.#view.names : [...this.#view.names, ...names],
      walked: answer.cursor === null ? Math.max(answer.walked, this.#seen.size) : answer.walked,
      total: answer.total,
      commands: this.#view.commands + answer.commands
    })
  }

  #set(change: Partial<ScanView>): void {
    this.#view = { ...this.#view, ...change }
    for (const listener of this.#listeners) listener()
  }
}

/** Waits, or rejects as soon as the signal is aborted. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
