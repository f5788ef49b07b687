import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../caller.ts'
import type { AskNode } from './ask-node.ts'
import { CostMeter, statName } from './cost-meter.ts'
import type { NodeLink } from './node-links.ts'
import type { NodeRecord } from './node-record.ts'
import { type PollKind, REPLY_TIMEOUT_MS } from './poll-plan.ts'
import { Refusals } from './refusals.ts'

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
  readonly meter: CostMeter
  readonly refusals = new Refusals()
  readonly #caller: Caller
  readonly #now: () => number
  readonly #events: AskerEvents
  readonly #inFlight = new Set<Promise<void>>()

  /** `mostShare`: of a node's main thread, 0..1. */
  constructor(caller: Caller, now: () => number, events: AskerEvents, mostShare: number) {
    this.meter = new CostMeter(mostShare)
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
    const askedAtMs = this.now()
    const replies = await this.callAddress(link.address, link.id, cause, commands)
    if ('error' in replies) {
      this.lose(link, replies.error)
      return undefined
    }
    // Nothing was sent when all of it was refused lately: that is no sign of life.
    if (replies.sent === 0) return replies.value
    if (link.error !== null) this.changed()
    const nowMs = this.now()
    link.answered(nowMs, nowMs - askedAtMs)
    link.restUntilMs = nowMs + this.meter.restMs(link.id, nowMs)
    return replies.value
  }

  /** Sends one pipeline to an address whose node is not known yet. `name` is who pays for it in the cost of watching. */
  async callAddress(
    address: NodeAddress,
    name: string,
    cause: string,
    commands: readonly Command[]
  ): Promise<{ readonly value: readonly Reply[]; readonly sent: number } | { readonly error: string }> {
    const sendable = this.#withoutRefused(name, cause, commands)
    const sent = sendable.filter((entry) => typeof entry === 'number').map((index) => commands[index] as Command)
    if (sent.length === 0) return { value: sendable as readonly ErrorReply[], sent: 0 }
    this.meter.sent(name, cause, sent.map(statName), this.now())
    try {
      const replies = await this.#caller.pipeline(address, sent, { purpose: 'polling', cause, timeoutMs: REPLY_TIMEOUT_MS })
      if (replies.length !== sent.length) return { error: `${replies.length} replies to ${sent.length} commands` }
      return { value: this.#fold(name, cause, commands, sendable, replies), sent: sent.length }
    } catch (error) {
      // A caller rejects with UnreachableError; anything else is a fault in our own house and must not be taken for the node's.
      if (!(error instanceof UnreachableError)) throw error
      return { error: wordsOf(error) }
    }
  }

  /**
   * Per command its index, or the refusal that still holds: then it is not sent. Behind a SELECT that is refused nothing is sent, since
   * it would be asked of another database.
   */
  #withoutRefused(name: string, cause: string, commands: readonly Command[]): readonly (number | ErrorReply)[] {
    const nowMs = this.now()
    let closed: ErrorReply | undefined
    return commands.map((command, index) => {
      const refused = this.refusals.lately(name, command, nowMs)
      if (refused && this.refusals.wanted(name, command, cause)) this.changed()
      if (command[0] === 'SELECT') closed = refused
      return closed ?? refused ?? index
    })
  }

  /** One reply per command. What was asked of a database that could not be selected is answered by the error of the SELECT. */
  #fold(
    name: string,
    cause: string,
    commands: readonly Command[],
    sendable: readonly (number | ErrorReply)[],
    replies: readonly Reply[]
  ): readonly Reply[] {
    let next = 0
    let unselected: ErrorReply | undefined
    return commands.map((command, index) => {
      const entry = sendable[index] as number | ErrorReply
      if (typeof entry !== 'number') return entry
      const reply = replies[next++] as Reply
      if (command[0] === 'SELECT') unselected = reply instanceof ErrorReply ? reply : undefined
      else if (unselected) return unselected
      if (this.refusals.fold(name, command, reply, cause, this.now())) this.changed()
      return reply
    })
  }

  readonly byId: AskNode = async (node, cause, commands) => {
    const link = this.records.get(node)?.link
    return link && link.error === null ? this.call(link, cause, commands) : undefined
  }

  /** The node counts as unreachable from now on. What it refused may be another matter when it is back. */
  lose(link: NodeLink, error: string): void {
    link.failed(error, this.now())
    this.refusals.forget(link.id)
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

  /** Notes what a node answers unreadably; `error` null, or one that the server itself gave: it does not. */
  unreadable(node: string, command: string, error: string | null, reply: Reply | undefined): void {
    const spots = this.records.get(node)?.unreadable
    const words = error === null || reply instanceof ErrorReply ? undefined : error
    if (!spots || spots.get(command) === words) return
    if (words === undefined) spots.delete(command)
    else spots.set(command, words)
    this.changed()
  }
}

/** Our words and the system's. */
function wordsOf(error: UnreachableError): string {
  const cause = error.cause instanceof Error ? error.cause.message : ''
  return cause !== '' && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message
}
