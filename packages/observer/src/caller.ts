import type { CommandReply } from './stream/command-questions.ts'

/**
 * The port through which everything is asked of a cluster: one call to one node, argv in, reply out. ioredis stands
 * behind it in the api, an in-memory caller in a browser worker, a script in tests. Replies are RESP3 values with bytes
 * kept as bytes; maps arrive as `Map`s or flat arrays, whichever the protocol gave (`replies/` parses either).
 */
export interface Caller {
  /**
   * Sends the commands to one node in one pipeline, on the connection of that purpose, and resolves with one reply per
   * command, in order. An error reply is an `ErrorReply` in its place; the promise rejects with `UnreachableError` only.
   */
  pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]>
  /**
   * A connection of its own, for one piece of work that keeps a state there (WATCH). Opened by its first pipeline; whoever took it
   * closes it. Absent where there is no such thing: then nothing can be edited.
   */
  dedicated?(node: NodeAddress, cause: string): DedicatedConnection
}

/** Rejects as `Caller.pipeline` does. */
export interface DedicatedConnection {
  pipeline(commands: readonly Command[]): Promise<readonly Reply[]>
  /**
   * Sends one last command and reads its reply with the types of RESP3, keeping about `mostBytes` of it. Nothing can be sent on this
   * connection afterwards.
   */
  typed(command: Command, limits: { readonly mostBytes: number; readonly timeoutMs: number }): Promise<CommandReply>
  /**
   * Sends one last command, a subscription, and tells everything that the server sends from then on, each value with about `mostBytes` of it.
   * `ended` is called once, with why. Rejects as `pipeline` does when it cannot be sent.
   */
  listen(
    command: Command,
    to: { readonly heard: (value: CommandReply) => void; readonly ended: (words: string) => void },
    mostBytes: number
  ): Promise<void>
  close(): void
}

export type NodeAddress = {
  readonly host: string
  readonly port: number
  /** The name that the node announces, where `host` is another: its certificate may carry either. */
  readonly hostname?: string
}
export type Command = readonly (string | Uint8Array)[]
export type CallOptions = {
  /** A connection per node for each: our polling, people's work and a probe that measures never wait for each other. */
  readonly purpose: 'polling' | 'work' | 'probe'
  /** Why it is asked; the cost of watching is shown by cause. */
  readonly cause: string
  readonly timeoutMs?: number
}

export type Reply = string | number | bigint | boolean | null | Uint8Array | ErrorReply | readonly Reply[] | ReadonlyMap<Reply, Reply>

/** An error that the server answered, e.g. `NOPERM ...`. */
export class ErrorReply {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
  /** The first word: `ERR`, `NOPERM`, `MOVED`, ... */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? ''
  }
}

/** No reply: connection refused, lost, timed out, or the login was refused. `cause` has the server's or system's words. */
export class UnreachableError extends Error {}
