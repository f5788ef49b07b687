import { parseMemoryStats } from '@slotscope/observer'
import type { MemoryAnswer, NodeMemory } from '@slotscope/observer/stream'
import { answerOf, askedNodes, type NodeReplies } from '../nodes/every-node.ts'

/** Asked of each node, in this order. */
export const memoryCommands = [
  ['MEMORY', 'STATS'],
  ['INFO', 'memory']
] as const

/** What the memory of each node is for. */
export function collectMemory(answers: readonly NodeReplies[]): MemoryAnswer {
  const nodes = askedNodes(answers.map((answer) => answerOf(answer)))
  const memory = answers.flatMap((answer, index): NodeMemory[] => {
    if (nodes[index]?.error !== null) return []
    const parsed = parseMemoryStats(answer.replies[0], answer.replies[1])
    if ('value' in parsed) return [{ node: answer.node, ...parsed.value }]
    nodes[index] = { node: answer.node, atMs: answer.atMs, error: parsed.error }
    return []
  })
  return { nodes, memory }
}
