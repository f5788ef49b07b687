import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../caller.ts'
import type { AskNode } from './ask-node.ts'
import { CostMeter, statName } from './cost-meter.ts'
import type { NodeLink } from './node-links.ts'
import type { NodeRecord } from './node-record.ts'
import { type PollKind, REPLY_TIMEOUT_MS } from './poll-plan.ts'

/** What the asker tells the feed. */
export type AskerEvents = {
  /** Something that is shown has changed. */
  readonly changed: () => void
  /** A node stopped answering. */
  readonly lost: (node: string) => void
  /** Nothing is being asked any more. */
  readonly quiet: () => void
  /** A fault of our own. */
  readonly fault: (error: unknown) => void
}

/**
 * Sends every question of a feed, counts it, and keeps what became of each node's link. Questions run side by side: one slow
 * node holds up nobody else.
 */
export class Asker {
  readonly records = new Map<string, NodeRecord>()
  readonly meter = new CostMeter()
  readonly #caller: Caller
  readonly #now: () => number
  readonly #events: AskerEvents
  readonly #inFlight = new Set<Promise<void>>()

  constructor(caller: Caller, now: () => number, events: AskerEvents) {
    this.#caller = caller
    this.#now = now
    this.#events = events
  }

  now(): number {
    return this.#now()
  }

  get busy(): boolean {
    return this.#inFlight.size > 0
  }

  /** Questions that have no reply yet. */
  get underWay(): number {
    return this.#inFlight.size
  }

  /** Resolves when everything asked so far, and what that led to, has its reply or its failure. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight)
  }

  changed(): void {
    this.#events.changed()
  }

  /** Runs work that asks nodes; its end is waited for by `settled` alone. */
  run(work: () => Promise<void>): void {
    const running: Promise<void> = work()
      .catch(this.#events.fault)
      .then(() => {
        this.#inFlight.delete(running)
        if (!this.busy) this.#events.quiet()
      })
    this.#inFlight.add(running)
  }

  /** Starts a poll of a node; the same kind is not started again before it ended. `headStartMs`: its period counts from so much earlier. */
  start(link: NodeLink, kind: PollKind, poll: () => Promise<void>, headStartMs = 0): void {
    link.start(kind, this.now(), headStartMs)
    this.run(async () => {
      try {
        await poll()
      } finally {
        link.finish(kind)
      }
    })
  }

  /** Sends one pipeline. Undefined: the node did not answer, which its link now says. */
  async call(link: NodeLink, cause: string, commands: readonly Command[]): Promise<readonly Reply[] | undefined> {
    const replies = await this.callAddress(link.address, link.id, cause, commands)
    if ('error' in replies) {
      this.lose(link, replies.error)
      return undefined
    }
    if (link.error !== null) this.changed()
    link.answered(this.now())
    return replies.value
  }

  /** Sends one pipeline to an address whose node is not known yet. `name` is who pays for it in the cost of watching. */
  async callAddress(
    address: NodeAddress,
    name: string,
    cause: string,
    commands: readonly Command[]
  ): Promise<{ readonly value: readonly Reply[] } | { readonly error: string }> {
    this.meter.sent(name, cause, commands.map(statName), this.now())
    try {
      const replies = await this.#caller.pipeline(address, commands, { purpose: 'polling', cause, timeoutMs: REPLY_TIMEOUT_MS })
      if (replies.length !== commands.length) return { error: `${replies.length} replies to ${commands.length} commands` }
      return { value: replies }
    } catch (error) {
      // A caller rejects with UnreachableError; anything else is a fault in our own house and must not be taken for the node's.
      if (!(error instanceof UnreachableError)) throw error
      return { error: wordsOf(error) }
    }
  }

  readonly byId: AskNode = async (node, cause, commands) => {
    const link = this.records.get(node)?.link
    return link && link.error === null ? this.call(link, cause, commands) : undefined
  }

  /** The node counts as unreachable from now on. */
  lose(link: NodeLink, error: string): void {
    link.failed(error, this.now())
    this.#events.lost(link.id)
    this.changed()
  }

  /** A node that keeps us waiting is as good as gone, whatever the caller's own time-out is. */
  noticeSilence(): void {
    for (const { link } of this.records.values()) {
      const sinceMs = link.waitingSinceMs
      const waitedMs = sinceMs === null ? 0 : this.now() - sinceMs
      if (link.error === null && waitedMs >= REPLY_TIMEOUT_MS + 500) this.lose(link, `no reply for ${(waitedMs / 1000).toFixed(1)} s`)
    }
  }

  /** Notes what a node refuses or answers unreadably; `error` null: it answers this command well. */
  refused(node: string, command: string, error: string | null): void {
    const refusals = this.records.get(node)?.refusals
    if (!refusals || refusals.get(command) === (error ?? undefined)) return
    if (error === null) refusals.delete(command)
    else refusals.set(command, error)
    this.changed()
  }
}

/** Whether a reply says that the server has no such command at all. */
export function isUnknownCommand(reply: Reply | undefined): boolean {
  return reply instanceof ErrorReply && /unknown (sub)?command/i.test(reply.message)
}

/** Our words and the system's. */
function wordsOf(error: UnreachableError): string {
  const cause = error.cause instanceof Error ? error.cause.message : ''
  return cause !== '' && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message
}
