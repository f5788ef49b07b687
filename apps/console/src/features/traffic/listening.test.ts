import type { HeardAnswer, ListenAnswer } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Listening, type ListenView } from './listening.ts'

const answer = (from: number, to: number, change: Partial<HeardAnswer> = {}): HeardAnswer => ({
  messages: Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    sequence: from + index,
    atMs: 1_000,
    channel: 'bmV3cw',
    payload: 'eA',
    sizeBytes: 1
  })),
  received: to,
  receivedBytes: to,
  perSecond: 1,
  ended: null,
  ...change
})

describe('listening to a channel', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function started(answers: (HeardAnswer | Error)[]) {
    const asked: string[] = []
    let begun = 0
    let view: ListenView | undefined
    const listening = new Listening(
      {
        begin: async (): Promise<ListenAnswer> => {
          begun++
          asked.push(`begin ${begun}`)
          return { listener: `l${begun}`, node: 'n', command: ['SUBSCRIBE', 'bmV3cw'] }
        },
        heard: async (listener, after) => {
          asked.push(`${listener} after ${after}`)
          const next = answers.shift() ?? answer(1, 0)
          if (next instanceof Error) throw next
          return next
        },
        end: async (listener) => asked.push(`end ${listener}`)
      },
      { kind: 'channel', name: 'bmV3cw' },
      (now) => {
        view = now
      }
    )
    const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
    return { listening, asked, pass, view: () => view as ListenView }
  }
  const words = ({ rows }: ListenView) => rows.map((row) => (row.kind === 'message' ? row.sequence : row.words))

  test('asks once a second for what is newer, newest first; what came too fast is counted', async () => {
    const { asked, pass, view } = started([answer(1, 2), answer(503, 504)])
    await pass(0)
    expect(view()).toMatchObject({ status: 'listening', received: 2 })
    await pass(1_000)
    expect(asked).toEqual(['begin 1', 'l1 after 0', 'l1 after 2'])
    expect(words(view())).toEqual([504, 503, '500 came too fast to be shown', 2, 1])
    expect(view().received).toBe(504)
    await pass(1_000)
    expect(asked.at(-1)).toBe('l1 after 504')
  })

  test('a page that is hidden gives the connection back, and begins anew with a gap', async () => {
    const { listening, asked, pass, view } = started([answer(1, 3), answer(1, 1)])
    await pass(0)
    listening.pause()
    listening.pause()
    await pass(10_000)
    expect(asked).toEqual(['begin 1', 'l1 after 0', 'end l1'])
    expect(view().status).toBe('paused')
    listening.resume()
    await pass(0)
    expect(asked.slice(3)).toEqual(['begin 2', 'l2 after 0'])
    expect(words(view())).toEqual([1, 'paused while the page was hidden', 3, 2, 1])
    expect(view()).toMatchObject({ status: 'listening', received: 4 })
    expect(new Set(view().rows.map(({ key }) => key)).size).toBe(5)
  })

  test('is stopped by hand, by the server with its words, or by a failure', async () => {
    const stopped = started([])
    await stopped.pass(0)
    stopped.listening.stop()
    stopped.listening.resume()
    await stopped.pass(5_000)
    expect(stopped.asked.slice(2)).toEqual(['end l1'])
    expect(stopped.view()).toMatchObject({ status: 'ended', why: null })

    const refused = started([answer(1, 0, { ended: 'NOPERM no' })])
    await refused.pass(3_000)
    expect(refused.view()).toMatchObject({ status: 'ended', why: 'NOPERM no' })
    expect(refused.asked).toHaveLength(2)

    const failed = started([new Error('Slotscope does not answer')])
    await failed.pass(0)
    expect(failed.view()).toMatchObject({ status: 'ended', why: 'Slotscope does not answer' })
  })

  test('left before it has begun, it ends what begins', async () => {
    const { listening, asked, pass } = started([])
    listening.stop()
    await pass(2_000)
    expect(asked).toEqual(['begin 1', 'end l1'])
  })

  test('keeps the latest rows', async () => {
    const { pass, view } = started([answer(1, 500), answer(501, 900)])
    await pass(1_000)
    expect(view().rows).toHaveLength(500)
    expect(words(view())[0]).toBe(900)
  })
})
