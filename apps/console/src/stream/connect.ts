import type { Ask, Frame, Topic } from '@slotscope/observer/stream'
import { askTicket } from '../api/session.ts'
import { type EarlyStream, streamAtHand, takeStream } from '../early/early.ts'
import { type ClusterStore, LATE_MS } from './store.ts'

/** Waits between attempts, milliseconds; the last one repeats. */
const backOffMs = [250, 500, 1_000, 2_000, 4_000, 8_000]
/** Versions are acknowledged at most this often per topic. */
const ackEveryMs = 500
/** How often silence is looked for; after so long of it a socket is given up, however open it looks. */
const ageEveryMs = 1_000
const silentMs = 30_000
/** After so long of nothing but old frames another socket is opened. */
const oldNewsMs = 20_000
/** So long a socket may take to its first frame, doubled with every attempt: until it comes, the clock is only known to that. */
const helloWithinMs = 2_000
/** A hidden page keeps its socket this long before it asks for nothing but `core`. */
const hiddenAfterMs = 10_000

/**
 * Keeps one WebSocket to the api open and feeds the store from it. A lost socket is opened again with back-off, held topics
 * are resumed from their versions, and a hidden page tells the api so, which then polls the cluster less.
 */
export class StreamConnection {
  readonly #store: ClusterStore
  readonly #path: string
  readonly #onRefused: () => void
  #socket: WebSocket | null = null
  /** The stream that the page opened before this was there, and how many of its frames are folded already. */
  readonly #early: EarlyStream | null
  #folded = 0
  /** Of the ticket that is being asked for; another one means that its answer is too late. */
  #asking: symbol | null = null
  #attempt = 0
  #retry: ReturnType<typeof setTimeout> | null = null
  #hideTimer: ReturnType<typeof setTimeout> | null = null
  #visible = true
  #greeted = false
  #closed = false
  readonly #acks = new Map<Topic, number>()
  #ackTimer: ReturnType<typeof setTimeout> | null = null
  #ageTimer: ReturnType<typeof setInterval> | null = null
  #heardAtMs = 0
  #oldNewsSinceMs: number | null = null

  /**
   * Of the stream at a path of this origin. What has come on one that the page opened early is folded at once, so that it can be drawn before
   * `open`. `onRefused` is called when a socket closes before its hello: the session may be over.
   */
  constructor(store: ClusterStore, path: string, onRefused: () => void) {
    this.#store = store
    this.#path = path
    this.#onRefused = onRefused
    this.#early = streamAtHand(path)
    if (this.#early) this.#fold(this.#early)
    store.join({
      topicsChanged: () => this.#watch(),
      send: (ask) => this.#send(ask)
    })
  }

  /** Opens the socket; safe to call again after `close`. */
  open(): void {
    this.#closed = false
    document.addEventListener('visibilitychange', this.#visibilityChanged)
    addEventListener('online', this.#networkBack)
    this.#ageTimer ??= setInterval(() => this.#noticeSilence(), ageEveryMs)
    if (this.#early && takeStream(this.#early)) void this.#adopt(this.#early)
    else void this.#connect()
  }

  close(): void {
    this.#closed = true
    document.removeEventListener('visibilitychange', this.#visibilityChanged)
    removeEventListener('online', this.#networkBack)
    for (const timer of [this.#retry, this.#hideTimer, this.#ackTimer]) if (timer) clearTimeout(timer)
    this.#retry = this.#hideTimer = this.#ackTimer = null
    if (this.#ageTimer) clearInterval(this.#ageTimer)
    this.#ageTimer = null
    this.#asking = null
    this.#socket?.close(1000)
    this.#socket = null
  }

  /** Tries at once instead of waiting for the back-off. */
  retryNow(): void {
    if (this.#socket || this.#asking || this.#closed) return
    if (this.#retry) clearTimeout(this.#retry)
    void this.#connect()
  }

  /** Every socket needs a ticket of its own. It is offered as a subprotocol, the one thing that a page may send along. */
  async #connect(): Promise<void> {
    this.#retry = null
    this.#greeted = false
    const asking = Symbol('ticket')
    this.#asking = asking
    const answer = await askTicket().catch(() => null)
    if (this.#asking !== asking) return
    this.#asking = null
    if (answer === null) {
      this.#lost()
      return
    }
    this.#store.clock.asked()
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    const socket = new WebSocket(`${scheme}://${location.host}${this.#path}`, ['slotscope', `ticket.${answer.ticket}`])
    socket.binaryType = 'arraybuffer'
    this.#hear(socket)
  }

  /**
   * Folds what has come on a stream that is not taken yet, as far as it only tells something: what it asks of this connection, its goodbye
   * above all, waits until the socket is its own.
   */
  #fold({ socket, askedAtMs, frames }: EarlyStream): void {
    if (socket?.readyState !== WebSocket.OPEN) return
    this.#store.clock.asked(askedAtMs)
    for (const data of frames) {
      if (typeof data !== 'string') break
      const frame = JSON.parse(data) as Frame
      if (frame.type === 'bye') break
      this.#store.receive(frame)
      this.#folded++
    }
  }

  /** Goes on with the stream that the page opened early, or opens another one when nothing came of it. */
  async #adopt(early: EarlyStream): Promise<void> {
    const asking = Symbol('early stream')
    this.#asking = asking
    if (early.socket === null) await early.opened
    const { socket, frames } = early
    if (this.#asking !== asking) {
      socket?.close(1000)
      return
    }
    this.#asking = null
    if (socket === null || socket.readyState > WebSocket.OPEN) return this.#connect()
    this.#store.clock.asked(early.askedAtMs)
    this.#hear(socket)
    if (this.#folded > 0) this.#greet()
    for (const data of frames.slice(this.#folded)) if (socket === this.#socket) this.#message(data)
  }

  #hear(socket: WebSocket): void {
    this.#socket = socket
    this.#heardAtMs = Date.now()
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (socket === this.#socket) this.#message(event.data)
    }
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost()
    }
  }

  /** A link that died without a word, or a machine that slept: the socket stays open and nothing comes. */
  #noticeSilence(): void {
    this.#store.noticeAge()
    const allowedMs = this.#greeted ? silentMs : Math.min(silentMs, helloWithinMs * 2 ** this.#attempt)
    if (this.#socket && Math.abs(Date.now() - this.#heardAtMs) > allowedMs) this.#lost()
    else this.#noticeOldNews()
  }

  /** Frames come, and all of them are old for long: a clock was set, which only a greeting measures anew. */
  #noticeOldNews(): void {
    const nowMs = Date.now()
    if (this.#store.connection.phase !== 'late' || nowMs - this.#heardAtMs > LATE_MS) this.#oldNewsSinceMs = null
    else this.#oldNewsSinceMs ??= nowMs
    if (this.#oldNewsSinceMs === null || nowMs - this.#oldNewsSinceMs < oldNewsMs) return
    this.#oldNewsSinceMs = null
    this.#lost()
  }

  #message(data: string | ArrayBuffer): void {
    this.#heardAtMs = Date.now()
    if (typeof data !== 'string') {
      this.#acknowledge(this.#store.receiveBinary(new Uint8Array(data)))
      return
    }
    const frame = JSON.parse(data) as Frame
    this.#acknowledge(this.#store.receive(frame))
    if (frame.type === 'hello') this.#greet()
    if (frame.type === 'bye') this.#farewell()
  }

  /** The other side has said hello: it is told what is held and what is watched, unless it speaks another version. */
  #greet(): void {
    this.#greeted = true
    this.#attempt = 0
    if (this.#store.connection.phase === 'ended') {
      this.close()
      return
    }
    for (const ask of this.#store.resumeAsks()) this.#send(ask)
    this.#watch()
  }

  /** `server-stopping` is a restart as far as a viewer can tell, and a slow viewer may try again; the others are final. */
  #farewell(): void {
    const { bye } = this.#store.connection
    if (bye === 'server-stopping' || bye === 'slow-viewer') this.#lost()
    else this.close()
    if (bye === 'logged-out') this.#onRefused()
  }

  #lost(): void {
    this.#socket?.close()
    this.#socket = null
    if (this.#closed) return
    if (!this.#greeted) this.#onRefused()
    const wait = backOffMs[Math.min(this.#attempt++, backOffMs.length - 1)]! * (0.75 + Math.random() / 2)
    const { phase } = this.#store.connection
    const first = phase === 'live' || phase === 'ended'
    this.#store.setConnection({
      phase: phase === 'connecting' ? 'connecting' : 'reconnecting',
      ...(first ? { sinceMs: Date.now() } : {}),
      retryAtMs: Date.now() + wait
    })
    this.#retry = setTimeout(() => void this.#connect(), wait)
  }

  #watch(): void {
    if (this.#greeted) this.#send({ type: 'watch', topics: this.#store.watched, visible: this.#visible })
  }

  #acknowledge(seen: { readonly topic: Topic; readonly version: number } | null): void {
    if (!seen) return
    this.#acks.set(seen.topic, seen.version)
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = null
      for (const [topic, version] of this.#acks) this.#send({ type: 'ack', topic, version })
      this.#acks.clear()
    }, ackEveryMs)
  }

  #send(ask: Ask): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(ask))
  }

  #networkBack = (): void => this.retryNow()

  #visibilityChanged = (): void => {
    if (this.#hideTimer) clearTimeout(this.#hideTimer)
    this.#hideTimer = null
    if (document.visibilityState === 'visible') {
      this.retryNow()
      this.#setVisible(true)
    } else this.#hideTimer = setTimeout(() => this.#setVisible(false), hiddenAfterMs)
  }

  #setVisible(visible: boolean): void {
    if (visible === this.#visible) return
    this.#visible = visible
    this.#watch()
  }
}
