import { EventEmitter } from 'node:events'
import type net from 'node:net'
import { performance } from 'node:perf_hooks'

type Accept = (end: net.Socket) => void

/**
 * The cluster bus among nodes of one process. Every node has a link to every other: sockets of 120 nodes would be 28,560 descriptors, more
 * than most systems give a process. Whoever is elsewhere, or has ended, is not found here and is called over TCP.
 */
export class ProcessBus {
  readonly #listeners = new Map<string, Accept>()
  /** What is to happen in later turns of the loop, in order; what stands before `#done` has. */
  #agenda: (() => void)[] = []
  #done = 0

  /** @param accept gets the far end of every pipe that is opened to this address */
  listen(host: string, port: number, accept: Accept): void {
    this.#listeners.set(`${host}:${port}`, accept)
  }

  /** Nobody else comes; pipes that are there stay. */
  forget(host: string, port: number): void {
    this.#listeners.delete(`${host}:${port}`)
  }

  /** One end of a new pipe to whoever listens there, `from` being the caller's host; undefined when nobody does. `connect` follows. */
  connect(host: string, port: number, from: string): net.Socket | undefined {
    if (!this.#listeners.has(`${host}:${port}`)) return undefined
    const later = (task: () => void) => this.#later(task)
    const near = new PipeEnd(later, { localAddress: from, remoteAddress: host, remotePort: port })
    const far = new PipeEnd(later, { localAddress: host, localPort: port, remoteAddress: from })
    near.other = far
    far.other = near
    later(() => {
      const accept = this.#listeners.get(`${host}:${port}`)
      if (!accept) return near.arrive(undefined)
      if (near.destroyed) return
      accept(asSocket(far))
      near.emit('connect')
    })
    return asSocket(near)
  }

  #later(task: () => void): void {
    this.#agenda.push(task)
    if (this.#agenda.length === 1) setImmediate(this.#work)
  }

  /** A while at a time: the clocks and clients of the process have their turn between. */
  #work = (): void => {
    const endAtMs = performance.now() + TURN_MS
    do this.#agenda[this.#done++]?.()
    while (this.#done < this.#agenda.length && performance.now() < endAtMs)
    if (this.#done < this.#agenda.length) {
      setImmediate(this.#work)
      return
    }
    this.#agenda = []
    this.#done = 0
  }
}

const TURN_MS = 50

/** A pipe's end is as much of a socket as a node's server uses of one. */
function asSocket(end: PipeEnd): net.Socket {
  return end as unknown as net.Socket
}

type Address = Partial<Pick<net.Socket, 'localAddress' | 'localPort' | 'remoteAddress' | 'remotePort'>>

class PipeEnd extends EventEmitter<{ connect: []; data: [bytes: Uint8Array]; error: [error: Error]; close: [] }> {
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  /** What is written is on its way at once. */
  readonly writableLength = 0
  other: PipeEnd | undefined
  readonly #later: (task: () => void) => void
  /** What arrived while it was paused, in order; `undefined` is the end. */
  #waiting: (Uint8Array | undefined)[] = []
  #paused = false
  #destroyed = false

  /** @param later runs a task in a later turn of the loop, in order: a node that sends has not done with its own step yet */
  constructor(later: (task: () => void) => void, address: Address) {
    super()
    this.#later = later
    this.localAddress = address.localAddress
    this.localPort = address.localPort
    this.remoteAddress = address.remoteAddress
    this.remotePort = address.remotePort
  }

  get destroyed(): boolean {
    return this.#destroyed
  }

  /** `bytes` may change afterwards. */
  write(bytes: Uint8Array, whenSent?: () => void): void {
    if (this.#destroyed) return
    const copy = bytes.slice()
    this.#later(() => this.other?.arrive(copy))
    whenSent?.()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    while (!this.#paused && this.#waiting.length > 0) this.#take(this.#waiting.shift())
  }

  end(): void {
    this.destroy()
  }

  /** The other end gets what is on its way, and then hears that this one is closed. */
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#waiting = []
    this.#later(() => this.other?.arrive(undefined))
  }

  /** Nothing to wait for: the other end closes with this one. */
  setTimeout(): void {}

  /** Something comes from the other end; `undefined`: it is closed. */
  arrive(bytes: Uint8Array | undefined): void {
    if (this.#paused || this.#waiting.length > 0) this.#waiting.push(bytes)
    else this.#take(bytes)
  }

  #take(bytes: Uint8Array | undefined): void {
    if (this.#destroyed) return
    if (bytes) {
      this.emit('data', bytes)
      return
    }
    this.#destroyed = true
    this.emit('close')
  }
}
