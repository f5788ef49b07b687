import type { PreparedNode } from '@slotscope/observer'

/**
 * What the host of an embedded cluster can do to its nodes and no command can. A real cluster has none: the capability `node-host`
 * tells. Every call rejects with an Error in words.
 */
export type NodeHost = {
  /** Chooses id and address of one more node; the same one until it was started. */
  prepare(): Promise<PreparedNode>
  /** Runs a node that does not: a prepared one, or one that ended. It finds its nodes.conf again, and none of its keys. */
  start(node: string): Promise<void>
  /** Ends it at once: no goodbye. */
  kill(node: string): Promise<void>
}
