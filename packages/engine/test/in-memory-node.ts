import { latin1Bytes, latin1Text } from '../src/core/bytes.ts'
import type { Effect } from '../src/core/effect.ts'
import type { Input, LinkId } from '../src/core/input.ts'
import { Node } from '../src/core/node.ts'

export type InMemoryNodeOptions = {
  readonly seed?: number
  readonly config?: Readonly<Record<string, string>>
  /** Give the node all slots, so that it serves at once. Default true. */
  readonly ownsAllSlots?: boolean
  /** What the node takes for elapsed microseconds. Default: no time passes. */
  readonly meter?: () => number
  /** Default true; a long run would fill memory with them. */
  readonly keepEffects?: boolean
}

/** One node without sockets: bytes in, bytes out, and a clock that the test moves. */
export class InMemoryNode {
  readonly node: Node
  wallMs = 1_795_000_000_000
  monotonicMs = 0
  /** Every effect so far, oldest first, `send` bytes copied. */
  readonly effects: Effect[] = []
  readonly #keepEffects: boolean
  #nextLink = 2
  readonly #replies = new Map<LinkId, string>()

  constructor(options: InMemoryNodeOptions = {}) {
    this.#keepEffects = options.keepEffects ?? true
    this.node = new Node({
      seed: options.seed ?? 1,
      config: { port: '7000', 'cluster-databases': '16', ...options.config },
      meter: options.meter ?? (() => 0),
      now: { wallMs: this.wallMs, monotonicMs: this.monotonicMs }
    })
    this.input({ type: 'started', files: {} })
    if (options.ownsAllSlots ?? true) {
      for (let slot = 0; slot < 16_384; slot++) this.node.cluster.view.assignSlot(slot, this.node.cluster.myself)
      this.advance(3_000)
    }
  }

  /** Feeds one input and performs nothing: effects are kept for the test to look at. */
  input(input: Input): readonly Effect[] {
    const effects = this.node.step({ wallMs: this.wallMs, monotonicMs: this.monotonicMs }, input)
    for (const effect of effects) {
      if (effect.type === 'send') {
        if (this.#keepEffects) this.effects.push({ ...effect, bytes: effect.bytes.slice() })
        this.#replies.set(effect.link, (this.#replies.get(effect.link) ?? '') + latin1Text(effect.bytes))
        if (effect.acknowledge) this.input({ type: 'linkDrained', link: effect.link, unsentBytes: 0 })
      } else if (this.#keepEffects) this.effects.push(effect)
    }
    return effects
  }

  /** Opens a client link. */
  connect(): LinkId {
    const link = this.#nextLink
    this.#nextLink += 2
    this.input({
      type: 'linkAccepted',
      link,
      kind: 'client',
      remote: { host: '127.0.0.1', port: 40_000 + link },
      local: { host: '127.0.0.1', port: 7000 }
    })
    return link
  }

  /** Sends raw protocol bytes (one unit per byte) and returns what came back, likewise. */
  send(link: LinkId, raw: string): string {
    this.#replies.delete(link)
    this.input({ type: 'linkBytes', link, bytes: latin1Bytes(raw) })
    return this.#replies.get(link) ?? ''
  }

  /** Sends one command as an array of bulk strings. */
  command(link: LinkId, ...args: readonly string[]): string {
    return this.send(link, `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`)
  }

  /** What arrived on a link by itself since the last `send` there (pushes, replies after a pause). */
  received(link: LinkId): string {
    const text = this.#replies.get(link) ?? ''
    this.#replies.delete(link)
    return text
  }

  /** Moves both clocks in steps of 100 ms, waking the node at each. */
  advance(ms: number): void {
    const end = this.monotonicMs + ms
    while (this.monotonicMs < end) {
      const step = Math.min(100, end - this.monotonicMs)
      this.monotonicMs += step
      this.wallMs += step
      this.input({ type: 'woken' })
    }
  }
}

export function inMemoryNode(options: InMemoryNodeOptions = {}): InMemoryNode {
  return new InMemoryNode(options)
}
