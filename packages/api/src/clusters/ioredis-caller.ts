import type { ConnectionOptions } from 'node:tls'
import type { Caller, CallOptions, Command, DedicatedConnection, NodeAddress, Reply } from '@slotscope/observer'
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
  /** Those of work that is under way: each lives as long as one edit. */
  readonly #dedicated = new Set<NodeConnection>()
  readonly #sweep: NodeJS.Timeout
  #closed = false

  constructor(options: IoredisCallerOptions = {}) {
    this.#options = options
    this.#sweep = setInterval(() => this.#closeIdle(Date.now()), SWEEP_MS)
    this.#sweep.unref()
  }

  /** Connections that exist now: at most two per node, and one for each edit that is under way. */
  get connectionCount(): number {
    return this.#connections.size + this.#dedicated.size
  }

  pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    return this.#connection(node, options.purpose).pipeline(commands, options.timeoutMs ?? TIMEOUT_MS[options.purpose])
  }

  dedicated(node: NodeAddress): DedicatedConnection {
    const connection = this.#newConnection(node, 'work')
    this.#dedicated.add(connection)
    return {
      pipeline: (commands) => connection.pipeline(commands, TIMEOUT_MS.work),
      close: () => {
        this.#dedicated.delete(connection)
        connection.close()
      }
    }
  }

  /** Ends every connection; calls in flight reject. */
  close(): void {
    this.#closed = true
    clearInterval(this.#sweep)
    for (const connection of [...this.#connections.values(), ...this.#dedicated]) connection.close()
    this.#connections.clear()
    this.#dedicated.clear()
  }

  #connection(node: NodeAddress, purpose: CallOptions['purpose']): NodeConnection {
    const address = this.#reachable(node)
    const name = `${purpose} ${address.host}:${address.port}`
    const open = this.#connections.get(name)
    if (open) return open
    const connection = this.#newConnection(node, purpose)
    if (!this.#closed) this.#connections.set(name, connection)
    return connection
  }

  #newConnection(node: NodeAddress, purpose: CallOptions['purpose']): NodeConnection {
    const { username, password, tls } = this.#options
    const login = { username, password, tls: tls === true ? {} : tls || undefined, greeting: GREETINGS[purpose] }
    const connection = new NodeConnection(this.#reachable(node), login)
    if (this.#closed) connection.close()
    return connection
  }

  #reachable(node: NodeAddress): NodeAddress {
    return this.#options.addressMap?.[`${node.host}:${node.port}`] ?? node
  }

  #closeIdle(nowMs: number): void {
    for (const [name, connection] of this.#connections) {
      if (connection.busy || nowMs - connection.usedAtMs < IDLE_MS) continue
      this.#connections.delete(name)
      connection.close()
    }
  }
}
