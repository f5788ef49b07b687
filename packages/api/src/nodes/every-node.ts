import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { AskedNode } from '@slotscope/observer/stream'
import { type AskedCluster, askNode } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { inTurns } from '../in-turns.ts'

/** Nodes that are asked at the same time. */
const AT_ONCE = 16
/** Whoever asks the same so soon gets the same answers: these are long lists, and the nodes have other work. */
const LASTS_MS = 3_000

/** What one node answered; its reply is null where it has an error. */
export type NodeAnswer = AskedNode & { readonly reply: Exclude<Reply, ErrorReply> | null }

/** What one node answered to several commands, in their order; an error reply stands in its place. Empty where the node has an error. */
export type NodeReplies = AskedNode & { readonly replies: readonly Reply[] }

type Held = { readonly atMs: number; readonly answers: Promise<readonly NodeReplies[]> }

/** The same commands to every node of a cluster, on the connection for people's work. A node that does not answer has an error in its place. */
export class EveryNode {
  readonly #held = new WeakMap<AskedCluster, Map<string, Held>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** The answers to one command, in the order of the topology. Asked at most every few seconds, however many ask. */
  async ask(cluster: AskedCluster, command: readonly string[], cause: string): Promise<readonly NodeAnswer[]> {
    return (await this.askEach(cluster, [command], cause)).map((answer) => answerOf(answer))
  }

  /**
   * The answers to several commands, sent to each node in one pipeline.
   *
   * @param only ids of the nodes that are asked; undefined: all
   */
  askEach(
    cluster: AskedCluster,
    commands: readonly (readonly string[])[],
    cause: string,
    only?: readonly string[]
  ): Promise<readonly NodeReplies[]> {
    const held = this.#held.get(cluster) ?? new Map<string, Held>()
    this.#held.set(cluster, held)
    const question = questionOf(commands, only)
    const nowMs = this.#now()
    const before = held.get(question)
    if (before && nowMs >= before.atMs && nowMs - before.atMs < LASTS_MS) return before.answers
    const answers = askEach(cluster, only ?? Object.keys(cluster.core().nodes), commands, { cause, now: this.#now })
    held.set(question, { atMs: nowMs, answers })
    // Nobody who comes later is told of a fault of ours, and a long list is not kept for nobody.
    const forget = () => held.get(question)?.answers === answers && held.delete(question)
    answers.then(() => setTimeout(forget, LASTS_MS).unref(), forget)
    return answers
  }

  /** The next one who asks anything asks the nodes: what they would have been told is no longer true. */
  forget(cluster: AskedCluster): void {
    this.#held.delete(cluster)
  }
}

/**
 * The same commands to each of these nodes, some at a time, in one pipeline each. A node that is not there or does not answer has an error
 * and no replies; an error reply stays in its place.
 */
export async function askEach(
  cluster: AskedCluster,
  nodes: readonly string[],
  commands: readonly Command[],
  { cause, now }: { readonly cause: string; readonly now: () => number }
): Promise<readonly NodeReplies[]> {
  const askOne = async (node: string): Promise<NodeReplies> => {
    try {
      const replies = await askNode(cluster, node, commands, cause)
      return { node, atMs: now(), error: null, replies }
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      // The answer stands beside its node: many that say the same are told once.
      const before = `${cluster.core().nodes[node]?.name}: `
      const words = error.message.startsWith(before) ? error.message.slice(before.length) : error.message
      return { node, atMs: now(), error: words, replies: [] }
    }
  }
  return inTurns(nodes, AT_ONCE, askOne)
}

function questionOf(commands: readonly (readonly string[])[], only: readonly string[] | undefined): string {
  return JSON.stringify([commands, only ?? null])
}

/** The answer to one of several commands: its own error, or that of the node. */
export function answerOf({ node, atMs, error, replies }: NodeReplies, at = 0): NodeAnswer {
  const reply = replies[at] ?? null
  if (error !== null) return { node, atMs, error, reply: null }
  return reply instanceof ErrorReply ? { node, atMs, error: reply.message, reply: null } : { node, atMs, error: null, reply }
}

/** The same without the reply: who was asked, and who did not answer. */
export function askedNodes(answers: readonly NodeAnswer[]): AskedNode[] {
  return answers.map(({ node, atMs, error }) => ({ node, atMs, error }))
}
