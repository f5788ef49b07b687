import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordedFold, type RecordedLine, type SlotFigure, type Topic } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ModelFeed } from '../../test/support/model-feed.ts'
import { headOf, linesOfRange, type RecordedRange } from './recorded-range.ts'
import { Recorder } from './recorder.ts'
import { RecordingFolder } from './recording-folder.ts'

const START_MS = 1_800_000_000_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

let path: string
let feed: ModelFeed
let recorder: Recorder
let notes: string[]

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'slotscope-test-'))
  feed = new ModelFeed(START_MS)
  notes = []
})
afterEach(async () => {
  await recorder?.close()
  await rm(path, { recursive: true, force: true })
})

async function record(limits = { hours: 24, bytes: 1024 ** 3 }): Promise<RecordingFolder> {
  const now = () => feed.nowMs
  const note = (words: string) => void notes.push(words)
  const folder = await RecordingFolder.open(path, { limits, now, note, onFailure: (error) => recorder.failed(error) })
  recorder = new Recorder({ feed, folder, now, note, cluster: { id: 'main', name: 'Main', kind: 'connected' } })
  feed.listen((update) => recorder.update(update))
  return folder
}

/** Passes time in steps of a second, as the host does. */
function pass(ms: number, each: (second: number) => void = () => undefined): void {
  for (let second = 0; second < ms / 1_000; second++) {
    feed.nowMs += 1_000
    each(second)
    recorder.tick()
  }
}

async function linesOf(folder: RecordingFolder, range: RecordedRange): Promise<RecordedLine[]> {
  const lines: RecordedLine[] = []
  for await (const line of linesOfRange(folder, range)) lines.push(JSON.parse(line) as RecordedLine)
  return lines
}

/** What somebody sees who looks back at one instant. */
async function at(folder: RecordingFolder, atMs: number): Promise<RecordedFold> {
  const fold = new RecordedFold()
  for (const line of await linesOf(folder, { fromMs: atMs, toMs: atMs })) fold.fold(line)
  return fold
}

const nameAt = async (folder: RecordingFolder, atMs: number) => (await at(folder, atMs)).state('core')?.cluster.name

describe('the fold of a recorded range', () => {
  test('is what a live viewer held at every instant: 25 minutes of random changes, sleeps and restarts', async () => {
    let folder = await record()
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((seed / 2 ** 31) * below)
    }
    const figures: readonly SlotFigure[] = ['keys', 'cpu']
    /** By instant: the states that a viewer of everything held; null: nobody asked then. */
    const held = new Map<
      number,
      { core: unknown; databases: unknown; traffic: unknown; expiry: unknown; watched: ReadonlySet<Topic> } | null
    >()
    const samples = new Map<SlotFigure, { atMs: number; values: Float64Array }[]>(figures.map((figure) => [figure, []]))
    for (let second = 0; second < 1_500; second++) {
      feed.nowMs += 1_000
      if (random(200) === 0) feed.watched = new Set<Topic>(['expiry', 'slots:keys', 'slots:cpu'].filter(() => random(2) === 0) as Topic[])
      if (random(600) === 0) {
        await recorder.close()
        feed.nowMs += random(90_000)
        folder = await record()
      }
      feed.asleep = random(20) === 0 ? random(4) === 0 : feed.asleep
      if (!feed.asleep) {
        if (random(3) > 0) feed.publishCore(`core ${second}`, random(30) === 0 ? `event ${second}` : undefined)
        if (random(3) > 0) feed.publishDatabases(second)
        if (random(3) > 0) feed.publishTraffic(random(1_000))
        if (feed.watched.has('expiry')) feed.publishExpiry(random(50), `secret${second}`)
        for (const figure of figures)
          if (feed.watched.has(`slots:${figure}`) && second % 2 === 0)
            feed.publishFigure(figure, (values) => {
              for (let i = 0; i < 50; i++) values[random(16_384)] = random(10_000)
            })
      }
      recorder.tick()
      const known = !feed.asleep && folder.writing !== undefined
      held.set(
        feed.nowMs,
        known
          ? {
              core: feed.state('core'),
              databases: feed.state('databases'),
              traffic: feed.state('traffic'),
              expiry: feed.state('expiry'),
              watched: feed.watched
            }
          : null
      )
      for (const figure of figures) {
        const values = feed.figure(figure)
        if (values) samples.get(figure)?.push({ atMs: feed.nowMs, values })
      }
    }
    await folder.settled()
    expect(folder.gaps.length).toBeGreaterThan(3)
    expect(folder.segments.length).toBeGreaterThan(10)

    // All at once, from the beginning, and one instant at a time.
    const fold = new RecordedFold()
    const lines = await linesOf(folder, { fromMs: START_MS, toMs: feed.nowMs })
    expect(lines.at(-1)).toMatchObject({ type: 'end', lines: lines.length - 1 })
    let next = 0
    let compared = 0
    for (const [atMs, state] of held) {
      for (; next < lines.length && 'atMs' in lines[next]! && (lines[next] as { atMs: number }).atMs <= atMs; next++)
        fold.fold(lines[next]!)
      const inGap = folder.gaps.some((gap) => atMs > gap.fromMs && atMs < gap.toMs)
      if (state === null || inGap) continue
      compared++
      for (const one of random(150) === 0 ? [fold, await at(folder, atMs)] : [fold]) {
        for (const topic of ['core', 'databases', 'traffic'] as const) expect(one.state(topic)).toEqual(state[topic])
        const expiry = one.state('expiry')
        if (expiry !== undefined) expect(expiry).toEqual({ ...(state.expiry as object), soonest: [] })
        for (const figure of figures) {
          const seen = one.figure(`slots:${figure}`)
          if (!state.watched.has(`slots:${figure}`)) expect(seen).toBeUndefined()
          if (seen === undefined) continue
          expect(atMs - seen.atMs).toBeLessThan(75_000)
          // A segment may have begun within the same millisecond before the figures came.
          const all = samples.get(figure) ?? []
          const truths = [all.findLast((sample) => sample.atMs <= seen.atMs), all.findLast((sample) => sample.atMs < seen.atMs)]
          expect(truths.some((truth) => truth !== undefined && same(truth.values, seen.values))).toBe(true)
        }
      }
    }
    expect(compared).toBeGreaterThan(900)
    expect(notes).toEqual([])
  }, 60_000)

  test('has no name of a key, neither in lines nor in files, and no topic of a hash', async () => {
    const folder = await record()
    feed.watched = new Set(['expiry'])
    feed.publishCore('a')
    feed.publishExpiry(1, 'c2VjcmV0')
    pass(3 * MINUTE_MS, (second) => {
      feed.publishExpiry(second, 'c2VjcmV0')
      recorder.update({ topic: 'hash:0:c2VjcmV0', base: null, version: 1, data: Buffer.from('{"key":"c2VjcmV0"}'), binary: false })
    })
    const text = JSON.stringify(await linesOf(folder, { fromMs: START_MS, toMs: feed.nowMs }))
    expect(text).toContain('"topic":"expiry"')
    expect(text).not.toContain('c2VjcmV0')
  })

  test('can be of some topics only, and says where it was cut', async () => {
    const folder = await record()
    feed.publishCore('0')
    pass(5 * MINUTE_MS, (second) => {
      feed.publishCore(String(second))
      feed.publishDatabases(second)
    })
    const only = await linesOf(folder, { fromMs: START_MS, toMs: feed.nowMs, topics: new Set(['databases']) })
    expect(new Set(only.flatMap((line) => ('topic' in line ? [line.topic] : [])))).toEqual(new Set(['databases']))
    const first = await linesOf(folder, { fromMs: START_MS, toMs: feed.nowMs, most: 1_000 })
    const cut = first.at(-1)
    expect(cut).toEqual({ type: 'cut', atMs: START_MS + MINUTE_MS })
    const fold = new RecordedFold()
    for (let from = START_MS, rounds = 0; rounds < 10; rounds++) {
      const lines = await linesOf(folder, { fromMs: from, toMs: feed.nowMs, most: 1_000 })
      for (const line of lines) fold.fold(line)
      const last = lines.at(-1)
      if (last?.type !== 'cut') break
      from = last.atMs
    }
    expect(fold.state('core')).toEqual(feed.core())
  })

  test('a line of ours tells what it is in its first characters, whatever its state has', () => {
    expect(headOf('{"type":"snapshot","topic":"core","version":7,"atMs":12,"state":{"atMs":99}}')).toEqual({
      type: 'snapshot',
      topic: 'core',
      atMs: 12
    })
    expect(headOf('{"type":"patch","topic":"slots:bytes-in","base":1,"version":2,"atMs":3,"ops":[]}')?.topic).toBe('slots:bytes-in')
    expect(headOf('{"type":"mark","atMs":5}')).toEqual({ type: 'mark', topic: undefined, atMs: 5 })
    expect(headOf('{"state":{"type":"mark","atMs":5}}')).toBeUndefined()
  })
})

describe('figures of slots', () => {
  test('stand every ten seconds, and once a minute when they are older than an hour', async () => {
    const folder = await record()
    feed.watched = new Set(['slots:keys'])
    feed.publishCore('0')
    const work = (second: number) => {
      feed.publishFigure('keys', (values) => values.fill(second, 5, 6))
      if (second % 30 === 0) feed.publishCore(String(second))
    }
    pass(10 * MINUTE_MS, work)
    await folder.settled()
    const figures = async () =>
      (await linesOf(folder, { fromMs: START_MS, toMs: START_MS + 10 * MINUTE_MS })).filter((line) => line.type.startsWith('slots-'))
    const fine = await figures()
    expect(fine.length).toBeGreaterThan(55)
    expect(fine.length).toBeLessThan(72)
    const before = folder.bytes
    pass(70 * MINUTE_MS)
    await folder.settled()
    const coarse = await figures()
    expect(coarse.map((line) => line.type)).toEqual(Array(coarse.length).fill('slots-snapshot'))
    expect(coarse.length).toBeGreaterThanOrEqual(9)
    expect(coarse.length).toBeLessThanOrEqual(11)
    expect(before).toBeGreaterThan(0)
    expect((await at(folder, START_MS + 5 * MINUTE_MS)).figure('slots:keys')?.values[5]).toBeGreaterThan(230)
  })

  test('that nobody asks for any more are gone from the record at once', async () => {
    const folder = await record()
    feed.watched = new Set(['slots:keys'])
    feed.publishCore('0')
    pass(20_000, (second) => feed.publishFigure('keys', (values) => values.fill(second, 5, 6)))
    expect((await at(folder, feed.nowMs)).figure('slots:keys')).toBeDefined()
    feed.watched = new Set()
    pass(2_000)
    expect((await at(folder, feed.nowMs)).figure('slots:keys')).toBeUndefined()
    feed.watched = new Set(['slots:keys'])
    pass(5_000)
    // Nothing has come since: what is held is of before.
    expect((await at(folder, feed.nowMs)).figure('slots:keys')).toBeUndefined()
    pass(15_000, (second) => feed.publishFigure('keys', (values) => values.fill(second, 6, 7)))
    expect((await at(folder, feed.nowMs)).figure('slots:keys')?.values[6]).toBeGreaterThanOrEqual(0)
  })
})

describe('gaps', () => {
  test('are where nobody asked, and where the api was down; nothing is shown in them', async () => {
    let folder = await record()
    feed.publishCore('awake')
    pass(90_000)
    feed.asleep = true
    const sleptAtMs = feed.nowMs
    pass(300_000)
    feed.asleep = false
    pass(10_000)
    feed.publishCore('again')
    const wokeAtMs = feed.nowMs
    pass(30_000)
    await recorder.close()
    const closedAtMs = feed.nowMs
    feed.nowMs += 600_000
    folder = await record()
    feed.publishCore('after')
    expect(folder.gaps).toHaveLength(2)
    const [slept, down] = folder.gaps
    expect(sleptAtMs - (slept?.fromMs ?? 0)).toBeLessThanOrEqual(5_000)
    expect(slept?.toMs).toBe(wokeAtMs)
    expect(down).toEqual({ fromMs: closedAtMs, toMs: feed.nowMs })
    expect(await nameAt(folder, sleptAtMs + 60_000)).toBeUndefined()
    expect(await nameAt(folder, closedAtMs)).toBe('again')
    expect(await nameAt(folder, closedAtMs + 1)).toBeUndefined()
    const across = await linesOf(folder, { fromMs: START_MS, toMs: feed.nowMs })
    const seams = across.filter((line) => line.type === 'segment')
    expect(seams.map((line) => line.continues)).toEqual([false, true, false, false])
  })

  test('a clock that was set is a seam, not a nonsense', async () => {
    const folder = await record()
    feed.publishCore('before')
    pass(30_000)
    feed.nowMs -= HOUR_MS
    feed.publishCore('set back')
    pass(30_000)
    feed.nowMs += 5 * HOUR_MS
    feed.publishCore('set forward')
    pass(5_000)
    expect(await nameAt(folder, START_MS + 20_000)).toBe('before')
    expect(await nameAt(folder, START_MS + 40_000 - HOUR_MS)).toBe('set back')
    expect(await nameAt(folder, feed.nowMs)).toBe('set forward')
  })
})

describe('after a crash', () => {
  /** Everything that is on disk, copied while the recorder runs: the state that a killed process leaves. */
  async function crashed(change: (openFile: string) => Promise<void>): Promise<RecordingFolder> {
    await recorder.folder.flush()
    await recorder.folder.settled()
    const names = await readdir(path)
    const files = await Promise.all(names.map(async (name) => [name, await readFile(join(path, name))] as const))
    await recorder.close()
    await rm(path, { recursive: true })
    path = await mkdtemp(join(tmpdir(), 'slotscope-test-'))
    for (const [name, bytes] of files) await writeFile(join(path, name), bytes)
    const open = names.find((name) => name.endsWith('.ndjson'))
    if (open === undefined) throw new Error('nothing was being written')
    await change(join(path, open))
    return record()
  }

  test.each([
    ['half a line', Buffer.from('{"type":"patch","topic":"core","base":1,"ver')],
    ['zeros', Buffer.alloc(5_000)],
    ['zeros with a newline', Buffer.concat([Buffer.alloc(100), Buffer.from('\n')])],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x0a, 0x80, 0x0a, 0x01])]
  ])('%s at the end is cut off, said, and what was before stands', async (_what, tail) => {
    await record()
    feed.publishCore('0')
    pass(150_000, (second) => feed.publishCore(String(second)))
    const folder = await crashed((file) => appendFile(file, tail))
    expect(notes).toEqual([expect.stringContaining(`${tail.length} bytes of a torn line were cut off`)])
    expect(await nameAt(folder, START_MS + 150_000)).toBe('149')
    expect(await nameAt(folder, START_MS + 100_000)).toBe('99')
    feed.nowMs += 20_000
    feed.publishCore('next run')
    expect(folder.gaps).toEqual([{ fromMs: START_MS + 150_000, toMs: feed.nowMs }])
    await folder.settled()
    expect((await readdir(path)).filter((name) => name.endsWith('.ndjson'))).toHaveLength(1)
  })

  test('at any byte nothing that is whole is lost', async () => {
    await record()
    feed.publishCore('0')
    pass(8_000, (second) => feed.publishCore(`core ${second}`))
    await recorder.folder.flush()
    const name = (await readdir(path)).find((one) => one.endsWith('.ndjson')) as string
    const whole = await readFile(join(path, name))
    await recorder.close()
    for (let length = whole.length; length > 0; length -= 13) {
      await rm(path, { recursive: true })
      path = await mkdtemp(join(tmpdir(), 'slotscope-test-'))
      await writeFile(join(path, name), whole.subarray(0, length))
      const folder = await record()
      const lines = whole.subarray(0, length).toString().split('\n').slice(0, -1)
      const read = await linesOf(folder, { fromMs: START_MS, toMs: feed.nowMs })
      expect(read.slice(0, -1)).toEqual(lines.map((line) => JSON.parse(line)))
      await recorder.close()
    }
  })

  test('between the two names of a compressed segment one of them is taken', async () => {
    await record()
    feed.publishCore('0')
    pass(70_000, (second) => feed.publishCore(String(second)))
    await recorder.folder.settled()
    const folder = await crashed(async () => {
      await writeFile(join(path, `${START_MS}.ndjson`), 'left over\n')
      await writeFile(join(path, `${START_MS}-${START_MS + 1}.ndjson.gz.new`), 'half')
    })
    expect(await nameAt(folder, START_MS + 30_000)).toBe('29')
    await folder.settled()
    expect((await readdir(path)).filter((name) => name.endsWith('.new') || name === `${START_MS}.ndjson`)).toEqual([])
  })

  test('a damaged segment is left out and said, and what follows does not pretend to follow', async () => {
    await record()
    feed.publishCore('0')
    pass(200_000, (second) => feed.publishCore(String(second)))
    const folder = await crashed(async () => {
      const second = (await readdir(path)).filter((name) => name.endsWith('.gz')).sort()[1] as string
      await truncate(join(path, second), 40)
    })
    const lines = await linesOf(folder, { fromMs: START_MS, toMs: feed.nowMs })
    expect(lines.filter((line) => line.type === 'segment').map((line) => line.continues)).toEqual([false, false, true])
    expect(notes).toEqual([expect.stringContaining('cannot be read')])
  })

  test('events stand as they were told, without the half line', async () => {
    await record()
    for (let i = 0; i < 3; i++) {
      feed.publishCore(String(i), `event ${i}`)
      pass(61_000)
    }
    const folder = await crashed(async () => {
      await appendFile(join(path, 'events.jsonl'), '{"atMs":1800')
      feed = new ModelFeed(feed.nowMs)
    })
    feed.publishCore('x', 'event 3')
    pass(61_000)
    await recorder.close()
    const again = await record()
    expect(again.events.all.map((event) => event.text)).toEqual(['event 0', 'event 1', 'event 2', 'event 3'])
    expect(folder.events.all).toHaveLength(4)
  })
})

describe('limits', () => {
  test('the oldest segments go when they are too old or too many', async () => {
    const folder = await record({ hours: 0.5, bytes: 1024 ** 3 })
    feed.publishCore('0', 'first')
    pass(HOUR_MS, (second) => {
      if (second % 5 === 0) feed.publishCore(String(second), second === 3_000 ? 'late' : undefined)
    })
    await folder.settled()
    expect(feed.nowMs - (folder.segments[0]?.fromMs ?? 0)).toBeLessThanOrEqual(0.5 * HOUR_MS + 2 * MINUTE_MS)
    expect(folder.events.all.map((event) => event.text)).toEqual(['late'])
    expect((await readdir(path)).length).toBeLessThanOrEqual(folder.segments.length + 1)
    const bytes = folder.bytes
    await recorder.close()
    const smaller = await record({ hours: 24, bytes: Math.round(bytes / 3) })
    await smaller.settled()
    expect(smaller.bytes).toBeLessThanOrEqual(bytes / 3)
    expect(smaller.segments.length).toBeGreaterThan(3)
  })

  test('a disk that fails is a problem shown and said once, and recording goes on when it can', async () => {
    const folder = await record()
    feed.publishCore('0')
    pass(30_000)
    await folder.flush()
    await rm(path, { recursive: true })
    await writeFile(path, 'no folder any more')
    pass(40_000, (second) => feed.publishCore(String(second)))
    // The file is open still; the next segment cannot be made.
    await expect.poll(() => recorder.problem).toMatch(/ENOTDIR|ENOENT|EEXIST/)
    expect(feed.problems.get('recording')).toMatch(/ENOTDIR/)
    expect(notes.filter((words) => words.startsWith('recording stopped'))).toHaveLength(1)
    pass(60_000, (second) => feed.publishCore(`still ${second}`))
    await folder.settled()
    expect(notes.filter((words) => words.startsWith('recording stopped'))).toHaveLength(1)
    await rm(path)
    await mkdtempAt(path)
    pass(40_000, (second) => feed.publishCore(`again ${second}`))
    await folder.flush()
    const afterASecond = () => {
      pass(1_000)
      return recorder.problem
    }
    await expect.poll(afterASecond).toBeNull()
    expect(feed.problems.size).toBe(0)
    expect(await nameAt(folder, feed.nowMs)).toBe('again 39')
  })
})

function same(a: Float64Array, b: Float64Array): boolean {
  return a.every((value, index) => Object.is(value, b[index]))
}

async function mkdtempAt(folder: string): Promise<void> {
  const { mkdir } = await import('node:fs/promises')
  await mkdir(folder)
}
