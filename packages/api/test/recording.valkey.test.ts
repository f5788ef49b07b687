import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConfirmAnswer, type CoreState, type PlanAnswer, RecordedFold, type RecordedLine, Viewer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

/** Folds everything that a stream brings, and keeps each state of the core with its instant. */
class Follower {
  readonly viewer = new Viewer()
  readonly cores: { readonly atMs: number; readonly core: CoreState }[] = []
  readonly #stream: StreamClient
  #frames = 0
  #binaries = 0

  constructor(stream: StreamClient) {
    this.#stream = stream
  }

  follow(): this {
    for (; this.#frames < this.#stream.frames.length; this.#frames++) {
      const frame = this.#stream.frames[this.#frames]
      if (frame === undefined) continue
      this.viewer.receive(frame)
      const core = this.viewer.state('core')
      if ('topic' in frame && frame.topic === 'core' && core) this.cores.push({ atMs: frame.atMs, core })
    }
    for (; this.#binaries < this.#stream.binaries.length; this.#binaries++)
      this.viewer.receiveBinary(this.#stream.binaries[this.#binaries] as Uint8Array)
    return this
  }

  get core(): CoreState | undefined {
    return this.follow().viewer.state('core')
  }
}

describe.runIf(hasValkey())(`a real move, recorded, exported and played, ${valkeyServer}`, () => {
  let folder: string
  let cluster: ValkeyCluster
  let live: Api
  let played: Api | undefined
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slotscope-test-'))
    cluster = await startValkeyCluster({ databases: 4 })
    const seeds = cluster.nodes.slice(0, 1)
    live = await startApi({
      port: 0,
      clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds }],
      logLevel: 'error',
      recording: { folder: join(folder, 'recording') }
    })
  })
  afterAll(async () => {
    await played?.close()
    await live?.close()
    await cluster?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('gives at every instant the state that a live viewer held', async () => {
    const operator = await logIn(live, 'operator', 'ann')
    const stream = await operator.stream('main')
    const seen = new Follower(stream)
    stream.ask({ type: 'watch', topics: ['core', 'databases', 'slots:keys'], visible: true })
    await until(
      'three shards with all slots',
      () => Object.values(seen.core?.shards ?? {}).reduce((sum, one) => sum + one.slotCount, 0) === 16_384
    )
    for (let index = 0; index < 200; index++) await cluster.call(0, 'SET', `{06S}${index}`, 'v').catch(() => undefined)
    const shards = Object.values(seen.core?.shards ?? {})
    const source = shards.find((shard) => shard.slots.some(([first]) => first === 0))
    const target = shards.find((shard) => shard.slots.some(([, last]) => last === 16_383))
    const made = (await operator.post('/api/clusters/main/plans', { slots: [[0, 499]], targetShard: target?.key })).json as PlanAnswer
    const confirmed = (await operator.post(`/api/clusters/main/plans/${made.planId}/confirm`)).json as ConfirmAnswer
    const name = confirmed.jobs[0]?.name ?? ''
    await until('the job has ended', () => seen.core?.jobs[name]?.outcome === 'moved')
    await until('the target owns the slots', () => seen.core?.shards[target?.key ?? '']?.slots.some(([first]) => first === 0) === true)
    expect(seen.core?.shards[source?.key ?? '']?.slots[0]?.[0]).toBe(500)
    const recorded = async () => {
      const fold = new RecordedFold()
      const { text } = await operator.get(`/api/clusters/main/recording/frames?from=${Date.now()}&to=${Date.now()}`)
      for (const line of text.split('\n')) if (line !== '') fold.fold(JSON.parse(line) as RecordedLine)
      return fold
    }
    // Slots of quiet nodes are counted each 15 s, and recorded each 10 s.
    await until(
      'the keys per slot are recorded as they are',
      async () => {
        const figure = (await recorded()).figure('slots:keys')
        return figure !== undefined && String(figure.values) === String(seen.follow().viewer.figure('slots:keys')?.values)
      },
      40_000
    )
    const keys = seen.follow().viewer.figure('slots:keys')?.values
    stream.close()
    seen.follow()

    const file = join(folder, 'move.slotscope.gz')
    await writeFile(file, await download(live, operator, `/api/clusters/main/recording/export?from=0&to=${Date.now() + 1_000}`))
    await live.close()
    played = await startApi({ port: 0, clusters: [], play: [{ id: 'past', file }], logLevel: 'error' })
    const presenter = await logIn(played, 'operator')
    const again = await presenter.stream('past')
    const shown = new Follower(again)
    again.ask({ type: 'watch', topics: ['core', 'playback', 'slots:keys'], visible: true })

    // The recording began with the first picture; a viewer may hold the empty one of before.
    const cores = seen.cores.filter(({ core }) => core.cluster.state !== 'unknown')
    const steps = new Set<string>()
    for (const { atMs } of cores) {
      await presenter.post('/api/clusters/past/playback', { positionMs: atMs, paused: true })
      await until('it is shown', () => shown.follow().viewer.state('playback')?.positionMs === atMs)
      // Several frames of one millisecond: the last of them is what is shown then.
      expect(shown.core).toEqual(cores.findLast((one) => one.atMs === atMs)?.core)
      for (const job of Object.values(shown.core?.jobs ?? {})) steps.add(`${job.step} ${job.outcome}`)
    }
    expect(cores.length).toBeGreaterThan(10)
    expect([...steps].some((step) => step.endsWith('moved'))).toBe(true)
    await presenter.post('/api/clusters/past/playback', { positionMs: Date.now(), paused: true })
    await until('the figures of the end are shown', () => String(shown.follow().viewer.figure('slots:keys')?.values) === String(keys))
    again.close()
  }, 90_000)
})

function download({ port }: Api, browser: Browser, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers: { cookie: browser.cookie } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks)))
    })
    asked.on('error', reject)
    asked.end()
  })
}
