import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
/**
 * Applies the commands of our primary's stream: without checks, redirections, expiry or replies. A transaction is applied as a
 * whole when its EXEC is here, so that a link that is cut inside it leaves nothing half done.
 */
export declare class StreamApplier {
  #private
  constructor(node: Node)
  /** Between MULTI and EXEC nothing has been applied yet, and the offset stands before MULTI. */
  get inTransaction(): boolean
  /** Selected by the stream so far. */
  get database(): number
  set database(index: number)
  /** The link is gone: what it left half said comes again. */
  reset(): void
  /** One command. `getack`: the primary wants to hear at once how far we are. */
  apply(args: Args): 'getack' | undefined
}
//# sourceMappingURL=stream-applier.d.ts.map
