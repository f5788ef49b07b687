import net from 'node:net'

/** The parts of an accepted socket that Node does not speak of. */
type Inside = { _handle?: object | null; server?: unknown; _server?: unknown }

/**
 * Takes over an accepted connection so that all such connections read into one buffer: a read is then no allocation of 64 KiB. Node has
 * this (`onread`) for sockets that connect, but not for those that are accepted, so the handle changes hands; undefined where it cannot,
 * and `accepted` is as it was.
 *
 * `take` gets a view that is valid during the call, and returns false to pause the socket. No `data` event comes.
 */
export function readingInto(accepted: net.Socket, buffer: Uint8Array, take: (bytes: Uint8Array) => boolean): net.Socket | undefined {
  const inside = accepted as unknown as Inside
  const { _handle: handle, server, _server: countedBy } = inside
  if (!handle || !('readStart' in handle) || !countedBy) return undefined
  const options = {
    handle,
    readable: true,
    writable: true,
    pauseOnCreate: true,
    onread: { buffer, callback: (count: number) => take(buffer.subarray(0, count)) }
  }
  inside._handle = null
  const socket = new net.Socket(options as net.SocketConstructorOpts)
  // The server counts its connections, and waits for the last of them to close.
  Object.assign(socket as unknown as Inside, { server, _server: countedBy })
  return socket
}

/**
 * Writes a copy of `bytes`. The copy is made into one buffer for all sockets, which is free again when the kernel took it at once, as it
 * mostly does; else it is left to the write that waits, and a new one takes its place.
 */
export class Outlet {
  #buffer = new Uint8Array(OUTLET_BYTES)

  write(socket: net.Socket, bytes: Uint8Array, whenSent?: () => void): void {
    if (bytes.length > OUTLET_BYTES) {
      socket.write(bytes.slice(), whenSent)
      return
    }
    const copy = this.#buffer.subarray(0, bytes.length)
    copy.set(bytes)
    socket.write(copy, whenSent)
    if (socket.writableLength > 0) this.#buffer = new Uint8Array(OUTLET_BYTES)
  }
}

const OUTLET_BYTES = 65_536
