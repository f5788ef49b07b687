import type { Effect } from '../../core/effect.ts'
import type { Endpoint, FileName, Input, LinkId, LinkKind } from '../../core/input.ts'
import { Node } from '../../core/node.ts'
import { Random } from '../../core/prng.ts'
import { EventQueue } from './event-queue.ts'

export type SimulatorOptions = {
  /** Everything that happens follows from it. */
  readonly seed: number
  /** One-way delay of a chunk on a link, in milliseconds: uniform between the two. */
  readonly delayMs: readonly [low: number, high: number]
  /** Chance that a bus link is cut at a chunk (the peers connect anew), 0..1. Nothing vanishes inside a link: TCP has no holes. */
  readonly cutRatio: number
}

type SimulatedNode = {
  readonly index: number
  readonly host: string
  readonly port: number
  readonly busPort: number
  readonly node: Node
  readonly files: Map<FileName, Uint8Array>
  readonly links: Map<LinkId, SimulatedLink>
  nextLink: LinkId
  /** Number of the timer that counts; older ones are void. */
  timer: number
  alive: boolean
}

/** One end of a connection: whose it is, the other end, and when its last chunk arrives (chunks of a link keep their order). */
type SimulatedLink = {
  readonly owner: SimulatedNode | SimulatedClient
  readonly id: LinkId
  readonly kind: LinkKind
  peer: SimulatedLink | undefined
  lastArrivalMs: number
  readingPaused: boolean
  readonly waiting: Uint8Array[]
}

/** Somebody outside: gets what arrives for it, in virtual time. */
export type SimulatedClient = {
  readonly received: (bytes: Uint8Array) => void
  readonly closed: () => void
}

export type Connection = { readonly send: (bytes: Uint8Array) => void; readonly close: () => void }

const WALL_START_MS = 1_795_000_000_000

/**
 * A whole cluster in virtual time: the same nodes as over TCP, a network with delay and cut links, a disk that always
 * works, and one seed behind every choice. `run` jumps from event to event.
 */
export class Simulator {
  readonly random: Random
  readonly options: SimulatorOptions
  readonly nodes: SimulatedNode[] = []
  nowMs = 0
  steps = 0
  readonly #queue = new EventQueue()
  readonly #byAddress = new Map<string, { node: SimulatedNode; kind: LinkKind }>()
  readonly #checks: (() => void)[] = []
  #faults = true

  constructor(options: SimulatorOptions) {
    this.options = options
    this.random = new Random(options.seed)
  }

  /** Adds a node that listens at `port` and `port + 10000`; it starts at once. */
  addNode(endpoint: Endpoint, config: Readonly<Record<string, string>>, files: Partial<Record<FileName, Uint8Array>>): Node {
    const index = this.nodes.length
    const node = new Node({
      seed: this.random.uint32() | 0,
      config: { ...config, port: String(endpoint.port) },
      meter: () => this.steps,
      now: this.#now()
    })
    const simulated: SimulatedNode = {
      index,
      host: endpoint.host,
      port: endpoint.port,
      busPort: endpoint.port + 10_000,
      node,
      files: new Map(
        Object.entries(files).filter((entry): entry is [FileName, Uint8Array] => entry[1] !== undefined) as [FileName, Uint8Array][]
      ),
      links: new Map(),
      nextLink: 2,
      timer: 0,
      alive: true
    }
    this.nodes.push(simulated)
    this.#byAddress.set(`${endpoint.host}:${endpoint.port}`, { node: simulated, kind: 'client' })
    this.#byAddress.set(`${endpoint.host}:${endpoint.port + 10_000}`, { node: simulated, kind: 'bus' })
    this.#queue.add(this.nowMs, () =>
      this.#feed(simulated, { type: 'started', files: { 'nodes.conf': simulated.files.get('nodes.conf') } })
    )
    return node
  }

  /** Runs after every step of any node: a checker throws when a claim does not hold. */
  check(checker: () => void): void {
    this.#checks.push(checker)
  }

  /** The node is gone from one moment to the next; its links break at their other ends. */
  kill(node: Node): void {
    const simulated = this.nodes.find((candidate) => candidate.node === node)
    if (!simulated) throw new Error('no such node')
    simulated.alive = false
    for (const link of simulated.links.values()) {
      const { peer } = link
      if (peer) this.#after(() => this.#ended(peer, 'Connection reset by peer'))
    }
    simulated.links.clear()
  }

  /** From here on nothing is cut: what is under way must come to its end. */
  heal(): void {
    this.#faults = false
  }

  /** An outside connection to a node's client port. */
  connect(to: Endpoint, client: SimulatedClient): Connection {
    const found = this.#byAddress.get(`${to.host}:${to.port}`)
    if (!found) throw new Error(`nobody listens at ${to.host}:${to.port}`)
    const near: SimulatedLink = {
      owner: client,
      id: -1,
      kind: 'client',
      peer: undefined,
      lastArrivalMs: 0,
      readingPaused: false,
      waiting: []
    }
    this.#after(() => this.#accept(near, found.node, 'client', { host: '10.0.0.1', port: 1 }))
    const pending: Uint8Array[] = []
    return {
      send: (bytes) => {
        const copy = bytes.slice()
        // What waits for the link to open must leave first.
        if (near.peer && pending.length === 0) this.#transmit(near, copy)
        else {
          pending.push(copy)
          if (pending.length === 1) this.#whenOpen(near, pending)
        }
      },
      close: () => this.#cut(near)
    }
  }

  /** Does something at a virtual time from now. */
  after(delayMs: number, action: () => void): void {
    this.#queue.add(this.nowMs + delayMs, action)
  }

  /** Advances virtual time by `ms`, or until `until` holds; true when it came to hold. */
  run(ms: number, until: () => boolean = () => false): boolean {
    const end = this.nowMs + ms
    for (;;) {
      if (until()) return true
      const next = this.#queue.peekAtMs()
      if (next === undefined || next > end) {
        this.nowMs = end
        return until()
      }
      this.nowMs = Math.max(this.nowMs, next)
      this.#queue.take()?.()
    }
  }

  #now() {
    return { wallMs: WALL_START_MS + Math.floor(this.nowMs), monotonicMs: this.nowMs }
  }

  #delay(): number {
    const [low, high] = this.options.delayMs
    return low + this.random.fraction() * (high - low)
  }

  #after(action: () => void): void {
    this.#queue.add(this.nowMs + this.#delay(), action)
  }

  #whenOpen(near: SimulatedLink, pending: Uint8Array[]): void {
    this.#after(() => {
      if (!near.peer) return this.#whenOpen(near, pending)
      for (const bytes of pending.splice(0)) this.#transmit(near, bytes)
    })
  }

  #feed(node: SimulatedNode, input: Input): void {
    if (!node.alive) return
    this.steps++
    const effects = node.node.step(this.#now(), input)
    for (const effect of effects) this.#perform(node, effect)
    for (const check of this.#checks) check()
  }

  #perform(node: SimulatedNode, effect: Effect): void {
    switch (effect.type) {
      case 'connect':
        return this.#open(node, effect.link, effect.kind, { host: effect.host, port: effect.port })
      case 'send': {
        const link = node.links.get(effect.link)
        if (!link) return
        this.#transmit(link, effect.bytes.slice())
        if (effect.acknowledge)
          this.#after(() => node.links.has(effect.link) && this.#feed(node, { type: 'linkDrained', link: effect.link, unsentBytes: 0 }))
        return
      }
      case 'close': {
        const link = node.links.get(effect.link)
        if (!link) return
        node.links.delete(effect.link)
        const { peer } = link
        if (peer) this.#queue.add(Math.max(link.lastArrivalMs, this.nowMs + this.#delay()), () => this.#ended(peer, ''))
        return
      }
      case 'pauseReading':
      case 'resumeReading': {
        const link = node.links.get(effect.link)
        if (!link) return
        link.readingPaused = effect.type === 'pauseReading'
        if (!link.readingPaused) for (const bytes of link.waiting.splice(0)) this.#queue.add(this.nowMs, () => this.#arrive(link, bytes))
        return
      }
      case 'save':
        node.files.set(effect.file, effect.bytes.slice())
        this.#queue.add(this.nowMs, () => this.#feed(node, { type: 'saved', file: effect.file, error: undefined }))
        return
      case 'wake': {
        const timer = ++node.timer
        this.#queue.add(Math.max(this.nowMs, effect.atMonotonicMs), () => {
          if (node.timer === timer) this.#feed(node, { type: 'woken' })
        })
        return
      }
      case 'stop':
        node.alive = false
        return
      case 'log':
        return
    }
  }

  #open(from: SimulatedNode, id: LinkId, kind: LinkKind, to: Endpoint): void {
    const near: SimulatedLink = { owner: from, id, kind, peer: undefined, lastArrivalMs: 0, readingPaused: false, waiting: [] }
    from.links.set(id, near)
    this.#after(() => {
      if (!from.links.has(id)) return
      const found = this.#byAddress.get(`${to.host}:${to.port}`)
      if (!found?.node.alive) {
        from.links.delete(id)
        return this.#feed(from, { type: 'linkClosed', link: id, reason: 'Connection refused' })
      }
      this.#accept(near, found.node, found.kind, { host: from.host, port: 30_000 + (id % 20_000) })
      this.#feed(from, { type: 'linkConnected', link: id, local: { host: from.host, port: 30_000 }, remote: to })
    })
  }

  #accept(near: SimulatedLink, to: SimulatedNode, kind: LinkKind, remote: Endpoint): void {
    const id = to.nextLink
    to.nextLink += 2
    const far: SimulatedLink = { owner: to, id, kind, peer: near, lastArrivalMs: 0, readingPaused: false, waiting: [] }
    near.peer = far
    to.links.set(id, far)
    this.#feed(to, { type: 'linkAccepted', link: id, kind, remote, local: { host: to.host, port: kind === 'bus' ? to.busPort : to.port } })
  }

  #transmit(link: SimulatedLink, bytes: Uint8Array): void {
    const { peer } = link
    if (!peer) return
    if (this.#faults && link.kind === 'bus' && this.random.fraction() < this.options.cutRatio) return this.#cut(link)
    const arrival = Math.max(link.lastArrivalMs, this.nowMs + this.#delay())
    link.lastArrivalMs = arrival
    this.#queue.add(arrival, () => this.#arrive(peer, bytes))
  }

  /** A chunk arrives whole or in two pieces: streams have no packets. */
  #arrive(link: SimulatedLink, bytes: Uint8Array): void {
    if (link.readingPaused) {
      link.waiting.push(bytes)
      return
    }
    const at = bytes.length > 1 && this.random.below(8) === 0 ? 1 + this.random.below(bytes.length - 1) : bytes.length
    this.#deliver(link, bytes.subarray(0, at))
    if (at < bytes.length) this.#deliver(link, bytes.subarray(at))
  }

  #deliver(link: SimulatedLink, bytes: Uint8Array): void {
    const { owner } = link
    if ('received' in owner) return owner.received(bytes)
    if (owner.links.get(link.id) !== link) return
    // The node may only look at the bytes during its step: they are overwritten after it, to catch those who keep them.
    const lent = bytes.slice()
    this.#feed(owner, { type: 'linkBytes', link: link.id, bytes: lent })
    lent.fill(0xdd)
  }

  #cut(link: SimulatedLink): void {
    const { peer } = link
    this.#after(() => {
      this.#ended(link, 'Connection reset by peer')
      if (peer) this.#ended(peer, 'Connection reset by peer')
    })
  }

  #ended(link: SimulatedLink, reason: string): void {
    const { owner } = link
    link.peer = undefined
    if ('received' in owner) return owner.closed()
    if (owner.links.get(link.id) !== link) return
    owner.links.delete(link.id)
    this.#feed(owner, { type: 'linkClosed', link: link.id, reason })
  }
}
