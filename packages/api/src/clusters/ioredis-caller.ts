import type { ConnectionOptions } from 'node:tls'
import type { Caller, CallOptions, Command, NodeAddress, Reply } from '@slotscope/observer'
import { NodeConnection } from './node-connection.ts'

export type IoredisCallerOptions = {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** True or options: TLS, verified. `servername` is the node's host name unless given. */
  readonly tls?: boolean | ConnectionOptions | undefined
  /** From `host:port` as the cluster announces it to where we can reach it (NAT, Docker, tunnels). */
  readonly addressMap?: Readonly<Record<string, NodeAddress>> | undefined
}

const TIMEOUT_MS = { polling: 2_000, work: 5_000 } as const
/** A connection that nobody used for so long is closed: nodes come and go, connections must not pile up. */
const IDLE_MS = 60_000
const SWEEP_MS = 15_000
/** What people look at must not look used to the server: it would change which keys are evicted. */
const GREETINGS = { polling: [], work: [['CLIENT', 'NO-TOUCH', 'ON']] } as const

/**
 * `Caller` over ioredis: one plain connection per node and purpose, never ioredis's cluster mode, because who owns what is for the
 * observer to say. Replies keep their bytes; RESP3 maps arrive as flat arrays.
 */
export class IoredisCaller implements Caller {
  readonly #options: IoredisCallerOptions
  readonly #connections = new Map<string, NodeConnection>()
  readonly #sweep: NodeJS.Timeout
  #closed = false

  constructor(options: IoredisCallerOptions = {}) {
    this.#options = options
    this.#sweep = setInterval(() => this.#closeIdle(Date.now()), SWEEP_MS)
    this.#sweep.unref()
  }

  /** Connections that exist now: at most two per node. */
  get connectionCount(): number {
    return this.#connections.size
  }

  pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    return this.#connection(node, options.purpose).pipeline(commands, options.timeoutMs ?? TIMEOUT_MS[options.purpose])
  }

  /** Ends every connection; calls in flight reject. */
  close(): void {
    this.#closed = true
    clearInterval(this.#sweep)
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  #connection(node: NodeAddress, purpose: CallOptions['purpose']): NodeConnection {
    const announced = `${node.host}:${node.port}`
    const address = this.#options.addressMap?.[announced] ?? node
    const name = `${purpose} ${address.host}:${address.port}`
    const open = this.#connections.get(name)
    if (open) return open
    const { username, password, tls } = this.#options
    const connection = new NodeConnection(address, {
      username,
      password,
      tls: tls === true ? {} : tls || undefined,
      greeting: GREETINGS[purpose]
    })
    if (this.#closed) connection.close()
    else this.#connections.set(name, connection)
    return connection
  }

  #closeIdle(nowMs: number): void {
    for (const [name, connection] of this.#connections) {
      if (connection.busy || nowMs - connection.usedAtMs < IDLE_MS) continue
      this.#connections.delete(name)
      connection.close()
    }
  }
}
