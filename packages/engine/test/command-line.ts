import type { LinkId } from '../src/core/input.ts'
import { eventOf } from './differential/keyevent.ts'
import { type ReplyTree, readFrame } from './differential/reply-frame.ts'
import { hearStream } from './heard-stream.ts'
import { InMemoryNode, type InMemoryNodeOptions } from './in-memory-node.ts'

/** A reply for people: integers as numbers, nulls as null, errors and everything else as text, arrays as arrays. */
export type Reply = string | number | null | Reply[]

/** One node in memory, commands as text, and what it tells subscribers and replicas. */
export class CommandLine {
  readonly memory: InMemoryNode
  readonly #link: LinkId
  readonly #subscriber: LinkId
  #stream: string[] = []

  constructor(options: InMemoryNodeOptions = {}) {
    this.memory = new InMemoryNode({
      ...options,
      config: { 'notify-keyspace-events': 'KEA', 'repl-backlog-size': '65536', ...options.config }
    })
    this.#link = this.memory.connect()
    this.#subscriber = this.memory.connect()
    this.memory.command(this.#subscriber, 'PSUBSCRIBE', '__keyevent@*__:*')
    hearStream(this.memory.node.replication, (_database, parts) => this.#stream.push(parts.join(' ')))
  }

  /** Words are parted by single spaces; an empty word is an empty argument. */
  run(line: string): Reply {
    return this.call(line.split(' '))
  }

  call(parts: readonly string[]): Reply {
    this.forget()
    const frame = readFrame(this.memory.command(this.#link, ...parts), 0)
    if (!frame) throw new Error(`no whole reply to ${parts.join(' ')}`)
    return readable(frame.tree)
  }

  /** Events since the last command, `event key`. */
  events(): string[] {
    const pushed = this.memory.received(this.#subscriber)
    const events: string[] = []
    for (let at = 0; at < pushed.length; ) {
      const frame = readFrame(pushed, at)
      if (!frame) break
      const event = eventOf(frame.tree)
      if (event) events.push(`${event.name} ${event.key}`)
      at = frame.end
    }
    return events
  }

  /** What went to replicas since the last command. */
  stream(): string[] {
    return this.#stream
  }

  forget(): void {
    this.memory.received(this.#subscriber)
    this.#stream = []
  }

  get nowMs(): number {
    return this.memory.wallMs
  }

  /** Lets wall time pass for commands, without a cron: what expires is hidden and stays. */
  skip(ms: number): void {
    this.memory.wallMs += ms
  }

  /** Lets time pass with everything that happens by itself. */
  wait(ms: number): void {
    this.forget()
    this.memory.advance(ms)
  }
}

function readable(tree: ReplyTree): Reply {
  if (typeof tree !== 'string') return tree.items.map(readable)
  if (tree === '(nil)' || tree === '(nil array)' || tree.startsWith('_')) return null
  if (tree.startsWith(':')) return Number(tree.slice(1))
  return tree.startsWith('-') ? tree : tree.slice(1)
}
