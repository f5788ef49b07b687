import type { ConnectionOptions } from 'node:tls'
import type { Caller, CallOptions, Command, DedicatedConnection, NodeAddress, Reply } from '@slotscope/observer'
import type { TargetPolicy } from '../security/target-policy.ts'
import { type AddressMap, formatAddress, mapAddress } from './address-map.ts'
import { NodeConnection } from './node-connection.ts'

export type IoredisCallerOptions = {
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** True or options: TLS, verified. Unless `servername` is given, the certificate must be for a name or address of the node. */
  readonly tls?: boolean | ConnectionOptions | undefined
  readonly addressMap?: AddressMap | undefined
  /** Asked before each connection. Absent: every address may be connected to. */
  readonly policy?: TargetPolicy | undefined
}

const TIMEOUT_MS = { polling: 2_000, work: 5_000, probe: 15_000 } as const
/** A connection that nobody used for so long is closed: nodes come and go, connections must not pile up. */
const IDLE_MS = 60_000
const SWEEP_MS = 15_000
/** What people look at must not look used to the server: it would change which keys are evicted. */
const GREETINGS = { polling: [], work: [['CLIENT', 'NO-TOUCH', 'ON']], probe: [] } as const

/**
 * `Caller` over ioredis: one plain connection per node and purpose, never ioredis's cluster mode, because who owns what is for the
 * observer to say. Replies keep their bytes; RESP3 maps arrive as flat arrays.
 */
export class IoredisCaller implements Caller {
  readonly #options: IoredisCallerOptions
  readonly #connections = new Map<string, NodeConnection>()
  /** Those of work that is under way: each lives as long as one edit. */
  readonly #dedicated = new Set<NodeConnection>()
  /** Announced names by address, as polling told them: whoever asks for people knows a node by its address alone. */
  readonly #hostnames = new Map<string, string>()
  readonly #sweep: NodeJS.Timeout
  #closed = false

  constructor(options: IoredisCallerOptions = {}) {
    this.#options = options
    this.#sweep = setInterval(() => this.#closeIdle(Date.now()), SWEEP_MS)
    this.#sweep.unref()
  }

  /** Connections that exist now: at most one per node and purpose, and one for each edit that is under way. */
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
      typed: (command, limits) => connection.typed(command, limits),
      listen: (command, to, mostBytes) => connection.listen(command, to, mostBytes),
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
    const { address, names } = this.#whereabouts(node)
    const name = `${purpose} ${formatAddress(address)}`
    const open = this.#connections.get(name)
    if (open) {
      open.names = names
      return open
    }
    const connection = this.#newConnection(node, purpose)
    if (!this.#closed) this.#connections.set(name, connection)
    return connection
  }

  #newConnection(node: NodeAddress, purpose: CallOptions['purpose']): NodeConnection {
    const { username, password, tls, policy } = this.#options
    const { address, names } = this.#whereabouts(node)
    const login = { username, password, tls: tls === true ? {} : tls || undefined, policy, greeting: GREETINGS[purpose] }
    const connection = new NodeConnection(address, login, names)
    if (this.#closed) connection.close()
    return connection
  }

  /** Where to connect to, and what the node is called: its certificate has to be for one of these. */
  #whereabouts(node: NodeAddress): { readonly address: NodeAddress; readonly names: readonly string[] } {
    const announced = formatAddress(node)
    if (node.hostname !== undefined) this.#hostnames.set(announced, node.hostname)
    const hostname = node.hostname ?? this.#hostnames.get(announced)
    const address = mapAddress(this.#options.addressMap, hostname === undefined ? node : { ...node, hostname })
    return { address, names: [...new Set([address.host, node.host, ...(hostname === undefined ? [] : [hostname])])] }
  }

  #closeIdle(nowMs: number): void {
    for (const [name, connection] of this.#connections) {
      if (connection.busy || nowMs - connection.usedAtMs < IDLE_MS) continue
      this.#connections.delete(name)
      connection.close()
    }
  }
}
