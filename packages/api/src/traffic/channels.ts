import type { Reply } from '@slotscope/observer'
import type { ChannelKind, ChannelState, PubSubAnswer } from '@slotscope/observer/stream'
import { type AskedCluster, askNode } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { inTurns } from '../in-turns.ts'
import { base64url, bytesOf, listOf, numberOf } from '../keys/replies.ts'
import { answerOf, askedNodes, type EveryNode, type NodeReplies } from '../nodes/every-node.ts'

/** Channels of one kind of one node whose subscribers are counted. */
const MOST_OF_A_NODE = 1_000
/** Nodes that are asked for counts at the same time. */
const AT_ONCE = 16
const cause = 'pub/sub'
const names: readonly (readonly string[])[] = [
  ['PUBSUB', 'CHANNELS'],
  ['PUBSUB', 'NUMPAT'],
  // Only servers from 7.0 on know these: without them there are none.
  ['PUBSUB', 'SHARDCHANNELS']
]

type Sum = { readonly kind: ChannelKind; subscribers: number; nodes: number }

/** Channels that somebody listens to, with how many listen, over all nodes. */
export async function listChannels(cluster: AskedCluster, everyNode: EveryNode): Promise<PubSubAnswer> {
  const answers = await everyNode.askEach(cluster, names, cause)
  const nodes = askedNodes(answers.map((answer) => answerOf(answer)))
  const sums = new Map<string, Sum>()
  let leftOut = 0
  const count = async (answer: NodeReplies, index: number) => {
    if (nodes[index]?.error !== null) return
    const channels = listOf(answer.replies[0]).map(bytesOf)
    const sharded = listOf(answer.replies[2]).map(bytesOf)
    leftOut += Math.max(0, channels.length - MOST_OF_A_NODE) + Math.max(0, sharded.length - MOST_OF_A_NODE)
    const [some, someSharded] = [channels.slice(0, MOST_OF_A_NODE), sharded.slice(0, MOST_OF_A_NODE)]
    try {
      const replies = await askNode(
        cluster,
        answer.node,
        [
          ['PUBSUB', 'NUMSUB', ...some],
          ['PUBSUB', 'SHARDNUMSUB', ...someSharded]
        ],
        cause
      )
      add(sums, 'channel', replies[0])
      add(sums, 'sharded', replies[1])
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      nodes[index] = { node: answer.node, atMs: answer.atMs, error: error.message }
    }
  }
  await inTurns(answers, AT_ONCE, count)
  const channels = [...sums].map(([key, { kind, subscribers, nodes: on }]): ChannelState => {
    return { name: key.slice(key.indexOf(' ') + 1), kind, subscribers, nodes: on }
  })
  return {
    nodes,
    channels: channels.sort((a, b) => b.subscribers - a.subscribers || (a.name < b.name ? -1 : 1)),
    leftOut,
    patterns: answers.reduce((sum, answer) => sum + (numberOf(answerOf(answer, 1).reply ?? undefined) ?? 0), 0)
  }
}

/** Names and counts in turn. Who stopped listening between the two questions counts no more. */
function add(sums: Map<string, Sum>, kind: ChannelKind, reply: Reply | undefined): void {
  const list = listOf(reply)
  for (let at = 0; at + 1 < list.length; at += 2) {
    const subscribers = numberOf(list[at + 1]) ?? 0
    if (subscribers === 0) continue
    const key = `${kind} ${base64url(list[at])}`
    const sum = sums.get(key) ?? { kind, subscribers: 0, nodes: 0 }
    sums.set(key, sum)
    sum.subscribers += subscribers
    sum.nodes++
  }
}
