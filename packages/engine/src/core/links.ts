import { ByteBuffer } from './byte-buffer.ts'
import type { Effect } from './effect.ts'
import type { Endpoint, Input, LinkId, LinkKind } from './input.ts'
import type { LinkHandler } from './link.ts'
import type { Statistics } from './statistics.ts'

type Link = {
  readonly handler: LinkHandler
  readonly output: ByteBuffer
  /** Bytes sent with `acknowledge` that have not left yet. */
  unsentBytes: number
  /** Bytes sent since the last `acknowledge`. */
  unacknowledgedBytes: number
  /** Bytes sent over its whole life. */
  sentBytes: number
  /** Always acknowledge: the handler paces itself by `drained`. */
  paced: boolean
  dirty: boolean
}

/** What of the world happens to a link that has a handler. */
type LinkInput = Extract<Input, { readonly type: 'linkConnected' | 'linkBytes' | 'linkDrained' | 'linkClosed' }>

/** After so much an ordinary client's output is acknowledged, so that a slow reader is noticed. */
const ACKNOWLEDGE_ABOVE_BYTES = 65_536

/**
 * The links of a node: who speaks on each, and what is written to it in a step, which leaves at the step's end as one piece. Effects
 * are put into the node's list in the order in which things are done.
 */
export class Links {
  readonly #emit: (effect: Effect) => void
  readonly #isSecure: (kind: LinkKind) => boolean
  readonly #stats: Statistics
  readonly #links = new Map<LinkId, Link>()
  #dirty: LinkId[] = []
  /** Output whose bytes the host may read until the next step. */
  #sent: ByteBuffer[] = []
  #nextLink = 1

  /** `isSecure`: are links of this kind that we open over TLS? */
  constructor(emit: (effect: Effect) => void, isSecure: (kind: LinkKind) => boolean, stats: Statistics) {
    this.#emit = emit
    this.#isSecure = isSecure
    this.#stats = stats
  }

  /** A step begins: the host has done with what the last one sent. */
  begin(): void {
    for (const buffer of this.#sent) buffer.clear()
    this.#sent.length = 0
  }

  /** Gives what happened to the link's handler; a link that is forgotten has none. */
  apply(input: LinkInput): void {
    const link = this.#links.get(input.link)
    if (!link) return
    switch (input.type) {
      case 'linkConnected':
        return link.handler.connected(input.local, input.remote)
      case 'linkBytes':
        return link.handler.receive(input.bytes)
      case 'linkDrained':
        link.unsentBytes = input.unsentBytes
        return link.handler.drained(input.unsentBytes)
      case 'linkClosed':
        this.#links.delete(input.link)
        return link.handler.closed(input.reason)
    }
  }

  /** Opens a link; `handler.connected` or `handler.closed` follows. A paced link hears `drained` after everything it sends. */
  connect(handler: LinkHandler, kind: LinkKind, { host, port }: Endpoint, paced = false): LinkId {
    const link = this.#nextLink
    this.#nextLink += 2
    this.#links.set(link, newLink(handler, new ByteBuffer(), paced))
    this.#emit({ type: 'connect', link, kind, host, port, secure: this.#isSecure(kind) })
    return link
  }

  /** Gives an accepted link its handler. */
  adopt(link: LinkId, handler: LinkHandler, output = new ByteBuffer()): void {
    this.#links.set(link, newLink(handler, output, false))
  }

  /** Where to write what this link sends; it leaves at the end of the step. A closed link swallows it. */
  output(link: LinkId): ByteBuffer {
    const state = this.#links.get(link)
    if (!state) return new ByteBuffer(0)
    if (!state.dirty) {
      state.dirty = true
      this.#dirty.push(link)
    }
    return state.output
  }

  /** Bytes handed to the host with `acknowledge` that have not left yet, and those that leave with this step. */
  unsentBytes(link: LinkId): number {
    const state = this.#links.get(link)
    return state ? state.unsentBytes + (state.dirty ? state.output.length : 0) : 0
  }

  /** Bytes that this link has sent over its whole life. */
  sentBytes(link: LinkId): number {
    return this.#links.get(link)?.sentBytes ?? 0
  }

  /** From now on everything that this link sends is acknowledged. */
  pace(link: LinkId): void {
    const state = this.#links.get(link)
    if (state) state.paced = true
  }

  /** Ends a link after its output; the handler is not called again. */
  close(link: LinkId): void {
    const state = this.#links.get(link)
    if (!state) return
    this.#flushOne(link, state)
    this.#links.delete(link)
    this.#emit({ type: 'close', link })
  }

  pauseReading(link: LinkId): void {
    this.#emit({ type: 'pauseReading', link })
  }

  resumeReading(link: LinkId): void {
    this.#emit({ type: 'resumeReading', link })
  }

  /** Hands everything that was written to the host. */
  flush(): void {
    for (const link of this.#dirty) {
      const state = this.#links.get(link)
      if (state?.dirty) this.#flushOne(link, state)
    }
    this.#dirty.length = 0
  }

  #flushOne(link: LinkId, state: Link): void {
    state.dirty = false
    const bytes = state.output.view()
    if (bytes.length === 0) return
    state.sentBytes += bytes.length
    state.unacknowledgedBytes += bytes.length
    const acknowledge = state.paced || state.unacknowledgedBytes > ACKNOWLEDGE_ABOVE_BYTES || state.unsentBytes > 0
    if (acknowledge) {
      state.unsentBytes += state.unacknowledgedBytes
      state.unacknowledgedBytes = 0
    }
    this.#stats.netOutputBytes += bytes.length
    this.#emit({ type: 'send', link, bytes, acknowledge })
    this.#sent.push(state.output)
  }
}

function newLink(handler: LinkHandler, output: ByteBuffer, paced: boolean): Link {
  return { handler, output, unsentBytes: 0, unacknowledgedBytes: 0, sentBytes: 0, paced, dirty: false }
}
