import type net from 'node:net'
import tls from 'node:tls'
import type { LinkKind } from '../../core/input.ts'
import { type ReadParameter, readTlsMaterial, TlsError, type TlsMaterial, usesTls } from './tls-material.ts'

/** A peer that says nothing for so long after it connected is let go. */
const HANDSHAKE_MS = 60_000

type Current = {
  readonly material: TlsMaterial
  /** For clients, and for nodes, who must always show a certificate. */
  readonly clients: tls.Server
  readonly nodes: tls.Server
  readonly connecting: tls.SecureContext
}

/**
 * TLS for links of both directions. What is configured anew holds for the links to come; those that are there keep what they were
 * opened with. Nothing that a peer does in a handshake is an error of ours: the link ends, and the log tells of it.
 */
export class SecureLinks {
  readonly #read: ReadParameter
  readonly #log: (level: string, text: string) => void
  readonly #opened: (kind: LinkKind, socket: tls.TLSSocket) => void
  readonly #pending = new Set<net.Socket>()
  #current: Current | undefined

  /** `opened` gets those who have shaken hands. */
  constructor(read: ReadParameter, log: (level: string, text: string) => void, opened: (kind: LinkKind, socket: tls.TLSSocket) => void) {
    this.#read = read
    this.#log = log
    this.#opened = opened
  }

  /** Reads certificates and keys anew, if TLS is in use. Throws TlsError, and then everything is as it was. */
  load(): void {
    if (!usesTls(this.#read)) return
    const material = readTlsMaterial(this.#read)
    try {
      this.#current = {
        material,
        clients: this.#server('client', material, material.authentication),
        nodes: this.#server('bus', material, 'yes'),
        connecting: tls.createSecureContext(material.connecting)
      }
    } catch (error) {
      // Each part was tried by itself; together they may still not go, as a key that is too weak for the ciphers.
      throw new TlsError((error as Error).message)
    }
  }

  /** Shakes hands with who connected; `opened` follows, or the socket ends. */
  accept(kind: LinkKind, socket: net.Socket): void {
    const current = this.#current as Current
    this.#pending.add(socket)
    socket.once('close', () => this.#pending.delete(socket))
    // The handshake tells of what goes wrong by an event of its own.
    socket.on('error', () => {})
    const server = kind === 'bus' ? current.nodes : current.clients
    server.emit('connection', socket)
  }

  /** Connects; `secureConnect` follows, or `error` and `close`. Names are not compared: nodes know each other by address. */
  connect(place: { readonly host: string; readonly port: number; readonly localAddress?: string }): tls.TLSSocket {
    const { connecting } = this.#current as Current
    return tls.connect({ ...place, secureContext: connecting, rejectUnauthorized: true, checkServerIdentity: () => undefined })
  }

  /** Ends handshakes under way. */
  close(): void {
    for (const socket of this.#pending) socket.destroy()
  }

  #server(kind: LinkKind, material: TlsMaterial, authentication: TlsMaterial['authentication']): tls.Server {
    const server = tls.createServer({
      ...material.accepting,
      requestCert: authentication !== 'no',
      rejectUnauthorized: authentication === 'yes',
      handshakeTimeout: HANDSHAKE_MS
    })
    server.on('secureConnection', (socket) => {
      // With `optional` none is fine, and a wrong one is not.
      if (authentication === 'optional' && !socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0) {
        this.#refused(kind, socket, String(socket.authorizationError))
        socket.destroy()
      } else this.#opened(kind, socket)
    })
    server.on('tlsClientError', (error, socket) => this.#refused(kind, socket, error.message))
    return server
  }

  #refused(kind: LinkKind, socket: net.Socket, why: string): void {
    const who = kind === 'bus' ? 'cluster node' : 'client connection'
    this.#log('verbose', `Error accepting a ${who}: ${why} (addr=${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0})`)
  }
}
