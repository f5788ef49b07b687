import { type CoreState, type Frame, type JsonTopic, type TopicState, Viewer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

describe.runIf(hasValkey())(`a probe on a real cluster, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let operator: Browser
  let viewer: Browser
  let stream: StreamClient

  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 4 })
    api = await startApi({
      port: 0,
      clusters: [
        { id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes.slice(0, 1) },
        { id: 'locked', name: 'Locked', kind: 'connected', seeds: cluster.nodes.slice(0, 1), readOnly: true }
      ],
      logLevel: 'error'
    })
    operator = await logIn(api, 'operator', 'ann')
    viewer = await logIn(api, 'viewer', 'bob')
    stream = await viewer.stream('main')
    stream.ask({ type: 'watch', topics: ['core', 'databases', 'traffic'], visible: true })
    await until('three shards with all slots', () => {
      const shards = Object.values(stateOf('core')?.shards ?? {})
      return shards.reduce((sum, shard) => sum + shard.slotCount, 0) === 16_384
    })
  })
  afterAll(async () => {
    stream?.close()
    await api?.close()
    await cluster?.close()
  })

  const held = new Viewer()
  let received = 0
  /** A topic's state as a viewer holds it now. */
  const stateOf = <T extends JsonTopic>(topic: T): TopicState<T> | undefined => {
    for (; received < stream.frames.length; received++) held.receive(stream.frames[received] as Frame)
    return held.state(topic)
  }
  const traffic = () => stateOf('traffic')
  const points = () => traffic()?.probe ?? []
  const core = () => stateOf('core') as CoreState
  const switchTo = (browser: Browser, on: boolean, id = 'main') => browser.post(`/api/clusters/${id}/probe`, { on })
  const probeKeys = async () => {
    const lists = await Promise.all(
      cluster.nodes.map((_, node) => cluster.call(node, 'SCAN', '0', 'MATCH', 'slotscope:probe:*', 'COUNT', '10000'))
    )
    return lists.flatMap((reply) => (reply as [unknown, unknown[]])[1])
  }
  const writes = async (node: number) =>
    Number(/cmdstat_set:calls=(\d+)/.exec(String(await cluster.call(node, 'INFO', 'commandstats')))?.[1] ?? 0)

  test('is announced, and only operators start it; not where nothing may be written', async () => {
    expect(stream.frames[0]).toMatchObject({ type: 'hello', capabilities: expect.arrayContaining(['probe']) })
    const locked = await viewer.stream('locked')
    await until('hello', () => locked.frames.length > 0)
    expect(JSON.stringify(locked.frames[0])).not.toContain('"probe"')
    locked.close()
    expect(await switchTo(viewer, true)).toMatchObject({ status: 403 })
    expect(await switchTo(operator, true, 'locked')).toMatchObject({ status: 403, json: { message: expect.stringContaining('read-only') } })
    expect(await probeKeys()).toEqual([])
  })

  test('measures what clients notice, a pause as one long reply, and stays out of every figure', async () => {
    expect((await switchTo(operator, true)).status).toBe(204)
    await until('two readings', () => points().length >= 2)
    expect(traffic()?.probeSource).toBe('a probe that ann started')
    expect(points().at(-1)).toMatchObject({ moved: 0, ask: 0, tryAgain: 0, otherErrors: 0 })
    expect(points().at(-1)?.operationsPerSecond).toBeGreaterThan(30)
    expect((await probeKeys()).length).toBe(3)
    const seen = points().length
    await until('more readings of the servers', () => points().length >= seen + 3)
    expect(core().cluster.keys).toBe(0)
    expect(Object.values(stateOf('databases')?.shards ?? {}).flatMap((cells) => Object.keys(cells))).toEqual([])
    expect(core().watching.byCause.probe).toBeGreaterThan(10)
    const before = points().at(-1)?.atMs ?? 0
    await cluster.call(1, 'CLIENT', 'PAUSE', '400', 'WRITE')
    await until('the pause', () => points().some((point) => point.atMs > before && point.maxMs >= 300))
  })

  test('follows a move, and only reads while it carries several databases', async () => {
    // Slot 13907, which the third node owns.
    await cluster.caller.pipeline(
      cluster.nodes[2]!,
      [['SELECT', '2'], ...Array.from({ length: 3_000 }, (_, key) => ['SET', `{0}:${key}`, 'x']), ['SELECT', '0']],
      { purpose: 'work', cause: 'test' }
    )
    await until('the second database', () => Object.values(stateOf('databases')?.shards ?? {}).some((cells) => cells['2']?.keys === 3_000))
    await cluster.call(2, 'CONFIG', 'SET', 'rdb-key-save-delay', '800')
    const target = String(await cluster.call(0, 'CLUSTER', 'MYID'))
    await cluster.call(2, 'CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '13900', '13910', 'NODE', target)
    await until('the job', () => Object.values(core().jobs).some((job) => job.outcome === 'running'))
    // What was under way when the job was seen is let pass.
    const before = points().length
    await until('a reading', () => points().length > before)
    const written = await writes(2)
    const read = points().length
    await until('another reading', () => points().length > read)
    if (Object.values(core().jobs).some((job) => job.outcome === 'running')) expect(await writes(2)).toBe(written)
    await until('the end of the move', () => Object.values(core().jobs).some((job) => job.outcome === 'moved'))
    await until('the redirection', () => points().some((point) => point.moved > 0))
    await until('writes again', async () => (await writes(2)) > written)
    await cluster.call(2, 'CONFIG', 'SET', 'rdb-key-save-delay', '0')
  })

  test('takes its keys with it when it is stopped', async () => {
    expect((await switchTo(operator, false)).status).toBe(204)
    await until('no key left', async () => (await probeKeys()).length === 0)
    await until('no source', () => traffic()?.probeSource === null)
    const count = points().length
    const servers = traffic()?.servers.length ?? 0
    await until('three more readings of the servers', () => (traffic()?.servers.length ?? 0) >= servers + 3)
    expect(points()).toHaveLength(count)
  })
})
