import { parseClientList } from '@slotscope/observer'
import type { ClientState, ClientsAnswer } from '@slotscope/observer/stream'
import { askedNodes, type NodeAnswer } from '../nodes/every-node.ts'

/** Connections of one answer: some 10 MB of JSON. */
const MOST_CLIENTS = 20_000

/** CLIENT LIST of every node as one list. Where there are too many, every node keeps an equal part of the room. */
export function listClients(answers: readonly NodeAnswer[]): ClientsAnswer {
  const nodes = askedNodes(answers)
  const lists = answers.map((answer, index): readonly ClientState[] => {
    if (answer.error !== null) return []
    const parsed = parseClientList(answer.reply)
    if ('value' in parsed) return parsed.value.map((client) => ({ node: answer.node, ...client }))
    nodes[index] = { node: answer.node, atMs: answer.atMs, error: parsed.error }
    return []
  })
  const most = fairShare(
    lists.map((list) => list.length),
    MOST_CLIENTS
  )
  return {
    nodes,
    clients: lists.flatMap((list) => list.slice(0, most)),
    leftOut: lists.reduce((sum, list) => sum + Math.max(0, list.length - most), 0)
  }
}

/** The greatest number that each may keep, so that all together keep at most `room`. */
export function fairShare(sizes: readonly number[], room: number): number {
  let left = room
  const ascending = [...sizes].sort((a, b) => a - b)
  for (const [index, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (size > share) return share
    left -= size
  }
  return Number.POSITIVE_INFINITY
}
