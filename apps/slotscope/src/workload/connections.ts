import type { Notice } from '@slotscope/observer'
import { Redis } from 'ioredis'

export type Address = { readonly host: string; readonly port: number }

/**
 * Routes commands to the owner of their slot in any numbered database. ioredis' own cluster mode knows database 0 only, and
 * hides the redirections that this workload is here to count.
 */
export class ClusterConnections {
  readonly #seeds: readonly Address[]
  /** By `host:port/database`: the database belongs to the connection. */
  readonly #connections = new Map<string, Redis>()
  #owners: (Address | undefined)[] = []
  #refreshing: Promise<void> | undefined
  readonly #notice: (notice: Notice) => void
  #closed = false

  constructor(seeds: readonly Address[], notice: (notice: Notice) => void) {
    this.#seeds = seeds
    this.#notice = notice
  }

  /** Sends a command on a slot; follows redirections. Rejects after 16 of them, or with the server's error. */
  async send(slot: number, database: number, command: string, args: readonly (string | number)[]): Promise<unknown> {
    if (this.#owners.length === 0) await this.refresh()
    let address = this.#owners[slot]
    for (let hop = 0; hop < 16; hop++) {
      if (!address) {
        await this.refresh()
        address = this.#owners[slot]
        if (!address) throw new Error(`slot ${slot} has no owner`)
      }
      const connection = this.#connection(address, database)
      try {
        return await connection.call(command, ...args)
      } catch (error) {
        const [code = '', , target = ''] = (error as Error).message.split(' ')
        if (code === 'MOVED') {
          this.#notice('moved')
          address = parseAddress(target)
          this.#owners[slot] = address
          void this.refresh()
        } else if (code === 'ASK') {
          this.#notice('ask')
          const asked = this.#connection(parseAddress(target), database)
          const replies = await asked.pipeline([['asking'], [command, ...args]]).exec()
          const [failure, reply] = replies?.[1] ?? [new Error('the connection was lost'), undefined]
          if (failure) throw failure
          return reply
        } else if (code === 'TRYAGAIN' || code === 'CLUSTERDOWN') {
          this.#notice(code === 'TRYAGAIN' ? 'try-again' : 'error')
          await new Promise((resolve) => setTimeout(resolve, 50))
        } else {
          this.#notice('error')
          throw error
        }
      }
    }
    throw new Error(`slot ${slot} was redirected 16 times`)
  }

  /** Reads who owns what from the first node that answers; calls while one is under way share it. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#readOwners().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  /** Commands under way reject, and no new ones are taken. */
  close(): void {
    this.#closed = true
    for (const connection of this.#connections.values()) connection.disconnect()
    this.#connections.clear()
  }

  async #readOwners(): Promise<void> {
    for (const seed of this.#seeds) {
      try {
        const rows = (await this.#connection(seed, 0).call('CLUSTER', 'SLOTS')) as [number, number, [string, number]][]
        const owners: (Address | undefined)[] = new Array(16_384).fill(undefined)
        for (const [first, last, [host, port]] of rows) owners.fill({ host: host || seed.host, port }, first, last + 1)
        this.#owners = owners
        return
      } catch {
        // The next seed may answer; when none does, the caller finds no owner.
      }
    }
  }

  #connection(address: Address, database: number): Redis {
    if (this.#closed) throw new Error('the connections are closed')
    const key = `${address.host}:${address.port}/${database}`
    let connection = this.#connections.get(key)
    if (!connection) {
      connection = new Redis({
        host: address.host,
        port: address.port,
        db: database,
        connectionName: 'slotscope-workload',
        enableReadyCheck: false,
        maxRetriesPerRequest: 1,
        retryStrategy: (attempt) => Math.min(1_000, 50 * attempt)
      })
      // Every command that it fails rejects by itself.
      connection.on('error', () => {})
      this.#connections.set(key, connection)
    }
    return connection
  }
}

function parseAddress(text: string): Address {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) }
}
