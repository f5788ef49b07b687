import { createHmac, randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Problem } from '@slotscope/observer/stream'
import type { CoreNews } from '../clusters/core-news.ts'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { OptionError } from '../errors.ts'
import { type Family, family } from '../metrics/exposition.ts'
import { type Notice, type NoticeEvent, noticeOf } from './notice.ts'

export type WebhookOptions = {
  /** http or https. Whoever starts the api chose it, so it may point to loopback. */
  readonly url: string
  /** Signs each body; undefined: unsigned. */
  readonly secret?: string | undefined
}

type Parts = {
  readonly now: () => number
  /** The page of a cluster. */
  readonly linkTo: (cluster: string) => string
  readonly log: (level: 'info' | 'warn' | 'error', detail: Readonly<Record<string, unknown>>, words: string) => void
  /** Milliseconds after the first failure; doubled with each further one. For tests. */
  readonly firstWaitMs?: number
  readonly timeoutMs?: number
}

/** An answer has so long; a receiver has its work to do elsewhere. */
const TIMEOUT_MS = 5_000
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
/** Then a notice is given up: with the waits above after some six minutes. */
export const MOST_TRIES = 10
/** Notices that wait; beyond that the oldest is given up. */
export const MOST_WAITING = 1_000

type Delivery = { readonly id: string; readonly notice: Notice; readonly body: string; tries: number }

/**
 * Tells another machine when a problem begins and when it ends, one after another and in order. It never holds anybody up: what cannot be
 * delivered is tried again with growing waits, then given up and logged. Redirects are not followed and answers are not read.
 */
export class Webhook {
  readonly #url: URL
  readonly #secret: string | undefined
  readonly #parts: Parts
  readonly #waiting: Delivery[] = []
  /** By cluster and problem: what the receiver was told last. */
  readonly #told = new Map<string, Problem['severity']>()
  readonly #counts = { delivered: 0, dropped: 0 }
  #working = false
  #closed = false
  #abort = new AbortController()
  #wake: (() => void) | undefined

  /** Throws `OptionError` for an address that cannot be used. */
  constructor({ url, secret }: WebhookOptions, parts: Parts) {
    this.#url = addressOf(url)
    this.#secret = secret
    this.#parts = parts
  }

  /** Takes note of what is new in a cluster; returns at once. Problems that are only `info` are not told. */
  news(cluster: WatchedCluster, news: CoreNews): void {
    for (const problem of news.begun) this.#changed(cluster, problem, problem.severity)
    for (const problem of news.ended) this.#changed(cluster, problem, 'info')
  }

  families(): readonly Family[] {
    const counts = family('slotscope_webhook_notices_total', 'counter', 'Notices of problems, delivered or given up.')
    for (const [outcome, count] of Object.entries(this.#counts)) counts.add(count, { outcome })
    const waiting = family('slotscope_webhook_waiting', 'gauge', 'Notices that wait to be delivered.')
    waiting.add(this.#waiting.length)
    return [counts, waiting]
  }

  /** Gives up what waits. */
  close(): void {
    this.#closed = true
    this.#waiting.length = 0
    this.#abort.abort()
    this.#wake?.()
  }

  #changed(cluster: WatchedCluster, problem: Problem, severity: Problem['severity']): void {
    const key = `${cluster.id} ${problem.id}`
    const before = this.#told.get(key) ?? 'info'
    if (before === severity || this.#closed) return
    if (severity === 'info') this.#told.delete(key)
    else this.#told.set(key, severity)
    this.#send(before === 'info' ? 'began' : severity === 'info' ? 'ended' : 'changed', cluster, problem)
  }

  #send(event: NoticeEvent, cluster: WatchedCluster, problem: Problem): void {
    const notice = noticeOf(event, problem, {
      cluster: { id: cluster.id, name: cluster.name },
      node: problem.node === null ? undefined : cluster.core().nodes[problem.node],
      link: this.#parts.linkTo(cluster.id),
      nowMs: this.#parts.now()
    })
    if (this.#waiting.length >= MOST_WAITING) this.#giveUp(this.#waiting.shift(), `more than ${MOST_WAITING} notices wait`)
    this.#waiting.push({ id: randomUUID(), notice, body: JSON.stringify(notice), tries: 0 })
    if (!this.#working) void this.#work()
  }

  async #work(): Promise<void> {
    this.#working = true
    for (let delivery = this.#waiting[0]; delivery !== undefined && !this.#closed; delivery = this.#waiting[0]) {
      delivery.tries++
      const failure = await this.#post(delivery)
      // It may have been given up meanwhile, as the oldest of too many.
      const isWaiting = this.#waiting[0] === delivery
      if (failure === undefined) {
        this.#counts.delivered++
        if (isWaiting) this.#waiting.shift()
      } else if (isWaiting && (failure.final || delivery.tries >= MOST_TRIES)) this.#giveUp(this.#waiting.shift(), failure.words)
      else if (isWaiting) await this.#pause(delivery, failure.words)
    }
    this.#working = false
  }

  async #pause({ tries, notice }: Delivery, words: string): Promise<void> {
    const waitMs = Math.min(LONGEST_WAIT_MS, (this.#parts.firstWaitMs ?? FIRST_WAIT_MS) * 2 ** (tries - 1))
    if (tries === 1) this.#say('warn', notice, `a notice could not be delivered and is tried again: ${words}`)
    if (this.#closed) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      timer.unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }

  #giveUp(delivery: Delivery | undefined, words: string): void {
    if (delivery === undefined) return
    this.#counts.dropped++
    this.#say('error', delivery.notice, `a notice was given up: ${words}`)
  }

  /** Only the host of the address is told: its path may be what the receiver knows us by. */
  #say(level: 'warn' | 'error', { event, cluster, problem }: Notice, words: string): void {
    if (!this.#closed) this.#parts.log(level, { receiver: this.#url.host, event, cluster: cluster.id, problem: problem.id }, words)
  }

  /** Undefined: the receiver has it. `final`: it will not take it, however often it is asked. Never rejects. */
  #post({ id, body, notice }: Delivery): Promise<{ readonly words: string; readonly final: boolean } | undefined> {
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest
    const timeout = AbortSignal.timeout(this.#parts.timeoutMs ?? TIMEOUT_MS)
    return new Promise((resolve) => {
      const sent = send(this.#url, {
        method: 'POST',
        agent: false,
        signal: AbortSignal.any([timeout, this.#abort.signal]),
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'slotscope',
          'x-slotscope-event': notice.event,
          'x-slotscope-delivery': id,
          ...this.#signature(body)
        }
      })
      sent.on('response', (response) => {
        const { statusCode = 0 } = response
        response.on('error', () => undefined)
        response.destroy()
        if (statusCode >= 200 && statusCode < 300) resolve(undefined)
        else resolve({ words: `it answered ${statusCode}`, final: statusCode < 500 && ![408, 425, 429].includes(statusCode) })
      })
      sent.on('error', (error) => resolve({ words: timeout.aborted ? 'no answer in time' : error.message, final: false }))
      sent.end(body)
    })
  }

  /** Over the time and the body, so that a notice that was overheard is no use later. */
  #signature(body: string): Readonly<Record<string, string>> {
    const seconds = String(Math.floor(this.#parts.now() / 1000))
    if (this.#secret === undefined) return { 'x-slotscope-timestamp': seconds }
    const digest = createHmac('sha256', this.#secret).update(`${seconds}.${body}`).digest('hex')
    return { 'x-slotscope-timestamp': seconds, 'x-slotscope-signature': `v1=${digest}` }
  }
}

function addressOf(url: string): URL {
  if (!URL.canParse(url)) throw new OptionError('the address of the webhook is not a URL')
  const address = new URL(url)
  if (address.protocol !== 'http:' && address.protocol !== 'https:')
    throw new OptionError(`the webhook must be an http or https address, not ${address.protocol}//`)
  if (address.username !== '' || address.password !== '')
    throw new OptionError('the address of the webhook must not hold a user or a password: notices are signed with a secret of their own')
  return address
}
