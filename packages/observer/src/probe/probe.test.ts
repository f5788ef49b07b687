import { describe, expect, test } from 'vitest'
import { encodeUtf8, slotOfKey } from '../bytes.ts'
import { type Caller, type Command, ErrorReply, type NodeAddress, type Reply, UnreachableError } from '../caller.ts'
import type { ProbeTrafficPoint } from '../stream/figures.ts'
import { Probe, type ProbeGround, probeKey } from './probe.ts'

const A = { host: 'a', port: 1 }
const B = { host: 'b', port: 2 }

/** A probe on one slot whose node answers as the script says; time is what the test makes of it. */
function scene(answer: (node: NodeAddress, command: Command, asking: boolean) => Reply | Promise<Reply>) {
  const sent: { node: NodeAddress; command: Command }[] = []
  const points: ProbeTrafficPoint[] = []
  const keys: [slot: number, untilMs: number][] = []
  let nowMs = 0
  let slots = [7]
  let writes = true
  const caller: Caller = {
    async pipeline(node, commands) {
      for (const command of commands) sent.push({ node, command })
      const command = commands.at(-1) as Command
      const reply = await answer(node, command, commands.length === 2)
      return commands.length === 2 ? ['OK', reply] : [reply]
    }
  }
  const ground: ProbeGround = {
    probedSlots: () => slots.map((slot) => ({ slot, address: A })),
    mayProbeWrite: () => writes,
    probeSent: () => undefined,
    probeKey: (slot, untilMs) => keys.push([slot, untilMs]),
    pushProbe: (point) => points.push(point)
  }
  const probe = new Probe(caller, ground, { wallMs: () => 5_000_000 + nowMs, monotonicMs: () => nowMs }, 'test')
  return {
    probe,
    sent,
    points,
    keys,
    words: () => sent.map(({ node, command }) => `${node.host} ${command[0]}`),
    slots: (these: number[]) => {
      slots = these
    },
    mayWrite: (may: boolean) => {
      writes = may
    },
    async pass(ms: number) {
      for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
        nowMs += 20
        probe.beat()
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      }
    }
  }
}

describe('a probe', () => {
  test('has a key of its own in every slot', () => {
    for (const slot of [0, 1, 7, 8_191, 16_383]) expect(slotOfKey(encodeUtf8(probeKey(slot)))).toBe(slot)
    expect(new Set(Array.from({ length: 16_384 }, (_, slot) => probeKey(slot))).size).toBe(16_384)
  })

  test('writes and reads by turns, and tells once a second what it noticed', async () => {
    const { pass, words, points, keys, sent } = scene(() => 'OK')
    await pass(1_020)
    expect(words().slice(0, 4)).toEqual(['a SET', 'a GET', 'a SET', 'a GET'])
    expect(sent[0]?.command).toEqual(['SET', probeKey(7), 'probe', 'EX', '60'])
    expect(points).toHaveLength(1)
    expect(points[0]).toMatchObject({ intervalMs: 1_000, moved: 0, ask: 0, tryAgain: 0, otherErrors: 0, maxMs: 0 })
    expect(points[0]?.operationsPerSecond).toBeGreaterThanOrEqual(48)
    expect(keys.every(([slot, untilMs]) => slot === 7 && untilMs > 5_060_000)).toBe(true)
  })

  test('a pause is the one reply that took so long, not many', async () => {
    let release: (reply: Reply) => void = () => undefined
    let paused = true
    const { pass, points, words } = scene(() => (paused ? new Promise<Reply>((resolve) => (release = resolve)) : 'OK'))
    await pass(340)
    expect(words()).toHaveLength(1)
    paused = false
    release('OK')
    await pass(700)
    expect([320, 340]).toContain(points[0]?.maxMs)
    expect(points[0]?.p50Ms).toBe(0)
  })

  test('follows where a slot has moved to, remembers it, and asks first where it is told to', async () => {
    let owner = A
    const { pass, words, points } = scene((node, _command, asking) => {
      if (owner === A) return node === A && !asking ? new ErrorReply('ASK 7 b:2') : 'OK'
      return node.host === owner.host ? 'OK' : new ErrorReply('MOVED 7 b:2')
    })
    await pass(20)
    expect(words()).toEqual(['a SET', 'b ASKING', 'b SET'])
    owner = B
    await pass(1_000)
    expect(words().slice(3, 6)).toEqual(['a GET', 'b GET', 'b SET'])
    expect(points[0]).toMatchObject({ ask: 1, moved: 1, otherErrors: 0 })
  })

  test('tells errors by what they are, and goes back to the owner that the cluster names', async () => {
    const replies: (Reply | Error)[] = [
      new ErrorReply('MOVED 7 b:2'),
      new ErrorReply('CLUSTERDOWN The cluster is down'),
      new ErrorReply('TRYAGAIN later'),
      new UnreachableError('refused')
    ]
    const { pass, words, points } = scene(() => {
      const next = replies.shift()
      if (next instanceof Error) throw next
      return next ?? 'OK'
    })
    await pass(1_020)
    expect(words().slice(0, 5)).toEqual(['a SET', 'b SET', 'a GET', 'a SET', 'a GET'])
    expect(points[0]).toMatchObject({ moved: 1, tryAgain: 1, otherErrors: 2 })
  })

  test('does not chase a redirection for ever', async () => {
    const { pass, sent, points } = scene(() => new ErrorReply('MOVED 7 b:2'))
    await pass(20)
    expect(sent).toHaveLength(5)
    await pass(1_000)
    expect(points[0]?.otherErrors).toBeGreaterThan(0)
  })

  test('only reads while a write could do harm', async () => {
    const { pass, words, mayWrite } = scene(() => 'OK')
    mayWrite(false)
    await pass(400)
    expect(new Set(words())).toEqual(new Set(['a GET']))
    mayWrite(true)
    await pass(40)
    expect(words()).toContain('a SET')
  })

  test('sends at most 500 commands a second, however many shards there are, and each has its turn', async () => {
    const { pass, sent, slots } = scene(() => 'OK')
    slots(Array.from({ length: 100 }, (_, slot) => slot * 3))
    await pass(1_000)
    expect(sent.length).toBeLessThanOrEqual(500)
    expect(new Set(sent.map(({ command }) => command[1])).size).toBe(100)
  })

  test('removes its keys when it is stopped, and then sends nothing more', async () => {
    const { probe, pass, words, keys, sent } = scene(() => 'OK')
    await pass(100)
    await probe.stop()
    expect(words().at(-1)).toBe('a UNLINK')
    expect(keys.at(-1)).toEqual([7, 0])
    const before = sent.length
    await pass(200)
    expect(sent).toHaveLength(before)
  })
})
