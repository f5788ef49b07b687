import { latin1Bytes, latin1Text } from '../../src/core/bytes.ts'
import type { Effect } from '../../src/core/effect.ts'
import type { Input, LinkId } from '../../src/core/input.ts'
import { Node } from '../../src/core/node.ts'

const MEGABYTE = 1_048_576

/** Small, so that growth past them shows. */
const LIMITS = {
  'proto-max-bulk-len': String(MEGABYTE),
  'client-query-buffer-limit': String(MEGABYTE),
  'client-output-buffer-limit': `normal ${16 * MEGABYTE} 0 0`,
  maxmemory: String(64 * MEGABYTE),
  'maxmemory-policy': 'allkeys-random'
}

/** A node whose every link is somebody who means ill. */
export class FuzzedNode {
  readonly node: Node
  /** Ended itself, as SHUTDOWN asks. */
  stopped = false
  /** Bytes sent since `takeOutput`. */
  #outputBytes = 0
  /** The beginning of what was sent since `takeOutput`, 8 kB of each piece at most. */
  #outputHead = ''
  #monotonicMs = 0
  #wallMs = 1_795_000_000_000
  #nextLink = 2
  readonly #open = new Set<LinkId>()
  readonly #answers: Input[] = []
  #primaryLink: LinkId | undefined
  /** Links to other nodes' bus ports open, though nobody is there. */
  readonly #opensBus: boolean

  constructor(seed: number, config: Readonly<Record<string, string>> = {}, nodesConf?: string, opensBus = false) {
    this.#opensBus = opensBus
    this.node = new Node({
      seed,
      config: { port: '7000', 'cluster-databases': '16', ...LIMITS, ...config },
      meter: () => performance.now() * 1000,
      now: { wallMs: this.#wallMs, monotonicMs: 0 }
    })
    this.feed({ type: 'started', files: nodesConf === undefined ? {} : { 'nodes.conf': latin1Bytes(nodesConf) } })
    const { view } = this.node.cluster
    if (nodesConf === undefined) for (let slot = 0; slot < 16_384; slot++) view.assignSlot(slot, view.myself)
    for (let i = 0; i < 30; i++) this.pass(100)
  }

  feed(input: Input): void {
    this.#perform(this.node.step({ wallMs: this.#wallMs, monotonicMs: this.#monotonicMs }, input))
    for (let answer = this.#answers.shift(); answer; answer = this.#answers.shift()) {
      this.#perform(this.node.step({ wallMs: this.#wallMs, monotonicMs: this.#monotonicMs }, answer))
    }
  }

  accept(kind: 'client' | 'bus'): LinkId {
    const link = this.#nextLink
    this.#nextLink += 2
    this.#open.add(link)
    const remote = { host: '127.0.0.1', port: 20_000 + (link % 40_000) }
    this.feed({ type: 'linkAccepted', link, kind, remote, local: { host: '127.0.0.1', port: 7000 } })
    return link
  }

  isOpen(link: LinkId): boolean {
    return this.#open.has(link)
  }

  give(link: LinkId, text: string): void {
    if (this.#open.has(link)) this.feed({ type: 'linkBytes', link, bytes: latin1Bytes(text) })
  }

  close(link: LinkId): void {
    if (this.#open.delete(link)) this.feed({ type: 'linkClosed', link, reason: '' })
  }

  /** Time goes on, and the node is woken. */
  pass(ms: number): void {
    this.#monotonicMs += ms
    this.#wallMs += ms
    this.feed({ type: 'woken' })
  }

  /** The first link to another's client port that the node has asked for: to its primary, if it has one. It is open. */
  get primaryLink(): LinkId | undefined {
    return this.#primaryLink
  }

  /** Memory that it counts as used. */
  get usedBytes(): number {
    return this.node.memory.now().used
  }

  takeOutput(): { readonly bytes: number; readonly head: string } {
    const taken = { bytes: this.#outputBytes, head: this.#outputHead }
    this.#outputBytes = 0
    this.#outputHead = ''
    return taken
  }

  /** Which limit is passed, in a sentence; undefined when none is. */
  passedLimit(): string | undefined {
    for (const client of this.node.clients.values()) {
      const pending = client.decoder.pendingBytes
      if (pending > 2 * MEGABYTE) return `the query buffer of a client holds ${pending} bytes`
    }
    const used = this.usedBytes
    return used > 96 * MEGABYTE ? `${used} bytes are used with a maxmemory of ${64 * MEGABYTE}` : undefined
  }

  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.#outputBytes += effect.bytes.length
          if (this.#outputHead.length < 64) this.#outputHead += latin1Text(effect.bytes.subarray(0, 8192))
          if (effect.acknowledge) this.#answers.push({ type: 'linkDrained', link: effect.link, unsentBytes: 0 })
          break
        case 'close':
          this.#open.delete(effect.link)
          break
        case 'connect':
          if (effect.kind === 'client' ? this.#primaryLink === undefined : this.#opensBus) {
            if (effect.kind === 'client') this.#primaryLink = effect.link
            this.#open.add(effect.link)
            const local = { host: '127.0.0.1', port: 50_000 }
            this.#answers.push({ type: 'linkConnected', link: effect.link, local, remote: { host: effect.host, port: effect.port } })
          } else this.#answers.push({ type: 'linkClosed', link: effect.link, reason: 'Connection refused' })
          break
        case 'save':
          this.#answers.push({ type: 'saved', file: effect.file, error: undefined })
          break
        case 'stop':
          this.stopped = true
          break
        default:
      }
    }
  }
}
