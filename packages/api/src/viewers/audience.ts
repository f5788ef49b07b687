import type { Topic } from '@slotscope/observer/stream'
import type { Session } from '../security/sessions.ts'
import type { EncodedUpdate } from './encoded-update.ts'
import { Viewer, type ViewerOptions, type ViewerSocket } from './viewer.ts'

/** Between two pings; a viewer that does not answer within one period is gone. */
const PING_MS = 15_000

/** All who look at one cluster. */
export class Audience {
  readonly #viewers = new Set<Viewer>()
  readonly #onInterest: () => void
  #pings: NodeJS.Timeout | undefined
  #cut = 0

  /** `onInterest`: somebody came, went, or looks at something else. */
  constructor(onInterest: () => void) {
    this.#onInterest = onInterest
  }

  start(): void {
    this.#pings = setInterval(() => {
      for (const viewer of this.#viewers) viewer.checkAlive()
    }, PING_MS)
    this.#pings.unref()
  }

  /** Says goodbye to everybody. */
  close(reason: 'cluster-removed' | 'server-stopping'): void {
    clearInterval(this.#pings)
    for (const viewer of [...this.#viewers]) viewer.bye(reason)
  }

  join(socket: ViewerSocket, session: Session, of: Pick<ViewerOptions, 'cluster' | 'feed' | 'hello' | 'now'>): void {
    const viewer = new Viewer({
      ...of,
      socket,
      session,
      onInterest: this.#onInterest,
      onCut: () => {
        this.#cut++
      },
      onClose: () => {
        this.#viewers.delete(viewer)
        this.#onInterest()
      }
    })
    this.#viewers.add(viewer)
  }

  /** Called every second while what is shown is alive; `atMs`: the instant that is shown. */
  beat(atMs: number): void {
    for (const viewer of this.#viewers) viewer.beat(atMs)
  }

  tell(update: EncodedUpdate): void {
    for (const viewer of [...this.#viewers]) viewer.update(update)
  }

  /** Open streams. */
  get size(): number {
    return this.#viewers.size
  }

  /** Streams that were cut since the start, because their viewer did not read. */
  get cut(): number {
    return this.#cut
  }

  get interest(): ReadonlySet<Topic> {
    const topics = new Set<Topic>()
    for (const viewer of this.#viewers) for (const topic of viewer.interest) topics.add(topic)
    return topics
  }

  countOf(session: Session): number {
    let count = 0
    for (const viewer of this.#viewers) if (viewer.session === session) count++
    return count
  }

  /** The session is over: its sockets close. */
  leave(session: Session): void {
    for (const viewer of [...this.#viewers]) if (viewer.session === session) viewer.bye('logged-out')
  }
}
