import type { CommandDefinition } from './commands/define-command.ts'
import type { Node } from './node.ts'

/** What CLIENT PAUSE holds back: every command of clients, or those that may write. */
export type PauseMode = 'all' | 'write'

/**
 * CLIENT PAUSE: clients' commands wait for its end, in order of arrival, and nothing expires meanwhile. Another pause never makes
 * it shorter, nor lets through what it holds back.
 */
export class ClientPause {
  readonly #node: Node
  /** Undefined: there is none. */
  mode: PauseMode | undefined
  /** Monotonic ms. */
  #endsAtMs = 0

  constructor(node: Node) {
    this.#node = node
  }

  get leftMs(): number {
    return this.mode ? Math.max(0, this.#endsAtMs - this.#node.now.monotonicMs) : 0
  }

  begin(mode: PauseMode, timeoutMs: number): void {
    const endsAtMs = this.#node.now.monotonicMs + timeoutMs
    this.#endsAtMs = this.mode ? Math.max(this.#endsAtMs, endsAtMs) : endsAtMs
    if (this.mode !== 'all') this.mode = mode
  }

  end(): void {
    if (!this.mode) return
    this.mode = undefined
    this.#node.dispatcher.resumePostponed()
  }

  /** Does this command wait? EXEC waits for what its transaction holds. */
  holds(definition: CommandDefinition, queued: readonly { readonly definition: CommandDefinition }[] | undefined): boolean {
    if (!this.mode) return false
    if (this.mode === 'all' || mayReplicate(definition)) return true
    return definition.name === 'EXEC' && (queued?.some((one) => mayReplicate(one.definition)) ?? false)
  }

  /** Ends the pause when its time is over. Once per step. */
  settle(): void {
    if (!this.mode) return
    if (this.#node.now.monotonicMs >= this.#endsAtMs) this.end()
    else this.#node.wakeBy(this.#endsAtMs)
  }
}

function mayReplicate(definition: CommandDefinition): boolean {
  return definition.mayReplicate || definition.writes
}
