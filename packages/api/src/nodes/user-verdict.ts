import type { UserTestResult } from '@slotscope/observer/stream'
import type { NodeAnswer } from './every-node.ts'

/** What ACL DRYRUN says: OK, or why not. A user or a command that the node does not know is an error there. */
export function verdictOf({ node, atMs, error, reply }: NodeAnswer): UserTestResult {
  if (error !== null) return { node, atMs, error, allowed: null, refused: null }
  const words = reply instanceof Uint8Array ? Buffer.from(reply).toString() : reply
  if (typeof words !== 'string') return { node, atMs, error: 'ACL DRYRUN: expected a text', allowed: null, refused: null }
  return { node, atMs, error, allowed: words === 'OK', refused: words === 'OK' ? null : words }
}
