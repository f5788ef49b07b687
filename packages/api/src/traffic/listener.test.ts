import type { CommandReply } from '@slotscope/observer/stream'
import { describe, expect, test } from 'vitest'
import { Listener } from './listener.ts'

const bytes = (text: string, size = text.length): CommandReply => ({
  type: 'bytes',
  bytes: Buffer.from(text, 'latin1').toString('base64url'),
  size
})
const push = (...words: readonly string[]): CommandReply => ({ type: 'push', items: words.map((word) => bytes(word)), size: words.length })
const text = (word: string) => Buffer.from(word, 'base64url').toString('latin1')

function started() {
  let nowMs = 10_000
  const listener = new Listener(() => nowMs)
  return {
    listener,
    pass: (ms: number) => {
      nowMs += ms
    }
  }
}

describe('what is heard of a subscription', () => {
  test('messages of each kind, whatever their bytes are; confirmations are none', () => {
    const { listener } = started()
    listener.heard({ type: 'push', items: [bytes('subscribe'), bytes('news'), { type: 'integer', value: '1' }], size: 3 })
    listener.heard(push('message', 'news', '\xff\x00'))
    listener.heard(push('smessage', 'orders', 'x'))
    listener.heard(push('pmessage', 'n*', 'news', 'y'))
    listener.heard({ ...push('message', 'news', 'z'), type: 'array' } as CommandReply)
    listener.heard({ type: 'status', text: 'OK' })
    const { messages, received, receivedBytes, ended } = listener.answer(0)
    expect(messages.map(({ sequence, channel, payload }) => [sequence, text(channel), text(payload)])).toEqual([
      [1, 'news', '\xff\x00'],
      [2, 'orders', 'x'],
      [3, 'news', 'y'],
      [4, 'news', 'z']
    ])
    expect([received, receivedBytes, ended]).toEqual([4, 5, null])
    expect(listener.answer(3).messages.map(({ sequence }) => sequence)).toEqual([4])
  })

  test('the latest are kept, by number and by size; all are counted', () => {
    const { listener } = started()
    for (let i = 0; i < 2_000; i++) listener.heard(push('message', 'news', String(i)))
    expect(listener.answer(0).messages).toHaveLength(500)
    expect(listener.answer(0).messages[0]?.sequence).toBe(1_501)
    const long = 'x'.repeat(8_000)
    for (let i = 0; i < 500; i++) listener.heard({ type: 'push', items: [bytes('message'), bytes('a'), bytes(long, 90_000)], size: 3 })
    const { messages, received, receivedBytes } = listener.answer(0)
    expect(messages.length).toBeLessThan(220)
    expect(messages[0]?.sizeBytes).toBe(90_000)
    expect(received).toBe(2_500)
    expect(receivedBytes).toBeGreaterThan(45_000_000)
  })

  test('the rate is that of the last five whole seconds', () => {
    const { listener, pass } = started()
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 10; i++) listener.heard(push('message', 'a', 'b'))
      pass(1_000)
    }
    expect(listener.answer(0).perSecond).toBe(10)
    pass(3_000)
    expect(listener.answer(0).perSecond).toBe(4)
  })

  test('ends by a refusal, a slot that went away, its time, or because nobody asks', () => {
    const refused = started().listener
    refused.heard({ type: 'error', message: 'NOPERM No permissions to access a channel' })
    refused.heard(push('message', 'news', 'late'))
    refused.end('the connection was closed')
    expect(refused.answer(0)).toMatchObject({ ended: 'NOPERM No permissions to access a channel', received: 0 })

    const moved = started().listener
    moved.heard(push('sunsubscribe', 'orders', '0'))
    expect(moved.answer(0).ended).toContain('another shard')

    const alone = started()
    alone.pass(14_000)
    expect(alone.listener.sweep()).toBe(false)
    alone.pass(1_000)
    expect([alone.listener.sweep(), alone.listener.isForgotten()]).toEqual([true, false])
    alone.pass(45_000)
    expect(alone.listener.isForgotten()).toBe(true)

    const long = started()
    for (let i = 0; i < 180; i++) {
      long.pass(10_000)
      long.listener.answer(0)
    }
    expect(long.listener.sweep()).toBe(true)
    expect(long.listener.answer(0).ended).toContain('30 minutes')
  })
})
