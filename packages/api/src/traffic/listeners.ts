import { randomBytes } from 'node:crypto'
import { type DedicatedConnection, UnreachableError } from '@slotscope/observer'
import type { HeardAnswer, ListenAnswer, ListenRequest } from '@slotscope/observer/stream'
import { type AskedCluster, ownerOf } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { keySlot } from '../keys/key-slot.ts'
import type { Session } from '../security/sessions.ts'
import { Listener, MOST_MESSAGE_BYTES } from './listener.ts'

/** Of all sessions together: each has a connection to a node. */
const MOST_LISTENERS = 32
const SWEEP_MS = 1_000
const commands = { channel: 'SUBSCRIBE', pattern: 'PSUBSCRIBE', sharded: 'SSUBSCRIBE' } as const

type Entry = {
  readonly session: Session
  readonly cluster: AskedCluster
  readonly listener: Listener
  readonly connection: DedicatedConnection
  readonly sweep: NodeJS.Timeout
}

/** Who listens to what: one subscription for each session, on a connection of its own that ends with it. */
export class Listeners {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Begins to listen; what the session listened to before ends. A sharded channel lives where its slot does, every other one on all nodes.
   * Throws `TOO_MANY_REQUESTS` and `CLUSTER_UNREACHABLE`; what the server refuses is told with the messages.
   */
  async begin(cluster: AskedCluster, session: Session, { kind, name }: ListenRequest): Promise<ListenAnswer> {
    for (const { session: owner, listener, connection } of this.#entries.values()) {
      if (owner !== session) continue
      listener.end('you listen to something else now')
      connection.close()
    }
    const running = [...this.#entries.values()].filter(({ listener }) => !listener.hasEnded).length
    if (running >= MOST_LISTENERS)
      throw new ApiFailure('TOO_MANY_REQUESTS', `${MOST_LISTENERS} people listen already: wait until one of them stops`)
    const bytes = Buffer.from(name, 'base64url')
    const node = cluster.core().nodes[kind === 'sharded' ? ownerOf(cluster.core(), keySlot(bytes)).node : anyNode(cluster)]
    const connection = node && cluster.caller.dedicated?.({ host: node.host, port: node.port }, 'pub/sub')
    if (node === undefined || connection === undefined)
      throw new ApiFailure('CLUSTER_UNREACHABLE', 'no node of this cluster can be listened to')
    const listener = new Listener(this.#now)
    const id = randomBytes(16).toString('hex')
    const sweep = setInterval(() => {
      if (listener.sweep()) connection.close()
      // One that has ended stays for a while, for who has not been told yet.
      if (listener.isForgotten()) this.#close(id)
    }, SWEEP_MS).unref()
    this.#entries.set(id, { session, cluster, listener, connection, sweep })
    const command = [commands[kind], bytes] as const
    try {
      cluster.noteWork('pub/sub', node.id, [command])
      await connection.listen(
        command,
        { heard: (value) => listener.heard(value), ended: (words) => listener.end(words) },
        MOST_MESSAGE_BYTES
      )
    } catch (error) {
      this.#close(id)
      if (error instanceof UnreachableError) throw new ApiFailure('CLUSTER_UNREACHABLE', `${node.name}: ${error.message}`)
      throw error
    }
    return { listener: id, node: node.id, command: [commands[kind], name] }
  }

  /** Throws `NOT_FOUND` for one that has ended and was told, or that is somebody else's. */
  heard(cluster: AskedCluster, session: Session, id: string, after: number): HeardAnswer {
    const entry = this.#entries.get(id)
    if (entry?.session !== session || entry.cluster !== cluster) throw new ApiFailure('NOT_FOUND', 'nothing is listened to any more')
    const answer = entry.listener.answer(after)
    if (answer.ended !== null) this.#close(id)
    return answer
  }

  /** One that has ended already is no failure. */
  end(session: Session, id: string): void {
    if (this.#entries.get(id)?.session === session) this.#close(id)
  }

  #close(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    clearInterval(entry.sweep)
    entry.connection.close()
  }
}

/** A primary that answers; messages reach every node. */
function anyNode(cluster: AskedCluster): string {
  const nodes = Object.values(cluster.core().nodes).filter(({ health }) => health === 'online')
  return (nodes.find(({ role }) => role === 'primary') ?? nodes[0])?.id ?? ''
}
