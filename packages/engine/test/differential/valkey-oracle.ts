import { type Command, type Run, streamLine } from './command-runs.ts'
import { eventOf, partsOf } from './keyevent.ts'
import type { RawConnection } from './raw-connection.ts'
import type { ReplyTree } from './reply-frame.ts'
import { type ServerMode, ValkeyProcess } from './valkey-process.ts'

const MARKER = 'differential:marker'

/**
 * A real valkey-server, alone or as a node of a cluster that owns all slots, with three connections: one that gives commands, one that listens
 * to keyspace events, and one that follows the replication stream as a replica does.
 */
export class ValkeyOracle {
  readonly mode: ServerMode
  readonly #process: ValkeyProcess
  readonly #commands: RawConnection
  readonly #events: RawConnection
  readonly #stream: RawConnection
  #streamDatabase = 0
  #markers = 0

  private constructor(mode: ServerMode, process: ValkeyProcess, connections: readonly [RawConnection, RawConnection, RawConnection]) {
    this.mode = mode
    this.#process = process
    ;[this.#commands, this.#events, this.#stream] = connections
  }

  static async start(mode: ServerMode = 'cluster'): Promise<ValkeyOracle> {
    const process = await ValkeyProcess.start(mode, {
      'notify-keyspace-events': 'KEA',
      'repl-diskless-sync-delay': '0',
      // The follower of the stream acknowledges nothing after its beginning.
      'repl-timeout': '3600'
    })
    const commands = await process.connect()
    const events = await process.connect()
    await events.call(['PSUBSCRIBE', '__keyevent@*__:*'])
    const stream = await process.connect()
    await stream.followReplication()
    const oracle = new ValkeyOracle(mode, process, [commands, events, stream])
    await oracle.run([])
    return oracle
  }

  /** One more client. */
  connect(): Promise<RawConnection> {
    return this.#process.connect()
  }

  /** One reply as a tree. */
  call(command: Command): Promise<ReplyTree> {
    return this.#commands.call(command)
  }

  /** Gives the commands in one go and waits for their replies, events and effects. */
  async run(commands: readonly Command[]): Promise<Run> {
    const marker = `${MARKER}:${++this.#markers}`
    const nowMs = Date.now()
    this.#commands.write([...commands, ['SET', marker, ''], ['DEL', marker]])
    const replies: string[] = []
    for (let i = 0; i < commands.length + 2; i++) replies.push(await this.#commands.nextRaw())
    const events: string[] = []
    for (;;) {
      const event = eventOf(await this.#events.nextTree())
      if (event?.key === marker) {
        if (event.name === 'del') break
      } else if (event) events.push(`${event.database} ${event.name} ${event.key}`)
    }
    const stream: string[] = []
    for (;;) {
      const parts = partsOf(await this.#stream.nextTree())
      const name = parts[0]?.toUpperCase()
      if (name === 'SELECT') this.#streamDatabase = Number(parts[1])
      if (parts[1] === marker && name === 'DEL') break
      if (name === 'SELECT' || name === 'MULTI' || name === 'EXEC' || name === 'PING' || name === 'REPLCONF' || parts[1] === marker)
        continue
      stream.push(streamLine(this.#streamDatabase, parts, nowMs))
    }
    return { replies: replies.slice(0, commands.length), events, stream }
  }

  async close(): Promise<void> {
    for (const connection of [this.#commands, this.#events, this.#stream]) connection.close()
    await this.#process.close()
  }
}
