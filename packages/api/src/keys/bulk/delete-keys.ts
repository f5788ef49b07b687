import { ErrorReply } from '@slotscope/observer'
import type { DeleteKeysAnswer, KeyProblem } from '@slotscope/observer/stream'
import type { AskedCluster } from '../../clusters/node-questions.ts'
import { numberOf } from '../replies.ts'
import { askOwners } from './by-owner.ts'

/** One UNLINK for each key, since a command stays in one slot; it frees the memory aside. */
export async function deleteKeys(
  cluster: AskedCluster,
  database: number,
  keys: readonly string[]
): Promise<Pick<DeleteKeysAnswer, 'deleted' | 'gone' | 'problems'>> {
  const asked = keys.map((key) => {
    const bytes = Buffer.from(key, 'base64url')
    return { key: bytes, commands: [['UNLINK', bytes] as const] }
  })
  const replies = await askOwners(cluster, database, asked, 'bulk delete')
  const problems: KeyProblem[] = []
  let deleted = 0
  let gone = 0
  for (const [index, key] of keys.entries()) {
    const reply = replies[index]?.[0]
    if (reply instanceof ErrorReply) problems.push({ key, words: reply.message })
    else if (numberOf(reply) === 1) deleted += 1
    else gone += 1
  }
  return { deleted, gone, problems }
}
