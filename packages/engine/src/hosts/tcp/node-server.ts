import { randomBytes } from 'node:crypto'
import net from 'node:net'
import os from 'node:os'
import { performance } from 'node:perf_hooks'
import { TLSSocket } from 'node:tls'
import type { Effect } from '../../core/effect.ts'
import type { FileName, Input, LinkId, LinkKind } from '../../core/input.ts'
import { Node } from '../../core/node.ts'
import { GarbageCall } from './collect-garbage.ts'
import type { Disk } from './disk.ts'
import { hostFiles } from './host-files.ts'
import { ListenError, Listeners, wordsOf } from './listeners.ts'
import { openListeners } from './open-listeners.ts'
import type { ProcessBus } from './process-bus.ts'
import { SecureLinks } from './secure-links.ts'
import { Outlet, ReadBuffer, readingInto } from './shared-buffer.ts'
import { systemText } from './system-text.ts'
import { TlsError } from './tls-material.ts'

export type NodeServerOptions = {
  /** Addresses, as the parameter `bind` has them. */
  readonly bind: string
  /** 0: clients come by `unixsocket`. */
  readonly port: number
  /** Client port + 10,000 unless said otherwise. */
  readonly busPort?: number
  /** The bus among the nodes of this process; absent: every link is a socket. */
  readonly bus?: ProcessBus
  readonly seed: number
  readonly disk: Disk
  /** Files for a node that finds none of its own: the topology of a new cluster. */
  readonly initialFiles?: { readonly [name in FileName]?: Uint8Array }
  /** Valkey's parameter names; `port` is set from above. */
  readonly config?: Readonly<Record<string, string>>
  /** In the place of the engine's defaults. */
  readonly defaults?: Readonly<Record<string, string>>
  /** Users that the configuration declares, each by its name and rules. */
  readonly users?: readonly (readonly string[])[]
  /** What CONFIG REWRITE writes. */
  readonly configFile?: string
  /** Where log lines go; silent when absent. */
  readonly log?: (level: string, text: string) => void
  /** The node ended itself (SHUTDOWN, an unusable nodes.conf). Its sockets are closed by then. */
  readonly stopped?: (exitCode: number) => void
}

type Socket = {
  socket: net.Socket
  readonly kind: LinkKind
  unsentBytes: number
  /** By the node's wish. */
  readingPaused: boolean
  /** Bytes that arrived and wait until the others have been served. */
  rest: Uint8Array | undefined
  /** The next piece of `rest`, or the next read, is on the agenda. */
  scheduled: boolean
}

/**
 * A node gets at most so much of one link at a time: a peer that sends without a pause would else have the loop to itself, since
 * one read brings 64 KiB and libuv reads a busy socket many times in a row.
 */
const PIECE_BYTES = 16_384
/** What a link brings is used up before the next is read. */
const READ_BUFFER = new ReadBuffer(PIECE_BYTES)

/**
 * Runs one node over TCP: clock, links, disk and the run loop, nothing else. One input is fed at a time and its effects are
 * performed in order; a durable save holds back the effects after it.
 */
export class NodeServer {
  readonly options: NodeServerOptions
  readonly node: Node
  readonly #sockets = new Map<LinkId, Socket>()
  readonly #listeners: Listeners
  readonly #secureLinks: SecureLinks
  /** Links whose `linkDrained` is due. */
  readonly #drained = new Set<LinkId>()
  #acknowledging = false
  readonly #outlet = new Outlet()
  readonly #garbage = new GarbageCall()
  #nextLink = 2
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  /** Effects that wait behind a durable save, in order. */
  #held: Effect[] | undefined
  #closed = false
  readonly #figures: NodeJS.Timeout

  constructor(options: NodeServerOptions) {
    this.options = options
    this.node = new Node({
      seed: options.seed,
      config: {
        ...options.config,
        port: String(options.port),
        bind: options.bind,
        ...(options.busPort === undefined || options.busPort === options.port + 10_000 ? {} : { 'cluster-port': String(options.busPort) })
      },
      secret: (length) => randomBytes(length),
      defaults: options.defaults,
      secure: () => this.#reloadTls(),
      files: hostFiles,
      users: options.users,
      configFile: options.configFile,
      meter: () => performance.now() * 1000,
      now: now(),
      host: { processId: process.pid, system: `${os.type()} ${os.release()} ${os.machine()}`, architecture: '64' }
    })
    const log = (level: string, text: string) => options.log?.(level, text)
    this.#listeners = new Listeners(log)
    this.#secureLinks = new SecureLinks(
      (name) => this.node.config.text(name),
      log,
      (kind, socket) => this.#accept(kind, socket)
    )
    this.#figures = setInterval(() => this.#feedFigures(), 1000)
    this.#figures.unref()
  }

  get port(): number {
    return this.options.port
  }

  get busPort(): number {
    const { config } = this.node
    return this.options.busPort ?? config.number(config.enabled('tls-cluster') ? 'tls-port' : 'port') + 10_000
  }

  /** What is listened to: `tcp`, `unix`, `tls`, `cluster`. */
  get listening(): ReadonlySet<string> {
    return this.#listeners.names
  }

  /**
   * Listens to clients and, in a cluster, to other nodes, then gives the node its first input. Rejects with PortInUseError when a port is
   * taken, and with ListenError when there is nothing to listen to.
   */
  async listen(): Promise<void> {
    try {
      this.#loadTls()
      await openListeners({
        listeners: this.#listeners,
        secureLinks: this.#secureLinks,
        config: this.node.config,
        bind: this.options.bind,
        port: this.port,
        busPort: this.node.clusterEnabled ? this.busPort : undefined,
        accept: (kind, socket) => this.#accept(kind, socket)
      })
      if (this.#listeners.names.size === 0) throw new ListenError('Configured to not listen anywhere, exiting.')
      if (this.node.clusterEnabled) this.options.bus?.listen(this.options.bind, this.busPort, (end) => this.#accept('bus', end))
    } catch (error) {
      await this.close()
      throw error
    }
    this.#feed({
      type: 'started',
      files: { 'nodes.conf': (await this.options.disk.read('nodes.conf')) ?? this.options.initialFiles?.['nodes.conf'] }
    })
    this.#feedFigures()
  }

  /** Ends every link and listener. The node is not told: to its peers this is a crash. */
  async close(): Promise<void> {
    this.#closed = true
    this.#outlet.flush()
    this.options.bus?.forget(this.options.bind, this.busPort)
    clearInterval(this.#figures)
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    for (const { socket } of this.#sockets.values()) socket.destroy()
    this.#secureLinks.close()
    this.#sockets.clear()
    await this.#listeners.close()
    await this.options.disk.close()
  }

  #loadTls(): void {
    try {
      this.#secureLinks.load()
    } catch (error) {
      if (error instanceof TlsError) this.options.log?.('warning', error.message)
      throw error instanceof TlsError ? new ListenError('Failed to configure TLS. Check logs for more info.') : error
    }
  }

  /** CONFIG SET has changed parameters of TLS. */
  #reloadTls(): boolean {
    try {
      this.#secureLinks.load()
      return true
    } catch (error) {
      if (!(error instanceof TlsError)) throw error
      this.options.log?.('warning', error.message)
      return false
    }
  }

  #accept(kind: LinkKind, accepted: net.Socket): void {
    const link = this.#nextLink
    this.#nextLink += 2
    const remote = { host: plainAddress(accepted.remoteAddress), port: accepted.remotePort ?? 0 }
    const local = { host: plainAddress(accepted.localAddress), port: accepted.localPort ?? 0 }
    const { socket } = this.#attach(link, kind, accepted)
    const { config } = this.node
    const secure = accepted instanceof TLSSocket
    const keepAliveSeconds = config.number('tcp-keepalive')
    if (kind === 'client' && remote.port === 0) {
      // A socket in the file system has a path, and no address.
      remote.host = config.text('unixsocket')
      local.host = remote.host
    } else if (remote.port > 0 && keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1000)
    socket.resume()
    this.#feed({ type: 'linkAccepted', link, kind, remote, local, secure })
  }

  /** Takes what was read into the buffer that all links share. False: no more for now. */
  #take(link: LinkId, state: Socket, bytes: Uint8Array): boolean {
    this.#feed({ type: 'linkBytes', link, bytes })
    // A buffer that was not full has emptied the socket, so the others get their turn of themselves.
    if (bytes.length < PIECE_BYTES || state.readingPaused) return !state.readingPaused
    this.#schedulePiece(link, state)
    return false
  }

  /** Gives a socket, accepted or connecting, its link. */
  #attach(link: LinkId, kind: LinkKind, given: net.Socket): Socket {
    const state: Socket = { socket: given, kind, unsentBytes: 0, readingPaused: false, rest: undefined, scheduled: false }
    const taken = given instanceof TLSSocket ? undefined : readingInto(given, READ_BUFFER, (bytes) => this.#take(link, state, bytes))
    if (taken) state.socket = taken
    const { socket } = state
    this.#sockets.set(link, state)
    let reason = ''
    // A socket that reads into the shared buffer has no such events.
    socket.on('data', (buffer) => {
      const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
      if (bytes.length <= PIECE_BYTES && !state.rest) return this.#feed({ type: 'linkBytes', link, bytes })
      state.rest = state.rest ? Buffer.concat([state.rest, bytes]) : bytes
      socket.pause()
      if (!state.scheduled) this.#feedPiece(link, state)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = systemText(error)
    })
    socket.on('close', () => {
      // A link that the node closed is already forgotten here, and needs no input.
      if (!this.#sockets.has(link)) return
      if (state.rest) this.#feed({ type: 'linkBytes', link, bytes: state.rest })
      if (this.#sockets.delete(link)) this.#feed({ type: 'linkClosed', link, reason })
    })
    return state
  }

  #feedPiece(link: LinkId, state: Socket): void {
    const { rest } = state
    if (rest) {
      state.rest = rest.length > PIECE_BYTES ? rest.subarray(PIECE_BYTES) : undefined
      this.#feed({ type: 'linkBytes', link, bytes: rest.subarray(0, PIECE_BYTES) })
    } else state.socket.resume()
    if (rest) this.#schedulePiece(link, state)
  }

  /** Goes on with this link in the loop's next turn, unless the node does not want to hear of it. */
  #schedulePiece(link: LinkId, state: Socket): void {
    if (state.scheduled || state.readingPaused) return
    state.scheduled = true
    setImmediate(() => {
      state.scheduled = false
      if (this.#sockets.get(link) === state && !state.readingPaused) this.#feedPiece(link, state)
    })
  }

  #feed(input: Input): void {
    if (this.#closed) return
    const effects = this.node.step(now(), input)
    if (this.#held) {
      for (const effect of effects) this.#held.push(effect.type === 'send' ? { ...effect, bytes: effect.bytes.slice() } : effect)
    } else this.#performAll(effects)
  }

  #performAll(effects: readonly Effect[]): void {
    for (let i = 0; i < effects.length; i++) {
      const effect = effects[i] as Effect
      if (effect.type === 'save') {
        const saved = this.options.disk.write(effect.file, effect.bytes, effect.durable)
        if (!effect.durable) {
          void saved.then((error) => this.#feed({ type: 'saved', file: effect.file, error }))
          continue
        }
        const rest = effects.slice(i + 1).map((held) => (held.type === 'send' ? { ...held, bytes: held.bytes.slice() } : held))
        this.#held = rest
        void saved.then((error) => {
          const held = this.#held ?? []
          this.#held = undefined
          if (this.#closed) return
          this.#performAll(held)
          this.#feed({ type: 'saved', file: effect.file, error })
        })
        return
      }
      this.#perform(effect)
    }
  }

  #perform(effect: Exclude<Effect, { type: 'save' }>): void {
    switch (effect.type) {
      case 'send': {
        const state = this.#sockets.get(effect.link)
        if (!state) return
        // The node's bytes end with the step; what the kernel does not take at once must outlive it.
        const { length } = effect.bytes
        if (!effect.acknowledge) {
          this.#outlet.write(state.socket, effect.bytes)
          return
        }
        state.unsentBytes += length
        this.#outlet.write(state.socket, effect.bytes, () => {
          state.unsentBytes -= length
          this.#drained.add(effect.link)
          this.#acknowledge()
        })
        // Behind the outlet's own end of the turn, which calls back before this comes.
        this.#acknowledge()
        return
      }
      case 'connect': {
        const { link, kind, host, port, secure } = effect
        const pipe = kind === 'bus' && !secure ? this.options.bus?.connect(host, port, this.options.bind) : undefined
        const socket = pipe ?? this.#dial(host, port, secure)
        this.#attach(link, kind, socket)
        socket.once(secure ? 'secureConnect' : 'connect', () => {
          this.#feed({
            type: 'linkConnected',
            link,
            local: { host: plainAddress(socket.localAddress), port: socket.localPort ?? 0 },
            remote: { host: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 }
          })
        })
        return
      }
      case 'close': {
        const state = this.#sockets.get(effect.link)
        if (!state) return
        this.#sockets.delete(effect.link)
        this.#outlet.flush()
        state.socket.end()
        // A peer that never closes its side must not keep the socket for ever.
        state.socket.setTimeout(5_000, () => state.socket.destroy())
        return
      }
      case 'pauseReading':
      case 'resumeReading': {
        const state = this.#sockets.get(effect.link)
        if (!state) return
        state.readingPaused = effect.type === 'pauseReading'
        if (state.readingPaused) state.socket.pause()
        else this.#schedulePiece(effect.link, state)
        return
      }
      case 'wake':
        this.#arm(effect.atMonotonicMs)
        return
      case 'log':
        this.options.log?.(effect.level, effect.text)
        return
      case 'stop': {
        const { exitCode } = effect
        void this.close().then(() => this.options.stopped?.(exitCode))
        return
      }
    }
  }

  #dial(host: string, port: number, secure: boolean): net.Socket {
    const place = { host, port, ...this.#source() }
    const socket = secure ? this.#secureLinks.connect(place) : net.connect(place)
    return socket.setNoDelay(true)
  }

  /** From where we connect: `bind-source-addr`, or the one address that we listen at, which others know us by. */
  #source(): { readonly localAddress?: string } {
    const wanted = this.node.config.text('bind-source-addr')
    if (wanted !== '') return { localAddress: wanted }
    const [only = '', ...more] = wordsOf(this.options.bind)
    return more.length > 0 || only.includes('*') || only === '0.0.0.0' || only === '::' ? {} : { localAddress: only.replace(/^-/, '') }
  }

  /**
   * `linkDrained` is fed at the end of the loop's turn, as soon as the outlet has been emptied and before anything else can be sent: what a
   * node waits for is often that nothing is left to send. Not at once, as Node calls back before any other event: a node that answers with its
   * next slice would starve everybody else.
   */
  #acknowledge(): void {
    if (this.#acknowledging) return
    this.#acknowledging = true
    setImmediate(() => {
      this.#acknowledging = false
      const links = [...this.#drained]
      this.#drained.clear()
      for (const drained of links) {
        const state = this.#sockets.get(drained)
        if (state) this.#feed({ type: 'linkDrained', link: drained, unsentBytes: state.unsentBytes })
      }
    })
  }

  #arm(atMonotonicMs: number): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    const delayMs = atMonotonicMs - performance.now()
    if (delayMs <= 0) this.#immediate = setImmediate(() => this.#feed({ type: 'woken' }))
    else this.#timer = setTimeout(() => this.#feed({ type: 'woken' }), Math.ceil(delayMs))
  }

  #feedFigures(): void {
    this.#garbage.review(this.node.keyspace.store.releasedBytes)
    const usage = process.cpuUsage()
    this.#feed({ type: 'hostFigures', residentBytes: process.memoryUsage.rss(), userUs: usage.user, systemUs: usage.system })
  }
}

function now() {
  return { wallMs: Date.now(), monotonicMs: performance.now() }
}

/** `::ffff:127.0.0.1` is how a dual-stack listener spells an IPv4 peer. */
function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:/, '') ?? ''
}
