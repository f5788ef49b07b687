import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type CoreState, RecordedFold, type RecordedLine, type RecordingAnswer, Viewer } from '@slotscope/observer/stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OptionError, startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import { ModelRecording, RECORDED_FROM_MS } from './support/model-recording.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'

const base = '/api/clusters/main/recording'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slotscope-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Folds a live stream, and keeps every state of the core by its version. */
function followCore(stream: StreamClient): () => Map<number, { atMs: number; core: CoreState }> {
  const viewer = new Viewer()
  const states = new Map<number, { atMs: number; core: CoreState }>()
  let next = 0
  return () => {
    for (; next < stream.frames.length; next++) {
      const frame = stream.frames[next]
      if (frame === undefined) continue
      viewer.receive(frame)
      const core = viewer.state('core')
      if ('topic' in frame && frame.topic === 'core' && core) states.set(frame.version, { atMs: frame.atMs, core })
    }
    return states
  }
}

async function recordingOf(browser: Browser): Promise<RecordingAnswer> {
  return (await browser.get(base)).json as RecordingAnswer
}

function readLines(text: string): RecordedLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RecordedLine)
}

describe('the recording of a watched cluster', () => {
  test('is what a live viewer held, also for a viewer who came later and after a restart of the api', async () => {
    const recording = { folder: join(folder, 'recording') }
    const first = await startScriptedApi({ recording })
    const viewer = await logIn(first.api, 'viewer')
    const stream = await viewer.stream('main')
    const states = followCore(stream)
    stream.ask({ type: 'watch', topics: ['core', 'traffic'], visible: true })
    await until('a few versions', () => states().size >= 5)
    // The node stops: something notable.
    first.cluster.down.add(7_002)
    await until('the node is missed', () => [...states().values()].some(({ core }) => Object.keys(core.health).length > 0))
    const seen = [...states().values()]
    stream.close()
    await first.close()

    const second = await startScriptedApi({ recording })
    try {
      const later = await logIn(second.api, 'viewer', 'later')
      const answer = await recordingOf(later)
      expect(answer.kept).toBe(true)
      expect(answer.gaps).toHaveLength(1)
      // Its first instant has a state already.
      const first = readLines((await later.get(`${base}/frames?from=${answer.fromMs}&to=${answer.fromMs}`)).text)
      expect(first.map((line) => line.type)).toEqual(expect.arrayContaining(['segment', 'snapshot', 'end']))
      for (const { atMs, core } of seen) {
        const { text, status, headers } = await later.get(`${base}/frames?from=${atMs}&to=${atMs}&topics=core`)
        expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson'])
        const lines = readLines(text)
        const fold = new RecordedFold()
        for (const line of lines) fold.fold(line)
        // Several frames of one millisecond: the last of them is what the recording has at that instant.
        const last = seen.findLast((one) => one.atMs === atMs)
        expect(fold.state('core')).toEqual(last?.core)
        expect(fold.state('traffic')).toBeUndefined()
        expect(lines.at(-1)?.type).toBe('end')
        expect(core).toBeDefined()
      }
    } finally {
      await second.close()
    }
  })

  test('is compressed for a browser, and exported as a file with a plain name', async () => {
    const scripted = await startScriptedApi({ recording: { folder } })
    try {
      const browser = await logIn(scripted.api, 'viewer')
      await until('something is recorded', async () => (await recordingOf(browser)).fromMs !== null)
      const range = `from=0&to=${Date.now() + 60_000}`
      const plain = await browser.get(`${base}/frames?${range}`)
      const packed = await bytesOf(scripted, browser, `${base}/frames?${range}`, { 'accept-encoding': 'br, gzip' })
      expect(packed.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(packed.bytes).toString().startsWith(plain.text.slice(0, 500))).toBe(true)
      const file = await bytesOf(scripted, browser, `${base}/export?${range}`)
      expect(file.headers['content-type']).toBe('application/gzip')
      expect(file.headers['content-disposition']).toMatch(/^attachment; filename="Main-19700101-000000\.slotscope\.gz"$/)
      const [head, ...lines] = readLines(gunzipSync(file.bytes).toString())
      expect(head).toMatchObject({ type: 'recording', format: 'slotscope-recording', formatVersion: 1, cluster: { name: 'Main' } })
      expect(lines.at(-1)).toMatchObject({ type: 'end', lines: lines.length - 1 })
    } finally {
      await scripted.close()
    }
  })

  test('without one there is nothing, and a range that is none is refused', async () => {
    const scripted = await startScriptedApi()
    try {
      const browser = await logIn(scripted.api, 'viewer')
      expect(await recordingOf(browser)).toMatchObject({ kept: false, fromMs: null, events: [] })
      expect((await browser.get(`${base}/frames?from=0&to=1`)).status).toBe(404)
      for (const query of [
        'from=2&to=1',
        'from=0',
        'from=a&to=b',
        'from=0&to=1&topics=hash:0:aa',
        'from=0&to=1&topics=',
        'from=0&to=9999999999999999'
      ])
        expect((await browser.get(`${base}/frames?${query}`)).status).toBe(400)
      expect((await browser.post('/api/clusters/main/playback', { paused: true })).status).toBe(403)
      const operator = await logIn(scripted.api, 'operator')
      expect((await operator.post('/api/clusters/main/playback', { paused: true })).status).toBe(404)
    } finally {
      await scripted.close()
    }
  })

  test('in a temporary folder goes with the api', async () => {
    const before = await temporaryFolders()
    const scripted = await startScriptedApi({ recording: {} })
    const browser = await logIn(scripted.api, 'viewer')
    await until('something is recorded', async () => (await recordingOf(browser)).fromMs !== null)
    expect(await recordingOf(browser)).toMatchObject({ limits: { hours: 2, bytes: 128 * 1024 * 1024 } })
    const during = (await temporaryFolders()).filter((name) => !before.includes(name))
    expect(during.length).toBeGreaterThanOrEqual(1)
    await scripted.close()
    const after = await temporaryFolders()
    expect(during.some((name) => !after.includes(name))).toBe(true)
  })

  test('a folder that cannot be used is an error in words at the start', async () => {
    await writeFile(join(folder, 'file'), '')
    const clusters = [{ id: 'main', name: 'Main', kind: 'connected', seeds: [{ host: '127.0.0.1', port: 1 }] }] as const
    const start = startApi({ port: 0, clusters, logLevel: 'silent', recording: { folder: join(folder, 'file') } })
    await expect(start).rejects.toThrow(OptionError)
    await expect(start).rejects.toThrow('the recording of "main" cannot be kept')
  })

  test('nobody may take more than four at once, and somebody who takes nothing holds one segment', async () => {
    const recorded = await ModelRecording.start()
    recorded.feed.publishCore('x'.repeat(200_000))
    recorded.pass(300, (second) => recorded.feed.publishCore(`${second}${'x'.repeat(200_000)}`))
    const file = await recorded.export()
    const scripted = await startScriptedApi({ play: [{ id: 'past', file }] })
    try {
      const browser = await logIn(scripted.api, 'viewer')
      const path = `/api/clusters/past/recording/frames?from=0&to=${RECORDED_FROM_MS * 2}`
      const stalled = await Promise.all([1, 2, 3, 4].map(() => stalledRequest(scripted, browser, path)))
      expect((await browser.get(path)).status).toBe(429)
      for (const one of stalled) one.destroy()
      await until('they are let go', async () => (await browser.get(`${path}&topics=databases`)).status === 200)
    } finally {
      await scripted.close()
      await recorded.close()
    }
  })
})

describe('a recording that is played', () => {
  let recorded: ModelRecording
  let scripted: ScriptedApi
  beforeEach(async () => {
    recorded = await ModelRecording.start()
    recorded.pass(120, (second) => recorded.feed.publishCore(`core ${second}`, second === 10 ? 'a move ended' : undefined))
    await recorded.folder.settled()
    scripted = await startScriptedApi({ play: [{ id: 'past', file: await recorded.export() }] })
  })
  afterEach(async () => {
    await scripted?.close()
    await recorded?.close()
  })

  test('is a cluster of the session, with a stream and a past of its own, and nothing in it can be asked or changed', async () => {
    const viewer = await logIn(scripted.api, 'viewer')
    const session = (await viewer.get('/api/session')).json
    expect(session).toMatchObject({ clusters: [{ id: 'main' }, { id: 'past', name: 'Main', kind: 'recorded' }] })
    const stream = await viewer.stream('past')
    const states = followCore(stream)
    stream.ask({ type: 'watch', topics: ['core', 'playback'], visible: true })
    await until('two versions', () => states().size >= 2)
    expect(stream.frames[0]).toMatchObject({ type: 'hello', clusterId: 'past', capabilities: ['atomic-migration', 'recorded'] })
    for (const { atMs, core } of states().values()) {
      const second = Math.floor((atMs - RECORDED_FROM_MS) / 1_000) - 1
      expect(core.cluster.name).toBe(`core ${second}`)
    }
    expect((await viewer.get('/api/clusters/past/recording')).json).toMatchObject({
      kept: true,
      events: [{ text: 'a move ended' }],
      gaps: []
    })

    const operator = await logIn(scripted.api, 'operator')
    for (const path of ['plans', 'keys/scan']) {
      const body =
        path === 'plans'
          ? { slots: [[0, 9]], targetShard: 'x' }
          : { database: 0, shard: null, pattern: '', type: null, cursor: null, count: 10 }
      const answer = await operator.post(`/api/clusters/past/${path}`, body)
      expect(answer.status).toBe(409)
      expect(answer.json).toMatchObject({ error: 'RECORDED', message: expect.stringContaining('this is a recording') })
    }
    stream.close()
  })

  test('is paused and moved by an operator, for everybody', async () => {
    const operator = await logIn(scripted.api, 'operator')
    const viewer = await logIn(scripted.api, 'viewer')
    const stream = await viewer.stream('past')
    const states = followCore(stream)
    stream.ask({ type: 'watch', topics: ['core', 'playback'], visible: true })
    const positionMs = RECORDED_FROM_MS + 61_000
    const answer = await operator.post('/api/clusters/past/playback', { positionMs, paused: true })
    expect(answer.json).toEqual({ fromMs: RECORDED_FROM_MS + 1_000, toMs: RECORDED_FROM_MS + 120_000, positionMs, speed: 1, paused: true })
    await until('it is there', () => [...states().values()].at(-1)?.core.cluster.name === 'core 60')
    expect((await viewer.post('/api/clusters/past/playback', { paused: false })).status).toBe(403)
    for (const body of [{ speed: 0 }, { speed: 1e9 }, { positionMs: -1 }, { paused: 'no' }, { other: 1 }])
      expect((await operator.post('/api/clusters/past/playback', body)).status).toBe(400)
    stream.close()
  })
})

async function temporaryFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('slotscope-recording-'))
}

function bytesOf(
  { api }: ScriptedApi,
  browser: Browser,
  path: string,
  headers: Record<string, string> = {}
): Promise<{ headers: Record<string, unknown>; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: api.port, path, headers: { cookie: browser.cookie, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Asks, waits for the head of the answer, and takes nothing of it. */
function stalledRequest({ api }: ScriptedApi, browser: Browser, path: string): Promise<{ destroy(): void }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: api.port, path, agent: false, headers: { cookie: browser.cookie } }, (response) => {
      response.pause()
      response.on('error', () => undefined)
      resolve(asked)
    })
    asked.on('error', reject)
    asked.end()
  })
}
