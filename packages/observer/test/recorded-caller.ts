import { decodeUtf8, encodeUtf8 } from '../src/bytes.ts'
import { type Caller, type CallOptions, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../src/caller.ts'
import { parseSlotStats } from '../src/replies/slot-stats.ts'

/** What servers answered, by node and command: enough to play a feed's view of them again. */
export type Recording = {
  readonly server: string
  readonly kind: 'cluster' | 'standalone'
  readonly seed: NodeAddress
  /** When it was recorded: deadlines are to be looked at from there. */
  readonly atMs: number
  readonly replies: Readonly<Record<string, Readonly<Record<string, Recorded>>>>
}

/** Bulk strings as text: none of what is recorded is binary. */
type Recorded =
  | { readonly bulk: string }
  | { readonly line: string }
  | { readonly error: string }
  | { readonly number: number }
  | { readonly list: readonly Recorded[] }
  | { readonly map: readonly (readonly [Recorded, Recorded])[] }
  | null

/** Passes everything on and keeps the last reply to each command. */
export class RecordingCaller implements Caller {
  readonly #caller: Caller
  readonly #replies: Record<string, Record<string, Recorded>> = {}
  /** Errors that were answered so far. */
  errors: string[] = []

  constructor(caller: Caller) {
    this.#caller = caller
  }

  async pipeline(node: NodeAddress, commands: readonly Command[], options: CallOptions): Promise<readonly Reply[]> {
    const replies = await this.#caller.pipeline(node, commands, options)
    const name = `${node.host}:${node.port}`
    const of = this.#replies[name] ?? {}
    this.#replies[name] = of
    let database = ''
    for (const [index, command] of commands.entries()) {
      const reply = replies[index] as Reply
      if (command[0] === 'SELECT') database = String(command[1])
      if (reply instanceof ErrorReply) this.errors.push(`${keyOf(command, '')}: ${reply.message}`)
      // Slots without keys are the rule: what is not recorded is 0.
      if (command[1] === 'COUNTKEYSINSLOT' && reply === 0) continue
      of[keyOf(command, database)] = encode(command[1] === 'SLOT-STATS' ? withKeys(reply) : reply)
    }
    return replies
  }

  recording(server: string, kind: Recording['kind'], seed: NodeAddress, atMs: number): Recording {
    return { server, kind, seed, atMs, replies: this.#replies }
  }
}

/** Answers what was recorded, and refuses what was not. */
export class RecordedCaller implements Caller {
  readonly #recording: Recording
  /** Errors that were answered so far. */
  errors: string[] = []

  constructor(recording: Recording) {
    this.#recording = recording
  }

  async pipeline(node: NodeAddress, commands: readonly Command[]): Promise<readonly Reply[]> {
    const of = this.#recording.replies[`${node.host}:${node.port}`]
    if (!of) throw new UnreachableError(`nothing was recorded of ${node.host}:${node.port}`)
    let database = ''
    return commands.map((command) => {
      if (command[0] === 'SELECT') database = String(command[1])
      // Which node of a cluster is asked for its shards is left to the turn; all of them say the same.
      const anywhere = command[1] === 'SHARDS' ? Object.values(this.#recording.replies).find((replies) => replies['CLUSTER SHARDS']) : of
      const recorded = (anywhere ?? of)[keyOf(command, database)]
      if (recorded === undefined && command[1] === 'COUNTKEYSINSLOT') return 0
      if (recorded === undefined) throw new Error(`not recorded: ${keyOf(command, database)}`)
      const reply = decode(recorded)
      if (reply instanceof ErrorReply) this.errors.push(`${keyOf(command, '')}: ${reply.message}`)
      return reply
    })
  }
}

function keyOf(command: Command, database: string): string {
  const words = command.map((word) => (typeof word === 'string' ? word : decodeUtf8(word))).join(' ')
  return database === '' || command[0] === 'SELECT' ? words : `${database}> ${words}`
}

/** Lines of INFO that tell of the machine and not of the server. */
const MACHINE = /^(executable|config_file|os|gcc_version|process_id|monotonic_clock|mem_allocator|multiplexing_api|atomicvar_api):.*\r\n/gm

/** Of SLOT-STATS the slots that hold keys: the others are 16,000 times the same. */
function withKeys(reply: Reply): Reply {
  const stats = parseSlotStats(reply)
  if ('error' in stats || !Array.isArray(reply)) return reply
  return reply.filter((_, index) => (stats.value[index]?.keys ?? 0) > 0)
}

function encode(reply: Reply): Recorded {
  if (reply === null) return null
  if (reply instanceof ErrorReply) return { error: reply.message }
  if (reply instanceof Uint8Array) return { bulk: decodeUtf8(reply).replace(MACHINE, '') }
  if (typeof reply === 'string') return { line: reply }
  if (reply instanceof Map) return { map: [...reply].map(([key, value]) => [encode(key), encode(value)]) }
  if (Array.isArray(reply)) return { list: reply.map(encode) }
  return { number: Number(reply) }
}

function decode(recorded: Recorded): Reply {
  if (recorded === null) return null
  if ('error' in recorded) return new ErrorReply(recorded.error)
  if ('bulk' in recorded) return encodeUtf8(recorded.bulk)
  if ('line' in recorded) return recorded.line
  if ('list' in recorded) return recorded.list.map(decode)
  if ('map' in recorded) return new Map(recorded.map.map(([key, value]) => [decode(key), decode(value)]))
  return recorded.number
}
