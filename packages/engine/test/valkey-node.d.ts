import { type Socket } from 'node:net'
import { type ReplyTree } from './differential/reply-frame.ts'
export declare function hasValkey(): boolean
/** A connection that gives one command at a time. Replies are trees of texts, as on the wire. */
export declare class WireClient {
  #private
  /** `at`: a port, the path of a socket, or what is connected already. */
  constructor(at: number | string | Socket, host?: string)
  call(...args: readonly string[]): Promise<ReplyTree>
  /** The next frame that arrives. */
  next(): Promise<ReplyTree>
  close(): void
}
/** A reply as one text: bulk strings and simple ones without their mark, elements joined by spaces. */
export declare function flat(tree: ReplyTree): string
/** One command on a connection of its own. */
export declare function ask(port: number, ...args: readonly string[]): Promise<string>
/** Asks again until the claim holds. */
export declare function eventually(claim: () => Promise<boolean>, what: string, limitMs?: number): Promise<void>
/** A real valkey-server in cluster mode, which ends with the test. */
export declare class ValkeyNode {
  #private
  readonly port: number
  private constructor()
  /** Resolves when it answers; rejects when it ends instead. `nodesConf` is the file that it finds. */
  static start(port: number, settings?: Readonly<Record<string, string>>, nodesConf?: string): Promise<ValkeyNode>
  get nodesConf(): string
  close(): Promise<void>
}
//# sourceMappingURL=valkey-node.d.ts.map
