import net from 'node:net'

/** The parts of an accepted socket that Node does not speak of. */
type Inside = { _handle?: object | null; server?: unknown; _server?: unknown }

/** Where sockets read into, one after another. Requests are often as long as the last one: then the view on it is the same too. */
export class ReadBuffer {
  readonly bytes: Uint8Array
  #view: Uint8Array

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.#view = this.bytes
  }

  /** The first `count` bytes. */
  view(count: number): Uint8Array {
    if (this.#view.length !== count) this.#view = this.bytes.subarray(0, count)
    return this.#view
  }
}

/**
 * Takes over an accepted connection so that all such connections read into one buffer: a read is then no allocation of 64 KiB. Node has
 * this (`onread`) for sockets that connect, but not for those that are accepted, so the handle changes hands; undefined where it cannot,
 * and `accepted` is as it was.
 *
 * `take` gets a view that is valid during the call, and returns false to pause the socket. No `data` event comes.
 */
export function readingInto(accepted: net.Socket, into: ReadBuffer, take: (bytes: Uint8Array) => boolean): net.Socket | undefined {
  const inside = accepted as unknown as Inside
  const { _handle: handle, server, _server: countedBy } = inside
  if (!handle || !('readStart' in handle) || !countedBy) return undefined
  const options = {
    handle,
    readable: true,
    writable: true,
    pauseOnCreate: true,
    onread: { buffer: into.bytes, callback: (count: number) => take(into.view(count)) }
  }
  inside._handle = null
  const socket = new net.Socket(options as net.SocketConstructorOpts)
  // The server counts its connections, and waits for the last of them to close.
  Object.assign(socket as unknown as Inside, { server, _server: countedBy })
  return socket
}

/**
 * What all sockets of a node are to send, written when everything that had arrived has been served: who is served while others wait wakes its
 * client in vain otherwise, and a wake-up costs as much as all else that a small reply does (Valkey writes in `beforeSleep` too).
 *
 * The bytes are copied into one buffer for all sockets, which is free again when the kernel took them at once, as it mostly does; else it is
 * left to the writes that wait, and a new one takes its place.
 */
export class Outlet {
  #buffer = new Uint8Array(OUTLET_BYTES)
  #used = 0
  /** By write: whose it is, where its bytes end, and whom to tell. */
  readonly #sockets: net.Socket[] = []
  readonly #ends: number[] = []
  readonly #whenSent: ((() => void) | undefined)[] = []
  /** Of the last turn, by write: replies are often as long as those before. */
  #views: Uint8Array[] = []
  #isDue = false

  /** A copy of `bytes` leaves for the socket at the end of the loop's turn, behind what was to leave before. */
  write(socket: net.Socket, bytes: Uint8Array, whenSent?: () => void): void {
    if (this.#used + bytes.length > OUTLET_BYTES) this.flush()
    if (bytes.length > OUTLET_BYTES) {
      socket.write(bytes.slice(), whenSent)
      return
    }
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
    const last = this.#sockets.length - 1
    if (this.#sockets[last] === socket && this.#whenSent[last] === undefined) {
      this.#ends[last] = this.#used
      this.#whenSent[last] = whenSent
    } else {
      this.#sockets.push(socket)
      this.#ends.push(this.#used)
      this.#whenSent.push(whenSent)
    }
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(this.#endTurn)
  }

  /** Everything leaves now. */
  flush(): void {
    const count = this.#sockets.length
    let isTaken = true
    for (let i = 0, start = 0; i < count; i++) {
      const socket = this.#sockets[i] as net.Socket
      const end = this.#ends[i] as number
      socket.write(this.#view(i, start, end), this.#whenSent[i])
      isTaken &&= socket.writableLength === 0
      start = end
    }
    this.#sockets.length = 0
    this.#ends.length = 0
    this.#whenSent.length = 0
    this.#used = 0
    if (isTaken) return
    this.#buffer = new Uint8Array(OUTLET_BYTES)
    this.#views = []
  }

  #view(write: number, start: number, end: number): Uint8Array {
    const last = this.#views[write]
    if (last?.byteOffset === start && last.length === end - start) return last
    const view = this.#buffer.subarray(start, end)
    this.#views[write] = view
    return view
  }

  readonly #endTurn = (): void => {
    this.#isDue = false
    this.flush()
  }
}

const OUTLET_BYTES = 65_536
