import type { ViewerSocket } from '../../../../packages/api/src/viewers/viewer.ts'
import type { Random } from '../../../../packages/api/test/support/random.ts'

/** What a link does to a stream. The first four are what a real TCP link may do; the others must not happen, and are survived. */
export const FAULTS = ['cut', 'half-open', 'stall', 'restart', 'drop', 'duplicate', 'swap'] as const
export type Fault = (typeof FAULTS)[number]

type Queued = { readonly data: string | Uint8Array; readonly binary: boolean; readonly done: () => void }
type Message = { readonly data: string | ArrayBuffer }

/** The side of the browser, as far as the console uses a WebSocket. */
export type PageSocket = {
  readyState: number
  binaryType: string
  onmessage: ((event: Message) => void) | null
  onclose: (() => void) | null
  send(text: string): void
  close(): void
}

/**
 * One WebSocket between a page and the api. It loses frames, repeats them, swaps neighbours, stands still, dies with or without a word;
 * `hello` alone always arrives, since without it there is no stream yet.
 */
export class FaultyLink {
  readonly page: PageSocket
  readonly server: ViewerSocket
  readonly #random: Random
  readonly #listeners = new Map<string, (data: Buffer, isBinary: boolean) => void>()
  #queue: Queued[] = []
  #pumping = false
  #stalledUntilMs = 0
  /** Nothing goes through any more, in either direction. */
  #dead = false
  #serverClosed = false
  #pageClosed = false
  #held: Queued | null = null
  #before: Queued | null = null

  /** `share` of the frames that are lost, repeated or swapped; `onFault` counts. */
  constructor(random: Random, share: () => number, onFault: (fault: Fault) => void) {
    this.#random = random
    const link = this
    this.page = {
      readyState: 1,
      binaryType: '',
      onmessage: null,
      onclose: null,
      send: (text) => this.#later(() => this.#toServer('message', Buffer.from(text))),
      close: () => {
        link.#pageClosed = true
        link.page.readyState = 3
        this.#later(() => this.#closeServer())
      }
    }
    this.server = {
      get bufferedAmount() {
        return link.#queue.reduce((sum, frame) => sum + frame.data.length, 0)
      },
      send: (data, { binary }, done) => {
        if (this.#serverClosed) return
        this.#queue.push({ data, binary, done })
        this.#pump(share, onFault)
      },
      close: () => this.#later(() => this.terminate()),
      terminate: () => this.terminate(),
      ping: () => this.#later(() => this.#toServer('pong')),
      on: (event: string, listener: (data: Buffer, isBinary: boolean) => void) => this.#listeners.set(event, listener)
    }
  }

  get isOpen(): boolean {
    return !this.#dead && !this.#serverClosed && !this.#pageClosed
  }

  /** Both sides are told, the page at once and the api a while later, or the other way round. */
  cut(): void {
    this.#dead = true
    const slow = this.#random.below(12_000)
    const [page, server] = this.#random.chance(0.5) ? [0, slow] : [slow, 0]
    setTimeout(() => this.#closePage(), page)
    setTimeout(() => this.#closeServer(), server)
  }

  /** The link dies and nobody is told. */
  halfOpen(): void {
    this.#dead = true
  }

  stall(ms: number): void {
    this.#stalledUntilMs = Date.now() + ms
  }

  terminate(): void {
    this.#closeServer()
    if (!this.#dead) this.#later(() => this.#closePage())
    this.#dead = true
  }

  #later(run: () => void): void {
    setTimeout(run, 1 + this.#random.below(20))
  }

  #toServer(event: string, data: Buffer = Buffer.alloc(0)): void {
    if (!this.#dead && !this.#serverClosed) this.#listeners.get(event)?.(data, false)
  }

  #closeServer(): void {
    if (this.#serverClosed) return
    this.#serverClosed = true
    this.#queue = []
    this.#listeners.get('close')?.(Buffer.alloc(0), false)
  }

  #closePage(): void {
    if (this.#pageClosed) return
    this.#pageClosed = true
    this.page.readyState = 3
    this.page.onclose?.()
  }

  #pump(share: () => number, onFault: (fault: Fault) => void): void {
    if (this.#pumping || this.#queue.length === 0) return
    this.#pumping = true
    const waitMs = Math.max(this.#stalledUntilMs - Date.now(), 1 + this.#random.below(15))
    setTimeout(() => {
      this.#pumping = false
      // What has left lies in the network: of a dead link nobody knows.
      const isStalled = Date.now() < this.#stalledUntilMs
      const frame = isStalled || this.#dead ? undefined : this.#queue.shift()
      if (frame) {
        this.#carry(frame, share(), onFault)
        frame.done()
      }
      if (!this.#dead) this.#pump(share, onFault)
    }, waitMs)
  }

  #carry(frame: Queued, share: number, onFault: (fault: Fault) => void): void {
    const [before, held] = [this.#before, this.#held]
    this.#before = frame
    this.#held = null
    const isHello = before === null
    if (!isHello && this.#random.chance(share)) {
      const fault = (['drop', 'duplicate', 'swap'] as const)[this.#random.below(3)] ?? 'drop'
      onFault(fault)
      if (fault === 'swap') this.#held = frame
      // What is repeated is this frame, or the one before it once more.
      if (fault === 'duplicate') for (const again of [frame, this.#random.chance(0.5) ? frame : before]) this.#toPage(again)
    } else this.#toPage(frame)
    if (held) this.#toPage(held)
  }

  #toPage({ data, binary }: Queued): void {
    if (this.#pageClosed) return
    this.page.onmessage?.({ data: binary ? Uint8Array.from(data as Uint8Array).buffer : data.toString() })
  }
}
