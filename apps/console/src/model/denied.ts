import type { CoreState, Denial, Panel } from '@slotscope/observer/stream'
import type { Refusal } from './refusal.ts'

/**
 * The first rule that our user lacks for a panel, on any node, or on the one that is named. Null: nothing is denied that it shows.
 */
export function deniedFor(denied: CoreState['denied'], panel: Panel, node?: string): Refusal | null {
  const lacks = ([, denial]: [string, Denial]) => denial.panels.includes(panel) && (node === undefined || denial.nodes.includes(node))
  const first = Object.entries(denied ?? {}).find(lacks)
  return first ? { rule: first[0], words: first[1].words } : null
}
