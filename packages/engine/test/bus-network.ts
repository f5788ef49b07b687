import { latin1Bytes, latin1Text } from '../src/core/bytes.ts'
import { renderNodesConf, type SeedNode } from '../src/core/cluster/nodes-conf.ts'
import type { Effect } from '../src/core/effect.ts'
import type { Endpoint, Input, LinkId, LinkKind } from '../src/core/input.ts'
import { Node } from '../src/core/node.ts'

const HOST = '127.0.0.1'
/** Time that a packet, a connection and its end take. */
const LATENCY_MS = 1

type Member = {
  readonly node: Node
  readonly port: number
  readonly files: Map<string, Uint8Array>
  readonly log: string[]
  /** Links by this node's own number for them; `far` is the other side, absent for a client of the test. */
  readonly links: Map<LinkId, { readonly far: { readonly member: Member; readonly link: LinkId } | undefined; readonly kind: LinkKind }>
  readonly replies: Map<LinkId, string>
  readonly config: Readonly<Record<string, string>>
  /** What the node's last step asked for. */
  lastEffects: readonly Effect[]
  nextLink: number
  wakeAtMs: number
  up: boolean
  exitCode: number | undefined
}

/**
 * A few nodes joined by links that keep their order, on a clock that the test moves: the smallest network on which the bus
 * can be shown. Nodes are named by their client port.
 */
export class BusNetwork {
  nowMs = 0
  readonly members = new Map<number, Member>()
  readonly #events: { readonly atMs: number; readonly order: number; readonly run: () => void }[] = []
  #order = 0
  /** Pairs of ports that cannot reach each other. */
  readonly #cuts = new Set<string>()
  readonly #wallStartMs = 1_795_000_000_000

  /** Starts a node; `nodesConf` is the file that it finds. */
  start(port: number, nodesConf?: string, config: Readonly<Record<string, string>> = {}): Member {
    const all = { 'cluster-node-timeout': '2000', 'cluster-databases': '4', ...config, port: String(port) }
    const files = new Map<string, Uint8Array>()
    if (nodesConf !== undefined) files.set('nodes.conf', latin1Bytes(nodesConf))
    return this.#start(port, files, all, port)
  }

  #start(port: number, files: Map<string, Uint8Array>, config: Readonly<Record<string, string>>, seed: number): Member {
    const node = new Node({ seed, config, meter: () => 0, now: this.now() })
    const member: Member = {
      node,
      port,
      files,
      log: [],
      links: new Map(),
      replies: new Map(),
      config,
      lastEffects: [],
      nextLink: 2,
      wakeAtMs: Number.POSITIVE_INFINITY,
      up: true,
      exitCode: undefined
    }
    this.members.set(port, member)
    this.#feed(member, { type: 'started', files: { 'nodes.conf': files.get('nodes.conf') } })
    return member
  }

  now() {
    return { wallMs: this.#wallStartMs + this.nowMs, monotonicMs: this.nowMs }
  }

  at(port: number): Member {
    const member = this.members.get(port)
    if (!member) throw new Error(`no node on port ${port}`)
    return member
  }

  node(port: number): Node {
    return this.at(port).node
  }

  /** The process dies: its links end, its file stays. */
  kill(port: number): void {
    const member = this.at(port)
    member.up = false
    for (const [link, { far }] of member.links) {
      if (far) this.#later(() => this.#end(far.member, far.link, 'reset by peer'))
      member.links.delete(link)
    }
  }

  /** The process comes back with its file and no data. */
  restart(port: number): void {
    const old = this.at(port)
    this.#start(port, old.files, old.config, port + 1000)
  }

  /** Bytes between the two are swallowed and connections do not come to be, until `heal`. */
  cut(a: number, b: number): void {
    this.#cuts.add(`${a} ${b}`)
    this.#cuts.add(`${b} ${a}`)
  }

  heal(): void {
    this.#cuts.clear()
  }

  /** Moves the clock, delivering what is due. */
  run(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      let atMs = endMs
      let next: (() => void) | undefined
      const event = this.#events[0]
      if (event && event.atMs <= atMs) {
        atMs = event.atMs
        next = () => {
          this.#events.shift()
          event.run()
        }
      }
      for (const member of this.members.values()) {
        if (member.up && member.wakeAtMs < atMs) {
          atMs = member.wakeAtMs
          next = () => {
            member.wakeAtMs = Number.POSITIVE_INFINITY
            this.#feed(member, { type: 'woken' })
          }
        }
      }
      if (!next) break
      this.nowMs = Math.max(this.nowMs, atMs)
      next()
    }
    this.nowMs = endMs
  }

  /** Runs until the claim holds, asked each 50 ms; how long that took comes back. Fails after `limitMs`. */
  runUntil(claim: () => boolean, limitMs = 60_000): number {
    const startMs = this.nowMs
    while (!claim()) {
      if (this.nowMs - startMs >= limitMs) throw new Error(`not within ${limitMs} ms`)
      this.run(50)
    }
    return this.nowMs - startMs
  }

  /** Sends one command from a client of the test and returns the reply as it stands on the wire. */
  command(port: number, ...args: readonly string[]): string {
    const member = this.at(port)
    const link = this.client(port)
    const reply = this.ask(port, link, ...args)
    this.#feed(member, { type: 'linkClosed', link, reason: '' })
    member.links.delete(link)
    return reply
  }

  /** A client link that stays. */
  client(port: number): LinkId {
    const member = this.at(port)
    const link = member.nextLink
    member.nextLink += 2
    member.links.set(link, { far: undefined, kind: 'client' })
    this.#feed(member, { type: 'linkAccepted', link, kind: 'client', remote: { host: HOST, port: 60_000 }, local: { host: HOST, port } })
    return link
  }

  ask(port: number, link: LinkId, ...args: readonly string[]): string {
    const member = this.at(port)
    member.replies.delete(link)
    const raw = `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
    this.#feed(member, { type: 'linkBytes', link, bytes: latin1Bytes(raw) })
    return member.replies.get(link) ?? ''
  }

  /** What came on a client link by itself. */
  heard(port: number, link: LinkId): string {
    const text = this.at(port).replies.get(link) ?? ''
    this.at(port).replies.delete(link)
    return text
  }

  /** The lines of CLUSTER NODES. */
  nodeLines(port: number): string[] {
    const reply = this.command(port, 'CLUSTER', 'NODES')
    return reply
      .slice(reply.indexOf('\r\n') + 2, -2)
      .split('\n')
      .filter((line) => line !== '')
  }

  /** A node's nodes.conf as it was last saved. */
  fileOf(port: number): string {
    return latin1Text(this.at(port).files.get('nodes.conf') ?? new Uint8Array(0))
  }

  /** Does something to a node within a step of it, as a part of the node would. */
  during(port: number, act: () => void): void {
    const member = this.at(port)
    const link = member.nextLink
    member.nextLink += 2
    member.node.links.adopt(link, { connected: () => {}, receive: act, drained: () => {}, closed: () => {} })
    this.#feed(member, { type: 'linkBytes', link, bytes: new Uint8Array(1) })
  }

  lastEffects(port: number): readonly Effect[] {
    return this.at(port).lastEffects
  }

  /** A stranger opens a bus link and sends bytes; what comes back is dropped. The link's end for `sendRaw`. */
  bus(port: number, from: Endpoint = { host: HOST, port: 50_000 }): LinkId {
    const member = this.at(port)
    const link = member.nextLink
    member.nextLink += 2
    member.links.set(link, { far: undefined, kind: 'bus' })
    this.#feed(member, { type: 'linkAccepted', link, kind: 'bus', remote: from, local: { host: HOST, port: port + 10_000 } })
    return link
  }

  sendRaw(port: number, link: LinkId, bytes: Uint8Array): void {
    if (this.at(port).links.has(link)) this.#feed(this.at(port), { type: 'linkBytes', link, bytes: bytes.slice() })
  }

  isOpen(port: number, link: LinkId): boolean {
    return this.at(port).links.has(link)
  }

  #later(run: () => void): void {
    this.#events.push({ atMs: this.nowMs + LATENCY_MS, order: this.#order++, run })
  }

  #feed(member: Member, input: Input): void {
    if (!member.up || member.exitCode !== undefined) return
    const effects = member.node.step(this.now(), input)
    member.lastEffects = effects.map((effect) => (effect.type === 'send' ? { ...effect, bytes: effect.bytes.slice() } : effect))
    for (const effect of member.lastEffects) this.#perform(member, effect)
  }

  #perform(member: Member, effect: Effect): void {
    switch (effect.type) {
      case 'connect':
        this.#connect(member, effect.link, effect.kind, effect.port)
        return
      case 'send': {
        const link = member.links.get(effect.link)
        if (!link) return
        const bytes = effect.bytes.slice()
        if (!link.far) {
          member.replies.set(effect.link, (member.replies.get(effect.link) ?? '') + latin1Text(bytes))
        } else {
          const { far } = link
          this.#later(() => {
            if (!this.#reaches(member, far.member) || !far.member.links.has(far.link)) return
            this.#feed(far.member, { type: 'linkBytes', link: far.link, bytes })
          })
        }
        if (effect.acknowledge)
          this.#later(() => member.links.has(effect.link) && this.#feed(member, { type: 'linkDrained', link: effect.link, unsentBytes: 0 }))
        return
      }
      case 'close': {
        const far = member.links.get(effect.link)?.far
        member.links.delete(effect.link)
        if (far) this.#later(() => this.#reaches(member, far.member) && this.#end(far.member, far.link, ''))
        return
      }
      case 'save':
        member.files.set(effect.file, effect.bytes.slice())
        this.#later(() => this.#feed(member, { type: 'saved', file: effect.file, error: undefined }))
        return
      case 'wake':
        member.wakeAtMs = effect.atMonotonicMs
        return
      case 'log':
        member.log.push(effect.text)
        return
      case 'stop':
        member.exitCode = effect.exitCode
        return
      case 'pauseReading':
      case 'resumeReading':
        return
    }
  }

  #connect(member: Member, link: LinkId, kind: LinkKind, port: number): void {
    const target = this.members.get(kind === 'bus' ? port - 10_000 : port)
    this.#later(() => {
      if (!member.up) return
      // A cut path answers nothing; a closed port answers at once.
      if (target && !this.#reaches(member, target)) return
      if (!target?.up || target.exitCode !== undefined)
        return this.#feed(member, { type: 'linkClosed', link, reason: 'connection refused' })
      const farLink = target.nextLink
      target.nextLink += 2
      const near: Endpoint = { host: HOST, port: 40_000 + link }
      const far: Endpoint = { host: HOST, port }
      member.links.set(link, { far: { member: target, link: farLink }, kind })
      target.links.set(farLink, { far: { member, link }, kind })
      this.#feed(target, { type: 'linkAccepted', link: farLink, kind, remote: near, local: far })
      this.#feed(member, { type: 'linkConnected', link, local: near, remote: far })
    })
  }

  #end(member: Member, link: LinkId, reason: string): void {
    if (!member.links.delete(link)) return
    this.#feed(member, { type: 'linkClosed', link, reason })
  }

  #reaches(a: Member, b: Member): boolean {
    return !this.#cuts.has(`${a.port} ${b.port}`)
  }
}

/** `shards` primaries from `base` on, then `replicas` of each; slots spread evenly, epochs 1, 2, ... */
export function topologyOf(shards: number, replicas: number, base = 7000): SeedNode[] {
  const hex = (number: number, digit: string) => String(number).padStart(40, digit)
  const nodes: SeedNode[] = []
  for (let index = 0; index < shards * (replicas + 1); index++) {
    const shard = index % shards
    const primary = index < shards
    const [first, last] = [Math.ceil((shard * 16_384) / shards), Math.ceil(((shard + 1) * 16_384) / shards) - 1]
    nodes.push({
      id: hex(index, 'a'),
      host: HOST,
      port: base + index,
      busPort: base + index + 10_000,
      shardId: hex(shard, 'b'),
      role: primary ? 'primary' : 'replica',
      ...(primary ? {} : { primaryId: hex(shard, 'a') }),
      ranges: primary ? [[first, last]] : [],
      configEpoch: shard + 1
    })
  }
  return nodes
}

/** A network whose nodes start from seeds. */
export function seededNetwork(shards: number, replicas: number, config: Readonly<Record<string, string>> = {}): BusNetwork {
  const network = new BusNetwork()
  const topology = topologyOf(shards, replicas)
  for (const { id, port } of topology) network.start(port, renderNodesConf(topology, id), config)
  return network
}
