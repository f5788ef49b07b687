import type { LinkId } from '../../src/core/input.ts'
import { InMemoryNode } from '../in-memory-node.ts'
import { type Command, encodeCommand } from './command-runs.ts'
import { frameEnd } from './reply-frame.ts'
import { isBlocking, PAST_MS, type Side, type Step } from './step.ts'
import type { ServerMode } from './valkey-process.ts'

/** The engine, in process. */
export class EngineSide implements Side {
  readonly #config: Readonly<Record<string, string>>
  #memory: InMemoryNode
  #client: LinkId = 0
  #listener: LinkId = 0

  constructor(mode: ServerMode = 'cluster') {
    this.#config = { 'cluster-enabled': mode === 'cluster' ? 'yes' : 'no' }
    this.#memory = new InMemoryNode({ config: this.#config })
  }

  async reset(): Promise<void> {
    this.#memory = new InMemoryNode({ keepEffects: false, config: this.#config })
    this.#client = this.#memory.connect()
    this.#listener = this.#memory.connect()
  }

  async commands(steps: readonly Step[]): Promise<string[]> {
    this.#memory.wallMs = Date.now()
    const replies: string[] = []
    for (let at = 0; at < steps.length; ) {
      let end = at
      while (end < steps.length && !isBlocking(steps[end] as Step)) end++
      const group = steps.slice(at, Math.min(end + 1, steps.length))
      replies.push(...this.#replies(group))
      at += group.length
    }
    this.#letTimersRun()
    return replies
  }

  async listener(command: Command): Promise<string> {
    const before = this.#memory.received(this.#listener)
    this.#memory.send(this.#listener, encodeCommand(command))
    return before + this.#memory.received(this.#listener)
  }

  async past(database: string, command: Command): Promise<string> {
    const link = this.#memory.connect()
    this.#memory.wallMs = Date.now()
    this.#memory.command(link, 'SELECT', database)
    // What has expired already goes first, since the real server would remove it now.
    this.#memory.command(link, 'TYPE', command[1] ?? '')
    // What cannot be seen any more gets no other deadline.
    const seen = this.#memory.command(link, 'HPEXPIRETIME', command[1] ?? '', ...command.slice(3))
    if (!seen.includes(':-2')) this.#memory.wallMs = PAST_MS - 1
    const reply = this.#memory.send(link, encodeCommand(command))
    this.#memory.input({ type: 'linkClosed', link, reason: '' })
    return reply
  }

  /** In one piece: the node reads on behind each command. */
  #replies(steps: readonly Step[]): string[] {
    this.#memory.send(this.#client, steps.map(encodeCommand).join(''))
    let text = this.#memory.received(this.#client)
    const replies: string[] = []
    let at = 0
    for (let waits = 0; replies.length < steps.length; ) {
      const end = frameEnd(text, at)
      if (end >= 0) {
        replies.push(text.slice(at, end))
        at = end
        continue
      }
      if (++waits > MOST_WAITS) throw new Error(`the engine does not answer ${JSON.stringify(steps[replies.length])}`)
      this.#memory.monotonicMs += 1
      this.#memory.input({ type: 'woken' })
      text += this.#memory.received(this.#client)
    }
    if (at < text.length) throw new Error(`the engine answers more than it was asked: ${JSON.stringify(text.slice(at))}`)
    return replies
  }

  /** What runs ten times a second, at a time when nothing has expired. */
  #letTimersRun(): void {
    this.#memory.wallMs = 0
    this.#memory.monotonicMs += 100
    this.#memory.input({ type: 'woken' })
  }
}

/** Milliseconds that the blocking commands of a batch may wait together; the timers' turn comes after a hundred. */
const MOST_WAITS = 90
