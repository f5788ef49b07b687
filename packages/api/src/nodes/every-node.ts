import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { AskedNode } from '@slotscope/observer/stream'
import { type AskedCluster, askNode } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'

/** Nodes that are asked at the same time. */
const AT_ONCE = 16
/** Whoever asks the same so soon gets the same answers: these are long lists, and the nodes have other work. */
const LASTS_MS = 3_000

/** What one node answered; its reply is null where it has an error. */
export type NodeAnswer = AskedNode & { readonly reply: Exclude<Reply, ErrorReply> | null }

type Held = { readonly atMs: number; readonly answers: Promise<readonly NodeAnswer[]> }

/** One command to every node of a cluster, on the connection for people's work. A node that does not answer has an error in its place. */
export class EveryNode {
  readonly #held = new WeakMap<AskedCluster, Map<string, Held>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Answers in the order of the topology. Asked at most every few seconds, however many ask. */
  ask(cluster: AskedCluster, command: readonly string[], cause: string): Promise<readonly NodeAnswer[]> {
    const held = this.#held.get(cluster) ?? new Map<string, Held>()
    this.#held.set(cluster, held)
    const question = JSON.stringify(command)
    const nowMs = this.#now()
    const before = held.get(question)
    if (before && nowMs >= before.atMs && nowMs - before.atMs < LASTS_MS) return before.answers
    const answers = this.#askAll(cluster, command, cause)
    held.set(question, { atMs: nowMs, answers })
    // Nobody who comes later is told of a fault of ours, and a long list is not kept for nobody.
    const forget = () => held.get(question)?.answers === answers && held.delete(question)
    answers.then(() => setTimeout(forget, LASTS_MS).unref(), forget)
    return answers
  }

  /** Something was changed: what was answered before holds no more. */
  forget(cluster: AskedCluster): void {
    this.#held.delete(cluster)
  }

  async #askAll(cluster: AskedCluster, command: Command, cause: string): Promise<readonly NodeAnswer[]> {
    const answers = await askEach(cluster, Object.keys(cluster.core().nodes), [command], { cause, now: this.#now })
    return answers.map(({ replies: [reply = null], ...asked }) =>
      reply instanceof ErrorReply ? { ...asked, error: reply.message, reply: null } : { ...asked, reply }
    )
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
): Promise<readonly (AskedNode & { readonly replies: readonly Reply[] })[]> {
  const askOne = async (node: string) => {
    try {
      return { node, replies: await askNode(cluster, node, commands, cause), atMs: now(), error: null }
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error
      // The answer stands beside its node: many that say the same are told once.
      const before = `${cluster.core().nodes[node]?.name}: `
      const words = error.message.startsWith(before) ? error.message.slice(before.length) : error.message
      return { node, atMs: now(), error: words, replies: [] }
    }
  }
  const answers = []
  for (let at = 0; at < nodes.length; at += AT_ONCE) answers.push(...(await Promise.all(nodes.slice(at, at + AT_ONCE).map(askOne))))
  return answers
}

/** The same without the reply: who was asked, and who did not answer. */
export function askedNodes(answers: readonly NodeAnswer[]): AskedNode[] {
  return answers.map(({ node, atMs, error }) => ({ node, atMs, error }))
}
