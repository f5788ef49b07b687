import { createHmac } from 'node:crypto'
import type { CoreState, Problem } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseExposition } from '../../test/support/exposition-parser.ts'
import { type Receiver, startReceiver } from '../../test/support/receiver.ts'
import { until } from '../../test/support/until.ts'
import type { WatchedCluster } from '../clusters/watched-cluster.ts'
import { OptionError } from '../errors.ts'
import { exposition } from '../metrics/exposition.ts'
import type { Notice } from './notice.ts'
import { MOST_TRIES, MOST_WAITING, Webhook, type WebhookOptions } from './webhook.ts'

const node = 'a'.repeat(40)
const cluster = {
  id: 'main',
  name: 'Main',
  core: () => ({ nodes: { [node]: { id: node, name: 'one', host: '10.0.0.1', port: 7_000 } } }) as unknown as CoreState
} as WatchedCluster
const problem: Problem = {
  id: `failed:${node}`,
  severity: 'warning',
  title: 'one has failed',
  evidence: 'the other nodes report it',
  sinceMs: Date.UTC(2026, 0, 1),
  node,
  repair: 'valkey-cli -h 10.0.0.1 -p 7000 PING'
}
const nowMs = Date.UTC(2026, 0, 2)

let receiver: Receiver
let webhook: Webhook
const logged: { level: string; detail: object; words: string }[] = []
const hook = (options: Partial<WebhookOptions> = {}, timeoutMs = 2_000) =>
  new Webhook(
    { url: receiver.url, ...options },
    {
      now: () => nowMs,
      linkTo: (id) => `http://console/clusters/${id}/slots`,
      log: (level, detail, words) => void logged.push({ level, detail, words }),
      firstWaitMs: 1,
      timeoutMs
    }
  )
const begins = (...begun: Problem[]) => webhook.news(cluster, { begun, ended: [], jobsEnded: [], events: [] })
const ends = (...ended: Problem[]) => webhook.news(cluster, { begun: [], ended, jobsEnded: [], events: [] })
const notices = () => receiver.received.map(({ body }) => JSON.parse(body) as Notice)
const delivered = (count: number) => until(`${count} notices`, () => receiver.received.length >= count)
const figure = (name: string, outcome?: string) =>
  parseExposition(exposition(webhook.families()))
    .get(name)
    ?.samples.find(({ labels }) => labels.outcome === outcome)?.value

beforeEach(async () => {
  logged.length = 0
  receiver = await startReceiver()
  webhook = hook()
})
afterEach(async () => {
  webhook.close()
  await receiver.close()
})

describe('the webhook', () => {
  test('is told once when a problem begins, changes and ends, with everything that a person needs', async () => {
    begins(problem)
    begins(problem)
    begins({ ...problem, severity: 'critical' })
    ends(problem)
    ends(problem)
    begins({ ...problem, id: 'versions', severity: 'info' })
    ends({ ...problem, id: 'versions', severity: 'info' })
    begins({ ...problem, id: 'other' })
    await delivered(4)
    expect(notices().map(({ event, problem: { id, severity } }) => [event, id, severity])).toEqual([
      ['began', problem.id, 'warning'],
      ['changed', problem.id, 'critical'],
      ['ended', problem.id, 'warning'],
      ['began', 'other', 'warning']
    ])
    expect(notices()[0]).toEqual({
      version: 1,
      event: 'began',
      at: '2026-01-02T00:00:00.000Z',
      cluster: { id: 'main', name: 'Main' },
      problem: {
        id: problem.id,
        severity: 'warning',
        text: 'one has failed',
        evidence: 'the other nodes report it',
        node: { id: node, name: 'one', address: '10.0.0.1:7000' },
        since: '2026-01-01T00:00:00.000Z',
        repair: 'valkey-cli -h 10.0.0.1 -p 7000 PING'
      },
      link: 'http://console/clusters/main/slots'
    })
    expect(receiver.received[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'x-slotscope-event': 'began' }
    })
  })

  test('signs time and body with the secret', async () => {
    webhook = hook({ secret: 'a secret of the two' })
    begins(problem)
    await delivered(1)
    const [first] = receiver.received
    if (first === undefined) throw new Error('nothing came')
    const { headers, body } = first
    expect(headers['x-slotscope-timestamp']).toBe(String(nowMs / 1000))
    const digest = createHmac('sha256', 'a secret of the two')
      .update(`${nowMs / 1000}.${body}`)
      .digest('hex')
    expect(headers['x-slotscope-signature']).toBe(`v1=${digest}`)
  })

  test('an error of the receiver is tried again, the same delivery, in order; then it goes on', async () => {
    receiver.answer = (response, nth) => response.writeHead(nth < 4 ? 500 : 204).end()
    begins(problem, { ...problem, id: 'second' })
    await delivered(5)
    const ids = receiver.received.map(({ headers }) => headers['x-slotscope-delivery'])
    expect(new Set(ids.slice(0, 4)).size).toBe(1)
    expect(ids[4]).not.toBe(ids[0])
    expect(notices().map((notice) => notice.problem.id)).toEqual([...Array(4).fill(problem.id), 'second'])
    await until('both are counted', () => figure('slotscope_webhook_notices_total', 'delivered') === 2)
  })

  test('a receiver that never takes it is given up after ten tries, and the next notice goes out', async () => {
    receiver.answer = (response, nth) => response.writeHead(nth <= MOST_TRIES ? 503 : 200).end()
    begins(problem, { ...problem, id: 'second' })
    await delivered(MOST_TRIES + 1)
    expect(notices().at(-1)?.problem.id).toBe('second')
    expect(figure('slotscope_webhook_notices_total', 'dropped')).toBe(1)
    expect(logged.map(({ level }) => level)).toEqual(['warn', 'error'])
    expect(logged[1]?.words).toBe('a notice was given up: it answered 503')
    expect(JSON.stringify(logged)).not.toContain('canary')
  })

  test('a refusal is final, and a redirect is not followed', async () => {
    const other = await startReceiver()
    receiver.answer = (response, nth) =>
      nth === 1 ? response.writeHead(404).end() : response.writeHead(307, { location: other.url }).end()
    begins(problem, { ...problem, id: 'second' })
    await until('both are given up', () => figure('slotscope_webhook_notices_total', 'dropped') === 2)
    expect(receiver.received.length).toBe(2)
    expect(other.received.length).toBe(0)
    expect(logged.map(({ words }) => words)).toEqual(['a notice was given up: it answered 404', 'a notice was given up: it answered 307'])
    await other.close()
  })

  test('one that hangs is left after the time, and one that is not there is tried again', async () => {
    webhook = hook({}, 50)
    receiver.answer = (response, nth) => {
      if (nth > 1) response.writeHead(204).end()
    }
    begins(problem)
    await delivered(2)
    expect(logged[0]?.words).toContain('no answer in time')
    const { url } = receiver
    await receiver.close()
    webhook.close()
    webhook = hook({ url })
    begins(problem)
    await until('it is given up', () => figure('slotscope_webhook_notices_total', 'dropped') === 1)
    expect(logged.at(-1)?.words).toContain('ECONNREFUSED')
    receiver = await startReceiver()
  })

  test('an answer without an end is not read', async () => {
    receiver.answer = (response) => {
      response.writeHead(200)
      const more = () => {
        if (response.write('x'.repeat(65_536))) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    }
    begins(problem)
    await until('it counts as delivered', () => figure('slotscope_webhook_notices_total', 'delivered') === 1)
  })

  test('telling it takes no time, and what waits is bounded', async () => {
    receiver.answer = () => undefined
    const startedAtMs = performance.now()
    for (let i = 0; i < MOST_WAITING + 500; i++) begins({ ...problem, id: `problem ${i}` })
    expect(performance.now() - startedAtMs).toBeLessThan(2_000)
    expect(figure('slotscope_webhook_waiting')).toBe(MOST_WAITING)
    expect(figure('slotscope_webhook_notices_total', 'dropped')).toBe(500)
    expect(receiver.received.length).toBeLessThanOrEqual(1)
  })

  test.each(['', 'no', 'ftp://host/', 'file:///etc/passwd', 'http://user:word@host/', 'javascript:alert(1)'])(
    '%j is no address for it',
    (url) => {
      expect(() => hook({ url })).toThrow(OptionError)
    }
  )
})
