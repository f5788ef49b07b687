import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import { type AskedCluster, askNode, askOwner, ownerOf, sound } from '../../clusters/node-questions.ts'
import { keySlot } from '../key-slot.ts'

/** What is sent for one key, and the replies to it, in the same order. */
export type ForKey = { readonly key: Uint8Array; readonly commands: readonly Command[] }

/**
 * Sends commands of many keys to their owners, one pipeline per node. What a slot that has just moved refuses is sent once more to where
 * it is now; error replies stay in place. Throws what a whole node answers: it is unreachable, or the database may not be chosen.
 */
export async function askOwners(
  cluster: AskedCluster,
  database: number,
  asked: readonly ForKey[],
  cause: string
): Promise<readonly (readonly Reply[])[]> {
  const select: Command = ['SELECT', String(database)]
  const core = cluster.core()
  const byNode = new Map<string, number[]>()
  asked.forEach(({ key }, index) => {
    const { node } = ownerOf(core, keySlot(key))
    byNode.set(node, [...(byNode.get(node) ?? []), index])
  })
  const answers: (readonly Reply[])[] = asked.map(() => [])
  await Promise.all(
    [...byNode].map(async ([node, indices]) => {
      const mine = indices.map((index) => asked[index] as ForKey)
      const [selected, ...replies] = await askNode(cluster, node, [select, ...mine.flatMap(({ commands }) => commands)], cause)
      sound(selected, node)
      let at = 0
      for (const [turn, index] of indices.entries()) {
        const { key, commands } = mine[turn] as ForKey
        const own = replies.slice(at, at + commands.length)
        at += commands.length
        answers[index] = own
        if (!own.some((reply) => reply instanceof ErrorReply && reply.code === 'MOVED')) continue
        const again = await askOwner(cluster, keySlot(key), [select, ...commands], cause)
        answers[index] = again.replies.slice(1)
      }
    })
  )
  return answers
}
