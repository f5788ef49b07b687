import { type Command, type DedicatedConnection, ErrorReply, type Reply, UnreachableError } from '@slotscope/observer'
import { type AskedCluster, nodeAt, ownerOf, redirectAddress, type SlotOwner, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'

/** Redirects and refusals of a slot that is being moved are followed so often; a cluster at rest needs one. */
const MOST_ATTEMPTS = 8
/** Before asking again where nobody could say whom to ask: grows with each attempt, 1.4 s in all. */
const WAIT_MS = 50

/** A connection to the owner of one slot, in one database, kept for one piece of work. */
export type OwnerSession = SlotOwner & {
  /** One reply per command; error replies stay in place, except those that send the whole work elsewhere. */
  send(...commands: Command[]): Promise<readonly Reply[]>
  /** Everything that was sent on it, in order. */
  readonly sent: readonly Command[]
}

/**
 * Does work at the owner of a slot, on a connection of its own. While a slot is being moved the work is begun again where the cluster
 * says: `MOVED` at the new owner, `ASK` at the importing node with ASKING before each command, `TRYAGAIN` after a moment. Nothing was
 * executed then: a redirected EXEC discards its transaction. Only nodes that are known as members of this cluster are followed.
 */
export async function atOwner<T>(
  cluster: AskedCluster,
  { slot, database, cause }: { readonly slot: number; readonly database: number; readonly cause: string },
  work: (session: OwnerSession) => Promise<T>
): Promise<T> {
  let owner = ownerOf(cluster.core(), slot)
  let asking = false
  for (let attempt = 1; ; attempt++) {
    const session = open(cluster, owner, asking, database, cause)
    try {
      return await work(session.session)
    } catch (error) {
      if (!(error instanceof Redirect)) throw error
      if (attempt === MOST_ATTEMPTS) throw new ApiFailure('SERVER_ERROR_REPLY', error.reply.message, { details: { node: owner.node } })
      const { code } = error.reply
      const next = nodeAt(cluster.core(), redirectAddress(error.reply, cluster.core(), owner.node))
      if (code !== 'ASK') cluster.requestRefresh()
      if (code === 'TRYAGAIN' || next === undefined) await new Promise((resolve) => setTimeout(resolve, WAIT_MS * attempt))
      owner = next ?? ownerOf(cluster.core(), slot)
      // TRYAGAIN of the importing node is about the keys that are still on their way: it is asked again in the same manner.
      asking = code === 'ASK' || (code === 'TRYAGAIN' && asking)
    } finally {
      session.connection.close()
    }
  }
}

const redirects: ReadonlySet<string> = new Set(['MOVED', 'ASK', 'TRYAGAIN'])

/** Thrown through the work, so that it begins again elsewhere. */
class Redirect extends Error {
  readonly reply: ErrorReply
  constructor(reply: ErrorReply) {
    super(reply.message)
    this.reply = reply
  }
}

function open(cluster: AskedCluster, owner: SlotOwner, asking: boolean, database: number, cause: string) {
  const known = cluster.core().nodes[owner.node]
  if (known === undefined) throw new ApiFailure('NOT_FOUND', `no node ${owner.node} in this cluster`)
  const connection = cluster.caller.dedicated?.({ host: known.host, port: known.port }, cause)
  if (connection === undefined) throw new ApiFailure('CLUSTER_UNREACHABLE', 'keys of this cluster cannot be edited from here')
  const sent: Command[] = []
  const send = async (...commands: Command[]) => {
    const select: Command[] = sent.length === 0 ? [['SELECT', String(database)]] : []
    // Inside MULTI the permission of ASKING lasts until EXEC.
    const isTransaction = commands[0]?.[0] === 'MULTI'
    const asked = !asking ? commands : isTransaction ? [asks, ...commands] : commands.flatMap((command) => [asks, command])
    const all = [...select, ...asked]
    sent.push(...all)
    cluster.noteWork(cause, owner.node, all)
    const replies = await pipelined(connection, all, { known, owner, isTransaction })
    if (select.length > 0) sound(replies[0], owner.node)
    const answers = replies.filter((_, index) => all[index] !== asks && (index > 0 || select.length === 0))
    const redirect = answers.find((reply) => reply instanceof ErrorReply && redirects.has(reply.code))
    if (redirect instanceof ErrorReply) throw new Redirect(redirect)
    return answers
  }
  return { connection, session: { ...owner, sent, send } satisfies OwnerSession }
}

const asks: Command = ['ASKING']

async function pipelined(
  connection: DedicatedConnection,
  commands: readonly Command[],
  { known, owner, isTransaction }: { known: { readonly name: string }; owner: SlotOwner; isTransaction: boolean }
): Promise<readonly Reply[]> {
  try {
    return await connection.pipeline(commands)
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    const doubt = isTransaction ? '; whether the change was made is not known: look at the key again' : ''
    throw new ApiFailure('CLUSTER_UNREACHABLE', `${known.name}: ${error.message}${doubt}`, { details: { node: owner.node } })
  }
}
