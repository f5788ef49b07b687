import type { CommandReply, HeardAnswer, HeardMessage } from '@slotscope/observer/stream'

/** Messages that are kept for who asks next, and bytes of them: what comes faster is counted and not told. */
const MOST_KEPT = 500
const MOST_KEPT_BYTES = 2 * 1024 * 1024
/** Kept of one message. */
export const MOST_MESSAGE_BYTES = 8 * 1024
/** It ends by itself after so long, and after so many bytes: a page that was forgotten must not read a channel for ever. */
const LONGEST_MS = 30 * 60_000
const MOST_RECEIVED_BYTES = 1024 * 1024 * 1024
/** Whoever does not ask for so long is gone. */
const UNASKED_MS = 15_000
const FORGOTTEN_MS = 60_000
const RATE_SECONDS = 5

/** What has come of one subscription. */
export class Listener {
  readonly #now: () => number
  readonly #beganAtMs: number
  #messages: HeardMessage[] = []
  #keptBytes = 0
  #received = 0
  #receivedBytes = 0
  /** Messages of each of the last seconds, by second since 1970. */
  readonly #bySecond = new Map<number, number>()
  #ended: string | null = null
  #askedAtMs: number

  constructor(now: () => number) {
    this.#now = now
    this.#beganAtMs = now()
    this.#askedAtMs = this.#beganAtMs
  }

  get hasEnded(): boolean {
    return this.#ended !== null
  }

  /** A push of RESP3, or the array that stands for one in RESP2. */
  heard(value: CommandReply): void {
    if (this.#ended !== null) return
    if (value.type === 'error') return this.end(value.message)
    if (value.type !== 'push' && value.type !== 'array') return
    const [kind, ...rest] = value.items
    const word = textOf(kind)
    // A shard that gives the slot away takes its listeners off.
    if (word === 'sunsubscribe') return this.end('the slot of this channel went to another shard: listen again')
    const [channel, payload] = word === 'pmessage' ? rest.slice(1) : rest
    if (word !== 'message' && word !== 'smessage' && word !== 'pmessage') return
    this.#take(bytesOf(channel).bytes, bytesOf(payload))
  }

  /** Nothing more comes. The first reason stays. */
  end(words: string): void {
    this.#ended ??= words
  }

  /** Ends it when its time is over; true: it has ended. */
  sweep(): boolean {
    const nowMs = this.#now()
    if (nowMs - this.#askedAtMs >= UNASKED_MS) this.end('nobody asked for its messages any more')
    if (nowMs - this.#beganAtMs >= LONGEST_MS) this.end('it has run for 30 minutes: listen again')
    if (this.#receivedBytes >= MOST_RECEIVED_BYTES) this.end('a gibibyte of messages has come: listen again')
    return this.hasEnded
  }

  /** Nobody will ask what became of it. */
  isForgotten(): boolean {
    return this.#now() - this.#askedAtMs >= FORGOTTEN_MS
  }

  /** What has come since that message. */
  answer(after: number): HeardAnswer {
    this.#askedAtMs = this.#now()
    const second = Math.floor(this.#askedAtMs / 1_000)
    let recent = 0
    for (const [at, count] of this.#bySecond) if (at < second && at >= second - RATE_SECONDS) recent += count
    return {
      messages: this.#messages.filter(({ sequence }) => sequence > after),
      received: this.#received,
      receivedBytes: this.#receivedBytes,
      perSecond: recent / RATE_SECONDS,
      ended: this.#ended
    }
  }

  #take(channel: string, { bytes, size }: { readonly bytes: string; readonly size: number }): void {
    const atMs = this.#now()
    this.#received++
    this.#receivedBytes += size
    const second = Math.floor(atMs / 1_000)
    this.#bySecond.set(second, (this.#bySecond.get(second) ?? 0) + 1)
    for (const at of this.#bySecond.keys()) if (at < second - RATE_SECONDS - 1) this.#bySecond.delete(at)
    this.#messages.push({ sequence: this.#received, atMs, channel, payload: bytes, sizeBytes: size })
    this.#keptBytes += channel.length + bytes.length
    while (this.#messages.length > MOST_KEPT || this.#keptBytes > MOST_KEPT_BYTES) {
      const gone = this.#messages.shift()
      if (gone === undefined) break
      this.#keptBytes -= gone.channel.length + gone.payload.length
    }
  }
}

function textOf(value: CommandReply | undefined): string {
  if (value?.type === 'status') return value.text
  return value?.type === 'bytes' ? Buffer.from(value.bytes, 'base64url').toString('latin1') : ''
}

function bytesOf(value: CommandReply | undefined): { readonly bytes: string; readonly size: number } {
  return value?.type === 'bytes' ? { bytes: value.bytes, size: value.size } : { bytes: '', size: 0 }
}
