import type { NodeState } from '@slotscope/observer/stream'
import { formatAgo } from './format.ts'

/** Figures are confirmed about every second; two idle periods of five seconds, and a little for the way. */
const oldAfterMs = 12_000
/** In a large cluster the confirmations of unchanged nodes are spread out: so much more per node. */
const perNodeMs = 60

/** What is wrong with a node, in a few words; null when nothing is. `unreachable` is our own view, the others are its shard's. */
export function nodeTrouble(node: NodeState): string | null {
  switch (node.health) {
    case 'fail':
      return 'failed'
    case 'suspected':
      return 'suspected to have failed'
    case 'loading':
      return 'loading its data'
    case 'unreachable':
      return 'does not answer'
    case 'online':
      return node.paused === null ? null : 'writes paused'
  }
}

/** How old the last reading of a node of a cluster of so many may be and still pass for now, in milliseconds. */
export function readingLastsMs(nodes: number): number {
  return oldAfterMs + nodes * perNodeMs
}

/** `read 14 s ago` when the figures of a node are too old to pass for now, else null. */
export function oldFigures(node: NodeState, nowMs: number, nodes: number): string | null {
  const age = nowMs - node.readAtMs
  if (node.readAtMs === 0) return 'not read yet'
  // It answers, but not what it was asked for its figures: it is slow, or refuses INFO.
  if (node.staleSinceMs !== undefined) return `read ${formatAgo(nowMs - node.staleSinceMs)}`
  return age > readingLastsMs(nodes) ? `read ${formatAgo(age)}` : null
}
