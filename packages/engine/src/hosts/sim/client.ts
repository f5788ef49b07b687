import { latin1Bytes, latin1Text } from '../../core/bytes.ts'
import type { Endpoint } from '../../core/input.ts'
import type { Connection, Simulator } from './simulator.ts'

export type SimulatedReply = string | number | null | { readonly error: string } | readonly SimulatedReply[]

/** One connection to one node in virtual time, a command at a time per callback, replies in order. */
export class SimulatedConnection {
  readonly #connection: Connection
  #text = ''
  readonly #waiting: ((reply: SimulatedReply) => void)[] = []
  open = true

  constructor(simulator: Simulator, to: Endpoint) {
    this.#connection = simulator.connect(to, {
      received: (bytes) => {
        this.#text += latin1Text(bytes)
        for (;;) {
          const parsed = parseReply(this.#text, 0)
          if (!parsed) return
          this.#text = this.#text.slice(parsed.end)
          this.#waiting.shift()?.(parsed.reply)
        }
      },
      closed: () => {
        this.open = false
        for (const waiting of this.#waiting.splice(0)) waiting({ error: 'CLOSED the connection was lost' })
      }
    })
  }

  send(args: readonly (string | number)[], done: (reply: SimulatedReply) => void): void {
    this.#waiting.push(done)
    this.#connection.send(latin1Bytes(`*${args.length}\r\n${args.map((arg) => `$${String(arg).length}\r\n${arg}\r\n`).join('')}`))
  }
}

/** A client that follows MOVED as cluster clients do: one connection per node and database. */
export class SimulatedClusterClient {
  readonly #simulator: Simulator
  readonly #connections = new Map<string, SimulatedConnection>()
  readonly #owners = new Map<number, Endpoint>()
  readonly #entry: Endpoint
  moved = 0

  constructor(simulator: Simulator, entry: Endpoint) {
    this.#simulator = simulator
    this.#entry = entry
  }

  /** `done` gets the final reply: a value, or an error that is no redirection. */
  send(slot: number, database: number, args: readonly (string | number)[], done: (reply: SimulatedReply) => void, hops = 0): void {
    const owner = this.#owners.get(slot) ?? this.#entry
    this.#connection(owner, database).send(args, (reply) => {
      if (isError(reply) && reply.error.startsWith('MOVED ') && hops < 32) {
        this.moved++
        const [, , target = ''] = reply.error.split(' ')
        const colon = target.lastIndexOf(':')
        this.#owners.set(slot, { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) })
        // Two nodes may send us to and fro while the news of a hand-over travels.
        this.#simulator.after(hops, () => this.send(slot, database, args, done, hops + 1))
      } else done(reply)
    })
  }

  #connection(to: Endpoint, database: number): SimulatedConnection {
    const key = `${to.host}:${to.port}/${database}`
    let connection = this.#connections.get(key)
    if (!connection?.open) {
      connection = new SimulatedConnection(this.#simulator, to)
      if (database !== 0) connection.send(['SELECT', database], () => {})
      this.#connections.set(key, connection)
    }
    return connection
  }
}

export function isError(reply: SimulatedReply): reply is { readonly error: string } {
  return typeof reply === 'object' && reply !== null && 'error' in reply
}

function parseReply(text: string, at: number): { reply: SimulatedReply; end: number } | undefined {
  const line = text.indexOf('\r\n', at)
  if (line < 0) return undefined
  const rest = text.slice(at + 1, line)
  const end = line + 2
  switch (text[at]) {
    case '+':
      return { reply: rest, end }
    case '-':
      return { reply: { error: rest }, end }
    case ':':
      return { reply: Number(rest), end }
    case '$': {
      const length = Number(rest)
      if (length < 0) return { reply: null, end }
      return text.length < end + length + 2 ? undefined : { reply: text.slice(end, end + length), end: end + length + 2 }
    }
    case '*': {
      const items: SimulatedReply[] = []
      let next = end
      for (let count = Number(rest); count > 0; count--) {
        const item = parseReply(text, next)
        if (!item) return undefined
        items.push(item.reply)
        next = item.end
      }
      return { reply: Number(rest) < 0 ? null : items, end: next }
    }
    default:
      throw new Error(`not a reply: ${JSON.stringify(text.slice(at, at + 40))}`)
  }
}
