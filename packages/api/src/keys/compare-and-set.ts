import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { ChangedDetails, EditAnswer } from '@slotscope/observer/stream'
import { type AskedCluster, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { keySlot } from './key-slot.ts'
import { atOwner, type OwnerSession } from './owner-session.ts'
import { printable, printableBytes } from './printable.ts'
import { base64url, bytesOf, numberOf, sizeCommand, textOf } from './replies.ts'

/** A key that others keep writing to is read again so often; what the person saw of it may still be as it was. */
const MOST_ROUNDS = 5

/** What an edit reads, compares and sends. Everything in it is bytes already; nothing in it sends anything. */
export type EditPlan = {
  readonly key: Uint8Array
  readonly database: number
  /** What TYPE has to answer; null: the edit compares for itself, with `reads`. */
  readonly type: string | null
  /** Read while the key is watched, in this order, for `conflict` and `effects`. */
  readonly reads: readonly Command[]
  /** What is not as the person saw it; undefined: all of it is. */
  conflict(seen: readonly Reply[]): ChangedDetails | undefined
  /** What is sent between MULTI and EXEC. */
  effects(seen: readonly Reply[]): readonly Command[]
  /** Instead of `effects` on a server that does not know one of those commands. */
  readonly otherwise?: (seen: readonly Reply[]) => { readonly effects: readonly Command[]; readonly warning: string }
  /** A reply that says that nothing was changed, although what was read fitted. */
  outcome?(replies: readonly Reply[]): ChangedDetails | undefined
  /** The key to look at afterwards, where that is another one. */
  readonly after?: Uint8Array
  /** The type that the key has afterwards, where it has none before. */
  readonly makes?: string
}

/**
 * Compare and set, at the owner of the key: WATCH, read, compare, then MULTI with the changes and EXEC. Whatever happens to the key in
 * between makes EXEC answer nothing, and it is read and compared again. Throws `CHANGED_MEANWHILE` with what was seen and what is.
 * WATCH, and not `SET ... IFEQ` of newer servers, because it does the same for every type and on every server, and gives both values.
 */
export function compareAndSet(cluster: AskedCluster, plan: EditPlan): Promise<EditAnswer> {
  const slot = keySlot(plan.key)
  return atOwner(cluster, { slot, database: plan.database, cause: 'edit' }, async (session) => {
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const answer = await once(session, plan, slot)
      if (answer !== undefined) return answer
    }
    throw new ApiFailure('CHANGED_MEANWHILE', 'this key is written to so often that the change found no moment: try again')
  })
}

/** One round. Undefined: something came between reading and writing. */
async function once(session: OwnerSession, plan: EditPlan, slot: number): Promise<EditAnswer | undefined> {
  const { node } = session
  const [watched, typeReply, ...seen] = await session.send(['WATCH', plan.key], ['TYPE', plan.key], ...plan.reads)
  sound(watched, node)
  const type = textOf(sound(typeReply, node))
  if (plan.type !== null && type !== plan.type) throw changed({ expected: { type: plan.type }, current: { type } })
  const conflict = plan.conflict(seen)
  if (conflict) throw changed(conflict)
  const wished = plan.effects(seen)
  let transaction = await transact(session, plan, type, wished)
  let effects = wished
  const warnings: string[] = []
  if (transaction instanceof ErrorReply && plan.otherwise && /unknown command/i.test(transaction.message)) {
    const other = plan.otherwise(seen)
    effects = other.effects
    warnings.push(other.warning)
    // The refused transaction has let go of the key.
    await session.send(['WATCH', plan.key])
    const again = await session.send(...plan.reads)
    const nowConflict = plan.conflict(again)
    if (nowConflict) throw changed(nowConflict)
    transaction = await transact(session, plan, type, effects)
  }
  if (transaction instanceof ErrorReply) throw new ApiFailure('SERVER_ERROR_REPLY', transaction.message, { details: { node } })
  if (transaction === undefined) return undefined
  const replies = transaction.slice(0, effects.length)
  const failed = replies.find((reply) => reply instanceof ErrorReply)
  if (failed instanceof ErrorReply) throw refusedInside(failed, node)
  const nothing = plan.outcome?.(replies)
  if (nothing) throw changed(nothing)
  const [typeAfter, deadline, size] = transaction.slice(effects.length)
  const typeNow = textOf(typeAfter)
  const deadlineMs = numberOf(deadline)
  return {
    slot,
    shard: session.shard,
    node,
    commands: session.sent.map(printable),
    effects: effects.map((command, index) => ({ command: printable(command), reply: replyText(replies[index]) })),
    warnings,
    after: {
      type: typeNow,
      size: typeNow === 'none' ? null : numberOf(size),
      deadlineMs: deadlineMs === null || deadlineMs < 0 ? null : deadlineMs
    }
  }
}

/** The replies inside the transaction; an error when it was refused as a whole; undefined when the key had changed. */
async function transact(
  session: OwnerSession,
  plan: EditPlan,
  type: string,
  effects: readonly Command[]
): Promise<readonly Reply[] | ErrorReply | undefined> {
  const key = plan.after ?? plan.key
  const measure = sizeCommand(plan.makes ?? type, key)
  const look: Command[] = [['TYPE', key], ['PEXPIRETIME', key], ...(measure ? [measure] : [])]
  const replies = await session.send(['MULTI'], ...effects, ...look, ['EXEC'])
  const refused = replies.slice(0, -1).find((reply) => reply instanceof ErrorReply)
  if (refused instanceof ErrorReply) return refused
  const result = replies.at(-1)
  if (result instanceof ErrorReply) return result
  return Array.isArray(result) ? (result as readonly Reply[]) : undefined
}

export function changed(details: ChangedDetails): ApiFailure {
  return new ApiFailure('CHANGED_MEANWHILE', 'this is not as it was when you looked: it was changed meanwhile', { details })
}

function refusedInside(error: ErrorReply, node: string): ApiFailure {
  if (error.code === 'BUSYKEY') return changed({ expected: null, current: { exists: true } })
  return new ApiFailure('SERVER_ERROR_REPLY', error.message, { details: { node } })
}

function replyText(reply: Reply | undefined): string {
  if (reply === null || reply === undefined) return 'nil'
  if (Array.isArray(reply)) return `[${(reply as readonly Reply[]).map(replyText).join(', ')}]`
  return reply instanceof Uint8Array ? printableBytes(reply) : String(reply)
}

/** Of a value that is not as it was seen. */
export const MOST_SHOWN_BYTES = 64 * 1024

/** A value that is there now, as it stands in `ChangedDetails`: base64url of at most 64 KiB, or null. */
export function shown(reply: Reply | undefined): string | null {
  if (reply === null || reply === undefined) return null
  return base64url(bytesOf(reply).subarray(0, MOST_SHOWN_BYTES))
}

/** The value that the person saw, cut in the same way. */
export function shownBytes(bytes: Uint8Array): string {
  return base64url(bytes.subarray(0, MOST_SHOWN_BYTES))
}

export function sameBytes(reply: Reply | undefined, bytes: Uint8Array): boolean {
  return reply !== null && reply !== undefined && Buffer.compare(bytesOf(reply), bytes) === 0
}
