import { latin1Bytes, latin1Text } from '../src/core/bytes.ts'
import type { Input, LinkId } from '../src/core/input.ts'
import { Node } from '../src/core/node.ts'

/**
 * One node whose peers are played by the test, byte by byte: it sees what the node connects to and sends, decides when a
 * link has drained, and moves the clock.
 */
export class HandFedNode {
  readonly node: Node
  wallMs = 1_795_000_000_000
  monotonicMs = 0
  /** Links that the node asked for and has not been given yet. */
  readonly asked: { readonly link: LinkId; readonly kind: 'client' | 'bus'; readonly port: number }[] = []
  /** Links that the node ended. */
  readonly ended = new Set<LinkId>()
  /** Links whose bytes do not leave until `drain`. */
  readonly slow = new Set<LinkId>()
  readonly log: string[] = []
  readonly #sent = new Map<LinkId, string>()
  readonly #unsent = new Map<LinkId, number>()
  #nextLink = 2

  /** `nodesConf`: the file that it finds; without one it is alone and has all slots. */
  constructor(config: Readonly<Record<string, string>> = {}, nodesConf?: string) {
    this.node = new Node({
      seed: 1,
      config: { port: '7000', 'cluster-databases': '16', ...config },
      meter: () => 0,
      now: { wallMs: this.wallMs, monotonicMs: this.monotonicMs }
    })
    this.feed({ type: 'started', files: nodesConf === undefined ? {} : { 'nodes.conf': latin1Bytes(nodesConf) } })
    if (nodesConf !== undefined) return
    const { view } = this.node.cluster
    for (let slot = 0; slot < 16_384; slot++) view.assignSlot(slot, view.myself)
    this.advance(6_000)
  }

  feed(input: Input): void {
    const drained: LinkId[] = []
    let wokenAtOnce = false
    for (const effect of this.node.step({ wallMs: this.wallMs, monotonicMs: this.monotonicMs }, input)) {
      switch (effect.type) {
        case 'connect':
          this.asked.push({ link: effect.link, kind: effect.kind, port: effect.port })
          break
        case 'send':
          this.#sent.set(effect.link, (this.#sent.get(effect.link) ?? '') + latin1Text(effect.bytes))
          if (!effect.acknowledge) break
          this.#unsent.set(effect.link, (this.#unsent.get(effect.link) ?? 0) + effect.bytes.length)
          if (!this.slow.has(effect.link)) drained.push(effect.link)
          break
        case 'close':
          this.ended.add(effect.link)
          break
        case 'log':
          this.log.push(effect.text)
          break
        case 'wake':
          wokenAtOnce = effect.atMonotonicMs <= this.monotonicMs
          break
        default:
      }
    }
    for (const link of drained) this.drain(link)
    // As hosts do in the next turn of their loop.
    if (wokenAtOnce) this.feed({ type: 'woken' })
  }

  /** What waits on a link has left; all but `leaving` bytes stay. */
  drain(link: LinkId, leaving = Number.POSITIVE_INFINITY): void {
    const left = Math.max(0, (this.#unsent.get(link) ?? 0) - leaving)
    this.#unsent.set(link, left)
    this.feed({ type: 'linkDrained', link, unsentBytes: left })
  }

  unsentBytes(link: LinkId): number {
    return this.#unsent.get(link) ?? 0
  }

  /** Somebody connects to the client port. */
  accept(): LinkId {
    const link = this.#nextLink
    this.#nextLink += 2
    this.feed({
      type: 'linkAccepted',
      link,
      kind: 'client',
      remote: { host: '10.0.0.9', port: 40_000 },
      local: { host: '10.0.0.1', port: 7000 }
    })
    return link
  }

  /** The next link that the node asked for opens: to a client port, where replicas go. */
  open(): LinkId {
    const asked = this.asked.find((one) => one.kind === 'client')
    if (!asked) throw new Error('the node asked for no link')
    this.asked.splice(this.asked.indexOf(asked), 1)
    this.feed({
      type: 'linkConnected',
      link: asked.link,
      local: { host: '10.0.0.1', port: 50_000 },
      remote: { host: '10.0.0.2', port: asked.port }
    })
    return asked.link
  }

  /** Does the node want a link to a client port? */
  get wantsLink(): boolean {
    return this.asked.some((one) => one.kind === 'client')
  }

  /** The link that it wants cannot be opened. */
  refuse(): void {
    const asked = this.asked.find((one) => one.kind === 'client')
    if (!asked) throw new Error('the node asked for no link')
    this.asked.splice(this.asked.indexOf(asked), 1)
    this.feed({ type: 'linkClosed', link: asked.link, reason: 'Connection refused' })
  }

  cut(link: LinkId): void {
    this.feed({ type: 'linkClosed', link, reason: 'Connection reset by peer' })
  }

  /** Bytes arrive on a link, one unit per byte. */
  give(link: LinkId, raw: string): void {
    this.feed({ type: 'linkBytes', link, bytes: latin1Bytes(raw) })
  }

  /** What the node has sent on a link since the last call. */
  taken(link: LinkId): string {
    const text = this.#sent.get(link) ?? ''
    this.#sent.delete(link)
    return text
  }

  /** A command on a link, and what the node sends there in answer. */
  call(link: LinkId, ...args: readonly string[]): string {
    this.taken(link)
    this.give(link, wire(...args))
    return this.taken(link)
  }

  /** Does something to the node inside a step, as what a packet or a command brings about. */
  within(action: () => void): void {
    const link = -2
    this.node.links.adopt(link, { connected: () => {}, receive: action, drained: () => {}, closed: () => {} })
    this.give(link, '.')
    this.node.links.close(link)
  }

  /** Moves both clocks in steps of 100 ms, waking the node at each. */
  advance(ms: number): void {
    for (const end = this.monotonicMs + ms; this.monotonicMs < end; ) {
      const step = Math.min(100, end - this.monotonicMs)
      this.monotonicMs += step
      this.wallMs += step
      this.feed({ type: 'woken' })
    }
  }
}

/** A command as the array of bulk strings that goes over a link. */
export function wire(...args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}
