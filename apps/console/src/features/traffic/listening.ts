import type { HeardAnswer, HeardMessage, ListenAnswer, ListenRequest } from '@slotscope/observer/stream'

/** How the api is asked: apart, so that a test can answer. */
export type ListenDoor = {
  readonly begin: (request: ListenRequest) => Promise<ListenAnswer>
  readonly heard: (listener: string, after: number) => Promise<HeardAnswer>
  readonly end: (listener: string) => Promise<unknown>
}

/** A message, or a place at which some are missing. */
export type HeardRow =
  | ({ readonly kind: 'message'; readonly key: string } & HeardMessage)
  | { readonly kind: 'gap'; readonly key: string; readonly words: string }

export type ListenView = {
  readonly request: ListenRequest
  readonly status: 'beginning' | 'listening' | 'paused' | 'ended'
  /** Where it listens and how; null until it does. */
  readonly begun: ListenAnswer | null
  /** Newest first. */
  readonly rows: readonly HeardRow[]
  /** Over all stretches between pauses. */
  readonly received: number
  readonly receivedBytes: number
  readonly perSecond: number
  /** Why it ended; null: somebody stopped it, or it goes on. */
  readonly why: string | null
}

/** Rows that are kept on the page. */
const MOST_ROWS = 500
const ASK_MS = 1_000

/**
 * Listens to one channel or pattern until it is stopped: asks the api for what has come once a second, and lets go of the connection while the
 * page is hidden.
 */
export class Listening {
  readonly #door: ListenDoor
  readonly #changed: (view: ListenView) => void
  #view: ListenView
  /** Goes up with each stretch: an answer to an older one is not looked at. */
  #stretch = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #after = 0
  /** Of the stretches that are over. */
  #before = { received: 0, bytes: 0 }

  constructor(door: ListenDoor, request: ListenRequest, changed: (view: ListenView) => void) {
    this.#door = door
    this.#changed = changed
    this.#view = { request, status: 'beginning', begun: null, rows: [], received: 0, receivedBytes: 0, perSecond: 0, why: null }
    void this.#begin()
  }

  get view(): ListenView {
    return this.#view
  }

  /** For good. */
  stop(): void {
    if (this.#view.status === 'ended') return
    this.#letGo()
    this.#show({ status: 'ended', perSecond: 0 })
  }

  /** Nobody looks: the connection is given back. */
  pause(): void {
    if (this.#view.status !== 'listening' && this.#view.status !== 'beginning') return
    this.#letGo()
    this.#show({ status: 'paused', perSecond: 0 })
  }

  resume(): void {
    if (this.#view.status !== 'paused') return
    this.#before = { received: this.#view.received, bytes: this.#view.receivedBytes }
    this.#after = 0
    this.#add([{ kind: 'gap', key: `gap ${this.#stretch}`, words: 'paused while the page was hidden' }])
    this.#show({ status: 'beginning' })
    void this.#begin()
  }

  async #begin(): Promise<void> {
    const stretch = ++this.#stretch
    try {
      const begun = await this.#door.begin(this.#view.request)
      if (stretch !== this.#stretch) return void this.#door.end(begun.listener).catch(() => undefined)
      this.#show({ status: 'listening', begun })
      void this.#ask(stretch, begun.listener)
    } catch (error) {
      if (stretch === this.#stretch) this.#show({ status: 'ended', why: wordsOf(error) })
    }
  }

  async #ask(stretch: number, listener: string): Promise<void> {
    try {
      const answer = await this.#door.heard(listener, this.#after)
      if (stretch !== this.#stretch) return
      this.#take(answer, stretch)
      if (answer.ended !== null) {
        this.#stretch++
        return this.#show({ status: 'ended', why: answer.ended, perSecond: 0 })
      }
      this.#timer = setTimeout(() => void this.#ask(stretch, listener), ASK_MS)
    } catch (error) {
      if (stretch !== this.#stretch) return
      this.#letGo()
      this.#show({ status: 'ended', why: wordsOf(error), perSecond: 0 })
    }
  }

  #take({ messages, received, receivedBytes, perSecond }: HeardAnswer, stretch: number): void {
    const first = messages[0]
    const missing = first === undefined ? 0 : first.sequence - this.#after - 1
    const rows: HeardRow[] = messages.map((message) => ({ kind: 'message', key: `${stretch} ${message.sequence}`, ...message }))
    if (missing > 0)
      rows.unshift({
        kind: 'gap',
        key: `missing ${stretch} ${first?.sequence}`,
        words: `${missing.toLocaleString('en-US')} came too fast to be shown`
      })
    this.#after = messages.at(-1)?.sequence ?? this.#after
    this.#add(rows)
    this.#show({ received: this.#before.received + received, receivedBytes: this.#before.bytes + receivedBytes, perSecond })
  }

  /** Oldest first. */
  #add(rows: readonly HeardRow[]): void {
    if (rows.length === 0) return
    this.#view = { ...this.#view, rows: [...rows.toReversed(), ...this.#view.rows].slice(0, MOST_ROWS) }
  }

  #letGo(): void {
    this.#stretch++
    clearTimeout(this.#timer)
    const listener = this.#view.begun?.listener
    // It ends by itself where this does not reach it.
    if (listener !== undefined) this.#door.end(listener).catch(() => undefined)
  }

  #show(change: Partial<ListenView>): void {
    this.#view = { ...this.#view, ...change }
    this.#changed(this.#view)
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
