import { readFile, rename, writeFile } from 'node:fs/promises'
import type { RecordedEvent } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { Check } from 'typebox/value'

/** Newest; the file is written anew when it has twice as many. */
export const EVENTS_KEPT = 5_000

const shape = Type.Object({ atMs: Type.Number(), kind: Type.String(), text: Type.String() })

/**
 * The events of a recording, kept apart from its lines: the time bar shows those of many hours without reading them. A line that a crash
 * tore is left out.
 */
export class EventLog {
  readonly #path: string
  readonly #events: RecordedEvent[]
  /** Not on disk yet. */
  readonly #fresh: RecordedEvent[] = []
  #lines: number
  /** A crash left half a line at the end: the next one must not be glued to it. */
  #torn: boolean

  private constructor(path: string, text: string) {
    const lines = text.split('\n')
    this.#torn = lines.pop() !== ''
    this.#path = path
    this.#lines = lines.length
    this.#events = lines.flatMap(eventOf).slice(-EVENTS_KEPT)
  }

  static async open(path: string): Promise<EventLog> {
    return new EventLog(path, await readFile(path, 'utf8').catch(() => ''))
  }

  /** Oldest first. */
  get all(): readonly RecordedEvent[] {
    return this.#events
  }

  add(event: RecordedEvent): void {
    this.#events.push(event)
    this.#fresh.push(event)
    if (this.#events.length > EVENTS_KEPT) this.#events.splice(0, this.#events.length - EVENTS_KEPT)
  }

  /** Forgets what lies before the recording. */
  dropBefore(fromMs: number): void {
    const first = this.#events.findIndex((event) => event.atMs >= fromMs)
    this.#events.splice(0, first < 0 ? this.#events.length : first)
  }

  /** Brings what is new to disk. Rejects when that fails; it is tried again with the next. */
  async save(): Promise<void> {
    const fresh = this.#fresh.slice()
    if (fresh.length === 0) return
    if (this.#lines + fresh.length > 2 * EVENTS_KEPT) {
      const kept = this.#events.slice()
      await writeFile(`${this.#path}.new`, textOf(kept), { mode: 0o600 })
      await rename(`${this.#path}.new`, this.#path)
      this.#lines = kept.length
    } else {
      await writeFile(this.#path, `${this.#torn ? '\n' : ''}${textOf(fresh)}`, { mode: 0o600, flag: 'a' })
      this.#lines += fresh.length
    }
    this.#torn = false
    this.#fresh.splice(0, fresh.length)
  }
}

function textOf(events: readonly RecordedEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

function eventOf(line: string): RecordedEvent[] {
  try {
    const value: unknown = JSON.parse(line)
    return Check(shape, value) ? [value as RecordedEvent] : []
  } catch {
    return []
  }
}
