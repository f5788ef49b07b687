import { type Ask, type CoreState, encodeSlotsPatch, encodeSlotsSnapshot, type Frame, STREAM_VERSION } from '@slotscope/observer/stream'
import { beforeEach, expect, test } from 'vitest'
import { Clock } from './clock.ts'
import { ClusterStore, LATE_MS } from './store.ts'

const hello = (feedId: string): Frame => ({
  type: 'hello',
  streamVersion: STREAM_VERSION,
  feedId,
  clusterId: 'c',
  capabilities: [],
  atMs: 1_000
})
const traffic = (version: number, source: string): Frame => ({
  type: 'snapshot',
  topic: 'traffic',
  version,
  atMs: 1_000 + version,
  state: { servers: [], probe: [], probeSource: source }
})

let store: ClusterStore
let asks: Ask[]
let watches: number

beforeEach(() => {
  store = new ClusterStore(new Clock(() => 500))
  asks = []
  watches = 0
  store.join({ send: (ask) => asks.push(ask), topicsChanged: () => watches++ })
})

test('a patch that does not fit is not applied and the topic is asked for again from the held version', () => {
  store.receive(hello('f'))
  store.receive(traffic(3, 'a'))
  const patch: Frame = {
    type: 'patch',
    topic: 'traffic',
    base: 4,
    version: 5,
    atMs: 1,
    ops: [{ op: 'set', path: ['probeSource'], value: 'b' }]
  }
  expect(store.receive(patch)).toBeNull()
  expect(asks).toEqual([{ type: 'resume', topic: 'traffic', version: 3 }])
  expect(store.topic('traffic')?.state.probeSource).toBe('a')
})

test('a patch changes the held state and is to be acknowledged', () => {
  store.receive(hello('f'))
  store.receive(traffic(3, 'a'))
  const patch: Frame = {
    type: 'patch',
    topic: 'traffic',
    base: 3,
    version: 4,
    atMs: 1_500,
    ops: [{ op: 'set', path: ['probeSource'], value: 'b' }]
  }
  expect(store.receive(patch)).toEqual({ topic: 'traffic', version: 4 })
  expect(store.topic('traffic')).toMatchObject({ version: 4, atMs: 1_500, state: { probeSource: 'b' } })
})

test('after a restart of the api the last picture stays until the new snapshot, and nothing void is resumed', () => {
  store.receive(hello('f'))
  store.retain('traffic')
  store.receive(traffic(7, 'old'))
  expect(store.resumeAsks()).toEqual([{ type: 'resume', topic: 'traffic', version: 7 }])
  store.receive(hello('g'))
  expect(store.topic('traffic')?.state.probeSource).toBe('old')
  expect(store.resumeAsks()).toEqual([])
  store.receive(traffic(1, 'new'))
  expect(store.topic('traffic')?.state.probeSource).toBe('new')
})

test('a topic is watched while somebody retains it, and all changes of one turn are one watch', async () => {
  const first = store.retain('slots:keys')
  const second = store.retain('slots:keys')
  expect(store.watched).toEqual(['core', 'slots:keys'])
  first()
  expect(store.watched).toEqual(['core', 'slots:keys'])
  second()
  expect(store.watched).toEqual(['core'])
  await Promise.resolve()
  expect(watches).toBe(1)
})

test('slot figures come as a snapshot and go on as patches; the array is replaced, never changed', () => {
  store.receive(hello('f'))
  const values = new Float64Array(16_384).fill(2)
  store.receiveBinary(encodeSlotsSnapshot({ topic: 'slots:keys', version: 1, atMs: 1, perSecond: false }, values))
  const before = store.slots('slots:keys')?.values
  store.receiveBinary(encodeSlotsPatch({ topic: 'slots:keys', base: 1, version: 2, atMs: 2, perSecond: false }, [7, 9], [70, 90]))
  const after = store.slots('slots:keys')?.values
  expect([before?.[7], after?.[7], after?.[8], after?.[9]]).toEqual([2, 70, 2, 90])
})

test('listeners hear of every change once', () => {
  let calls = 0
  const stop = store.subscribe(() => calls++)
  store.receive(hello('f'))
  store.receive(traffic(1, 'a'))
  stop()
  store.receive(traffic(2, 'b'))
  expect(calls).toBe(2)
})

test('[P1] what came last is drawn as live for five seconds; a beat keeps it live, and so does any frame', () => {
  let localMs = 500
  store = new ClusterStore(new Clock(() => localMs))
  const phaseAfter = (ms: number) => {
    localMs += ms
    store.noticeAge()
    return store.connection.phase
  }
  store.receive(hello('f'))
  expect([phaseAfter(LATE_MS), phaseAfter(1)]).toEqual(['live', 'late'])
  store.receive({ type: 'beat', atMs: 1_000 + LATE_MS })
  expect([store.connection.phase, phaseAfter(LATE_MS - 1)]).toEqual(['live', 'live'])
  // A frame that was long under way is no news.
  expect(phaseAfter(10)).toBe('late')
  store.receive({ type: 'beat', atMs: 1_100 + LATE_MS })
  expect(phaseAfter(LATE_MS)).toBe('late')
})

test('[P1] after a reconnect the old picture is late until it is brought up to now', () => {
  let localMs = 500
  store = new ClusterStore(new Clock(() => localMs))
  const core = (version: number, atMs: number): Frame => ({ type: 'snapshot', topic: 'core', version, atMs, state: {} as CoreState })
  store.receive(hello('f'))
  store.receive(core(1, 1_000))
  expect(store.connection.phase).toBe('live')
  localMs += 60_000
  store.setConnection({ phase: 'reconnecting' })
  store.receive({ ...hello('f'), atMs: 61_000 } as Frame)
  expect(store.connection.phase).toBe('late')
  const patch = (base: number, atMs: number): Frame => ({ type: 'patch', topic: 'core', base, version: base + 1, atMs, ops: [] })
  store.receive(patch(1, 30_000))
  expect(store.connection.phase).toBe('late')
  store.receive(patch(2, 60_500))
  expect(store.connection.phase).toBe('live')
})

test('a recording that stands still is not late', () => {
  let localMs = 500
  store = new ClusterStore(new Clock(() => localMs))
  store.receive({ ...hello('f'), capabilities: ['recorded'] } as Frame)
  localMs += 60_000
  store.receive({ type: 'beat', atMs: 1_000 })
  store.noticeAge()
  expect(store.connection.phase).toBe('live')
})

test('a clock that runs fast does not make every stream late: each hello measures anew', () => {
  let localMs = 500
  store = new ClusterStore(new Clock(() => localMs))
  store.receive(hello('f'))
  localMs += 30_000
  store.receive({ ...hello('f'), atMs: 1_000 + 20_000 } as Frame)
  store.noticeAge()
  expect(store.connection.phase).toBe('live')
})

test('where a recording is played the clock has its time, and silence is told by when frames came', () => {
  const playback = (positionMs: number, version: number): Frame => ({
    type: 'snapshot',
    topic: 'playback',
    version,
    atMs: positionMs,
    state: { fromMs: 0, toMs: 900_000, positionMs, speed: 1, paused: true }
  })
  store.receive({ ...hello('f'), capabilities: ['recorded'] } as Frame)
  expect([store.isRecorded, store.watched.includes('playback')]).toEqual([true, true])
  store.receive(playback(70_000, 1))
  expect(store.clock.now()).toBe(70_000)
  // Its instants are years old: that is not a late stream.
  store.noticeAge()
  expect(store.connection.phase).toBe('live')
  store.receive(playback(20_000, 2))
  expect(store.clock.now()).toBe(20_000)
})
