import { connect, type Socket } from 'node:net'
import { type Caller, type CallOptions, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../src/caller.ts'

/** A `Caller` over plain sockets, small enough to be checked by eye: one connection per node and purpose. */
export class RespCaller implements Caller {
  readonly #protocol: 2 | 3
  readonly #user: string | undefined
  readonly #connections = new Map<string, Connection>()
  /** Every pipeline sent, for tests that count. */
  readonly sent: { readonly node: NodeAddress; readonly commands: readonly Command[]; readonly cause: string }[] = []

  /** `user` logs in with the password `secret`; without one the connections are the default user's. */
  constructor(protocol: 2 | 3 = 2, user?: string) {
    this.#protocol = protocol
    this.#user = user
  }

  async pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    this.sent.push({ node, commands, cause: options.cause })
    const name = `${node.host}:${node.port}:${options.purpose}`
    let connection = this.#connections.get(name)
    if (!connection?.alive) {
      connection = new Connection(node)
      this.#connections.set(name, connection)
      if (this.#user !== undefined) await connection.send([['AUTH', this.#user, 'secret']], options.timeoutMs ?? 2_000)
      if (this.#protocol === 3) await connection.send([['HELLO', '3']], options.timeoutMs ?? 2_000)
    }
    return connection.send(commands, options.timeoutMs ?? 2_000)
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }
}

type Waiting = {
  readonly count: number
  readonly replies: Reply[]
  readonly resolve: (replies: Reply[]) => void
  readonly reject: (error: Error) => void
}

class Connection {
  readonly #socket: Socket
  readonly #queue: Waiting[] = []
  #buffer = Buffer.alloc(0)
  alive = true

  constructor(node: NodeAddress) {
    this.#socket = connect(node.port, node.host)
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (chunk) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk])
      this.#drain()
    })
    this.#socket.on('error', (cause) => this.#end(new UnreachableError('connection failed', { cause })))
    this.#socket.on('close', () => this.#end(new UnreachableError('connection lost')))
  }

  send(commands: readonly Command[], timeoutMs: number): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#end(new UnreachableError(`no reply within ${timeoutMs} ms`)), timeoutMs)
      const done =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          then(value)
        }
      this.#queue.push({ count: commands.length, replies: [], resolve: done(resolve), reject: done(reject) })
      const parts: Buffer[] = []
      for (const command of commands) {
        parts.push(Buffer.from(`*${command.length}\r\n`))
        for (const word of command) {
          const bytes = Buffer.from(word as string)
          parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
        }
      }
      this.#socket.write(Buffer.concat(parts))
    })
  }

  close(): void {
    this.#end(new UnreachableError('closed'))
  }

  #end(error: Error): void {
    this.alive = false
    this.#socket.destroy()
    for (const waiting of this.#queue.splice(0)) waiting.reject(error)
  }

  #drain(): void {
    let at = 0
    while (this.#queue.length > 0) {
      const parsed = parse(this.#buffer, at)
      if (!parsed) break
      at = parsed.next
      const waiting = this.#queue[0] as Waiting
      waiting.replies.push(parsed.reply)
      if (waiting.replies.length === waiting.count) this.#queue.shift()?.resolve(waiting.replies)
    }
    this.#buffer = this.#buffer.subarray(at)
  }
}

/** One RESP2 or RESP3 value at `at`; undefined when it is not complete yet. Bulk strings stay bytes. */
export function parse(buffer: Buffer, at: number): { reply: Reply; next: number } | undefined {
  const end = buffer.indexOf('\r\n', at)
  if (end < 0) return undefined
  const kind = String.fromCharCode(buffer[at] as number)
  const line = buffer.toString('utf8', at + 1, end)
  const next = end + 2
  switch (kind) {
    case '+':
      return { reply: line, next }
    case '-':
      return { reply: new ErrorReply(line), next }
    case ':':
      return { reply: Number(line), next }
    case ',':
      return { reply: Number(line), next }
    case '#':
      return { reply: line === 't', next }
    case '_':
      return { reply: null, next }
    case '$':
    case '=': {
      const length = Number(line)
      if (length < 0) return { reply: null, next }
      if (buffer.length < next + length + 2) return undefined
      return { reply: Uint8Array.from(buffer.subarray(next, next + length)), next: next + length + 2 }
    }
    case '*':
    case '~':
    case '>':
    case '%': {
      const count = Number(line) * (kind === '%' ? 2 : 1)
      if (count < 0) return { reply: null, next }
      const items: Reply[] = []
      let position = next
      for (let i = 0; i < count; i++) {
        const item = parse(buffer, position)
        if (!item) return undefined
        items.push(item.reply)
        position = item.next
      }
      if (kind !== '%') return { reply: items, next: position }
      const map = new Map<Reply, Reply>()
      for (let i = 0; i < items.length; i += 2) map.set(items[i] as Reply, items[i + 1] as Reply)
      return { reply: map, next: position }
    }
    default:
      throw new Error(`not RESP: ${JSON.stringify(kind + line)}`)
  }
}
