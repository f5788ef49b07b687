import type { LinkId } from '../../src/core/input.ts'
import { hearStream } from '../heard-stream.ts'
import { InMemoryNode } from '../in-memory-node.ts'
import { type Command, encodeCommand, type Run, streamLine } from './command-runs.ts'
import { eventOf } from './keyevent.ts'
import { readFrame } from './reply-frame.ts'
import type { ServerMode } from './valkey-process.ts'

/** The engine with the same three views as `ValkeyOracle`, in process. */
export class EngineSubject {
  readonly memory: InMemoryNode
  readonly #commands: LinkId
  readonly #events: LinkId
  #stream: string[] = []

  constructor(mode: ServerMode = 'cluster') {
    this.memory = new InMemoryNode({
      config: {
        'notify-keyspace-events': 'KEA',
        'repl-backlog-size': '65536',
        'cluster-enabled': mode === 'cluster' ? 'yes' : 'no'
      }
    })
    this.#commands = this.memory.connect()
    this.#events = this.memory.connect()
    this.memory.command(this.#events, 'PSUBSCRIBE', '__keyevent@*__:*')
    hearStream(this.memory.node.replication, (database, parts) => this.#stream.push(streamLine(database, parts, this.memory.wallMs)))
  }

  run(commands: readonly Command[]): Run {
    this.memory.wallMs = Date.now()
    this.heard()
    const replies = commands.map((command) => this.memory.send(this.#commands, encodeCommand(command)) || this.#replyAfterWaiting())
    return { replies, ...this.heard() }
  }

  /** Blocking commands are given with timeouts of a few milliseconds. */
  #replyAfterWaiting(): string {
    this.memory.advance(10)
    return this.memory.received(this.#commands)
  }

  /** Events and effects since the last call. */
  heard(): Omit<Run, 'replies'> {
    const stream = this.#stream
    this.#stream = []
    const events: string[] = []
    const pushed = this.memory.received(this.#events)
    for (let at = 0; at < pushed.length; ) {
      const frame = readFrame(pushed, at)
      if (!frame) break
      const event = eventOf(frame.tree)
      if (event) events.push(`${event.database} ${event.name} ${event.key}`)
      at = frame.end
    }
    return { events, stream }
  }

  /** Runs one command at another wall clock: to set deadlines that have passed by the next one. */
  runAt(wallMs: number, command: Command): string {
    this.memory.wallMs = wallMs
    const reply = this.memory.send(this.#commands, encodeCommand(command))
    this.memory.wallMs = Date.now()
    return reply
  }
}
