import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity, TLSSocket } from 'node:tls'
import { type Command, ErrorReply, type NodeAddress, type Reply } from '@slotscope/observer'
import type { CommandReply } from '@slotscope/observer/stream'
import { Command as IoredisCommand, Redis } from 'ioredis'
import { ReplyReader } from '../commands/reply-reader.ts'
import type { TargetPolicy } from '../security/target-policy.ts'
import { NodeUnreachable, whyUnreachable } from './unreachable.ts'

export type NodeLogin = {
  readonly username: string | undefined
  readonly password: string | undefined
  /** Undefined: plain TCP. Certificates are verified unless the options say otherwise. */
  readonly tls: ConnectionOptions | undefined
  /** Says which addresses a host may be connected to at. Absent: whatever the system makes of it. */
  readonly policy?: TargetPolicy | undefined
  /** Sent once after the login. A server that does not know or does not allow them is used without. */
  readonly greeting: readonly Command[]
}

/** Milliseconds for TCP, TLS and HELLO together. */
const CONNECT_TIMEOUT_MS = 2_000
/** A node that answers one pipeline with more is cut off: its replies are held in memory, and a hostile one never ends. */
export const MOST_REPLY_BYTES = 64 * 1024 * 1024
/** After a refusal the same words are repeated for so long without asking again, so that nobody hammers a node that is down. */
const REFUSAL_LASTS_MS = 250

/**
 * One connection to one node, opened on first use and reopened on the next use after it broke. It never queues for a node that
 * is not there and never resends: whoever asked learns at once, in the words of the server or of the system.
 */
export class NodeConnection {
  readonly #address: NodeAddress
  readonly #login: NodeLogin
  #redis: Redis | undefined
  #opening: Promise<Redis> | undefined
  #refusal: { readonly why: NodeUnreachable; readonly untilMs: number } | undefined
  #closed = false
  #inFlight = 0
  /** Wall clock of the last use, for whoever closes idle connections. */
  usedAtMs = Date.now()
  /** Names and addresses of the node: its certificate has to be for one of them. The first name is asked for. */
  names: readonly string[]

  constructor(address: NodeAddress, login: NodeLogin, names: readonly string[] = [address.host]) {
    this.#address = address
    this.#login = login
    this.names = names
  }

  get busy(): boolean {
    return this.#inFlight > 0
  }

  /**
   * One reply per command, in order; they travel in one write. Rejects with `UnreachableError` only. A reply that does not come in
   * `timeoutMs` ends the connection, because later replies could no longer be told from late ones by the one who waits.
   */
  async pipeline(commands: readonly Command[], timeoutMs: number): Promise<readonly Reply[]> {
    this.usedAtMs = Date.now()
    this.#inFlight++
    try {
      const open = this.#redis
      // A broken socket is seen before its closing is reported.
      const usable = open?.status === 'ready' && open.stream.writable
      return await exchange(usable ? open : await this.#open(), commands, timeoutMs)
    } finally {
      this.#inFlight--
      this.usedAtMs = Date.now()
    }
  }

  /**
   * Takes the socket over from ioredis, which flattens what RESP3 types, for one last command, and ends the connection with its reply.
   * Rejects with `UnreachableError` only.
   */
  async typed(
    command: Command,
    { mostBytes, timeoutMs }: { readonly mostBytes: number; readonly timeoutMs: number }
  ): Promise<CommandReply> {
    this.#inFlight++
    const redis = this.#redis ?? (await this.#open())
    try {
      return await lastReply(redis.stream, command, { mostBytes, timeoutMs })
    } finally {
      this.#inFlight--
      this.close()
    }
  }

  /** Takes the socket over in the same way, for a subscription: what comes is told until either side ends. Rejects with `UnreachableError` only. */
  async listen(
    command: Command,
    to: { readonly heard: (value: CommandReply) => void; readonly ended: (words: string) => void },
    mostBytes: number
  ): Promise<void> {
    const redis = this.#redis ?? (await this.#open())
    // Never idle: it is closed by whoever took it.
    this.#inFlight++
    listenOn(redis.stream, command, to, mostBytes)
  }

  /** Ends the connection; calls in flight reject. Later calls are refused. */
  close(): void {
    this.#closed = true
    const redis = this.#redis
    this.#redis = undefined
    if (redis) hangUp(redis)
  }

  #open(): Promise<Redis> {
    if (this.#closed) return Promise.reject(new NodeUnreachable('lost', 'the connection was closed'))
    if (this.#refusal && Date.now() < this.#refusal.untilMs) return Promise.reject(this.#refusal.why)
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #connect(): Promise<Redis> {
    let redis: Redis
    try {
      redis = await this.#connectToAny()
    } catch (error) {
      const why = whyUnreachable(error)
      this.#refusal = { why, untilMs: Date.now() + REFUSAL_LASTS_MS }
      throw why
    }
    if (this.#closed) {
      hangUp(redis)
      throw new NodeUnreachable('lost', 'the connection was closed')
    }
    this.#refusal = undefined
    this.#redis = redis
    // Each pipeline that is under way measures what arrives.
    redis.stream.setMaxListeners(0)
    redis.once('end', () => {
      if (this.#redis === redis) this.#redis = undefined
    })
    return redis
  }

  /** A name that stands for several addresses is tried at each, until one takes us or says why it does not. */
  async #connectToAny(): Promise<Redis> {
    const { policy } = this.#login
    const { host, port } = this.#address
    const places = policy === undefined ? [host] : await policy.locate(host, port)
    const failures: NodeUnreachable[] = []
    for (const place of places) {
      try {
        return await this.#connectTo(place)
      } catch (error) {
        const atLogin = this.#login.tls === undefined ? 'it may want TLS' : 'it may ask for a client certificate that it trusts'
        const why = whyUnreachable(error, { atLogin })
        if (why.kind === 'server-error' || why.kind === 'certificate') throw why
        failures.push(why)
      }
    }
    throw failures.length === 1 ? failures[0] : new AggregateError(failures)
  }

  async #connectTo(host: string): Promise<Redis> {
    const { username, password, tls, greeting } = this.#login
    const redis = new Redis({
      host,
      port: this.#address.port,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls === undefined ? {} : { tls: verified(tls, this.names) }),
      connectionName: 'slotscope',
      connectTimeout: CONNECT_TIMEOUT_MS,
      lazyConnect: true,
      retryStrategy: null,
      maxRetriesPerRequest: null,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      disableClientInfo: true
    })
    try {
      await established(redis)
      await exchange(redis, greeting, CONNECT_TIMEOUT_MS)
      return redis
    } catch (error) {
      hangUp(redis)
      throw error
    }
  }
}

/** A certificate for any of the node's names and addresses is its own, unless the options ask for one name. */
function verified(tls: ConnectionOptions, names: readonly string[]): ConnectionOptions {
  if (tls.servername !== undefined) return tls
  const name = names.find((one) => isIP(one) === 0)
  return {
    checkServerIdentity: (_name, certificate) => {
      const problems = names.map((one) => checkServerIdentity(one, certificate))
      return problems.includes(undefined) ? undefined : problems[0]
    },
    ...(name === undefined ? {} : { servername: name }),
    ...tls
  }
}

/** Resolves when the login has been answered. The first error decides: ioredis would report a refused password only as a closed connection. */
function established(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const { stream } = redis
      // A server without TLS waits for the rest of what it takes for a command.
      const shakesHands = stream instanceof TLSSocket && stream.getFinished() === undefined
      const hint = shakesHands && !stream.connecting ? ': the server may not speak TLS at this port' : ''
      reject(new Error(`no answer to the login within ${CONNECT_TIMEOUT_MS} ms${hint}`))
    }, CONNECT_TIMEOUT_MS)
    const settle = (then: () => void) => {
      clearTimeout(timer)
      then()
    }
    // The listener stays for the life of the connection: an 'error' without one is printed by ioredis, with its stack.
    redis.on('error', (error) => settle(() => reject(error)))
    redis.connect().then(
      () => settle(resolve),
      (error) => settle(() => reject(error))
    )
  })
}

async function exchange(redis: Redis, commands: readonly Command[], timeoutMs: number): Promise<readonly Reply[]> {
  if (commands.length === 0) return []
  let broken: string | undefined
  const breakOff = (words: string) => {
    broken ??= words
    hangUp(redis)
  }
  const timer = setTimeout(() => breakOff(`no reply within ${timeoutMs} ms`), timeoutMs)
  const { stream } = redis
  const readBefore = stream.bytesRead
  const measure = () => {
    if (stream.bytesRead - readBefore > MOST_REPLY_BYTES) breakOff(`a reply of more than ${MOST_REPLY_BYTES / 1024 / 1024} MiB`)
  }
  // Before ioredis's own listener, so that what is too much is not parsed either.
  stream.prependListener('data', measure)
  try {
    const encoded = commands.map(encode)
    stream.cork()
    const pending = encoded.map((command) => send(redis, command))
    stream.uncork()
    return await Promise.all(pending)
  } catch (error) {
    if (broken !== undefined) throw whyUnreachable(new Error(broken))
    throw error
  } finally {
    clearTimeout(timer)
    stream.removeListener('data', measure)
  }
}

function lastReply(
  stream: Redis['stream'],
  command: Command,
  { mostBytes, timeoutMs }: { readonly mostBytes: number; readonly timeoutMs: number }
): Promise<CommandReply> {
  return new Promise((resolve, reject) => {
    const reader = new ReplyReader(mostBytes)
    let readBytes = 0
    const end = (words: string) => {
      clearTimeout(timer)
      reject(whyUnreachable(new Error(words)))
    }
    const timer = setTimeout(() => end(`no reply within ${timeoutMs} ms`), timeoutMs)
    stream.removeAllListeners('data')
    stream.once('close', () => end('the connection was closed'))
    stream.on('data', (chunk: Buffer) => {
      readBytes += chunk.length
      if (readBytes > MOST_REPLY_BYTES) return end(`a reply of more than ${MOST_REPLY_BYTES / 1024 / 1024} MiB`)
      try {
        const reply = reader.push(chunk)
        if (reply === undefined) return
        clearTimeout(timer)
        resolve(reply)
      } catch (error) {
        end(error instanceof Error ? error.message : String(error))
      }
    })
    stream.write(encode(command).toWritable(stream))
  })
}

function listenOn(stream: Redis['stream'], command: Command, to: Parameters<NodeConnection['listen']>[1], mostBytes: number): void {
  let reader = new ReplyReader(mostBytes)
  let hasEnded = false
  const end = (words: string) => {
    if (hasEnded) return
    hasEnded = true
    to.ended(words)
    stream.destroy()
  }
  stream.removeAllListeners('data')
  stream.once('close', () => end('the connection was closed'))
  stream.on('data', (chunk: Buffer) => {
    try {
      for (let next = chunk; !hasEnded; next = reader.rest) {
        if (next !== chunk) reader = new ReplyReader(mostBytes)
        const value = reader.push(next)
        if (value === undefined) return
        to.heard(value)
      }
    } catch (error) {
      end(error instanceof Error ? error.message : String(error))
    }
  })
  stream.write(encode(command).toWritable(stream))
}

function encode([name, ...args]: Command): IoredisCommand {
  if (typeof name !== 'string') throw new TypeError('a command begins with its name, as text')
  const buffers = args.map((arg) => (typeof arg === 'string' ? arg : Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength)))
  return new IoredisCommand(name, buffers, { replyEncoding: null })
}

function send(redis: Redis, command: IoredisCommand): Promise<Reply> {
  redis.sendCommand(command)
  return command.promise.then(toReply, (error: unknown) => {
    if (error instanceof Error && error.name === 'ReplyError') return new ErrorReply(error.message)
    throw whyUnreachable(error)
  })
}

/** Errors nested in a reply (of EXEC, say) become `ErrorReply` in their place; nothing else needs a change. */
function toReply(value: unknown): Reply {
  if (value instanceof Error) return new ErrorReply(value.message)
  if (Array.isArray(value)) for (let index = 0; index < value.length; index++) value[index] = toReply(value[index])
  return value as Reply
}

function hangUp(redis: Redis): void {
  redis.disconnect()
  redis.stream?.destroy()
}
