import { setTimeout as later } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeUtf8, toBase64, toBase64Url } from '../src/bytes.ts'
import { ErrorReply, Feed, type FeedUpdate } from '../src/index.ts'
import type { CoreState } from '../src/stream/core-state.ts'
import type { Topic } from '../src/stream/frames.ts'
import { Viewer } from '../src/stream/viewer.ts'
import { RespCaller } from './resp-caller.ts'
import { until, ValkeyCluster, valkeyServer } from './valkey-cluster.ts'

const binary = valkeyServer()

describe.runIf(binary !== undefined).each([2, 3] as const)('a real cluster over RESP%i', (protocol) => {
  let cluster: ValkeyCluster
  let caller: RespCaller
  let feed: Feed
  let running = true
  let loop: Promise<void>
  const updates: FeedUpdate[] = []
  const viewer = new Viewer()

  beforeAll(async () => {
    cluster = await ValkeyCluster.start(binary as string, { primaries: 3, replicas: 0, databases: 4 })
    caller = new RespCaller(protocol)
    feed = new Feed({
      caller,
      seeds: [cluster.addresses[0]!],
      clusterId: 'c',
      name: 'real',
      kind: 'connected',
      labels: { load: () => ({}), save: () => undefined },
      feedId: 'f',
      now: () => Date.now()
    })
    feed.subscribe((update) => {
      updates.push(update)
      const received = 'frame' in update ? viewer.receive(update.frame) : viewer.receiveBinary(update.binary)
      if (received.kind === 'gap') throw new Error(`gap in ${received.ask.topic}`)
    })
    viewer.receive(feed.hello())
    const snapshot = feed.snapshot('core')
    if (snapshot && !(snapshot instanceof Uint8Array)) viewer.receive(snapshot)
    feed.watch(new Set<Topic>(['core', 'slots:keys', 'databases']), Date.now())
    loop = (async () => {
      while (running) await later(await feed.advance(Date.now()))
    })()
  })

  afterAll(async () => {
    running = false
    await loop
    caller?.close()
    await cluster?.stop()
  })

  test('nodes, shards, slots, keys and databases are what the nodes say', async () => {
    await fill(cluster)
    await until(() => feed.core().cluster.state === 'ok' && feed.core().cluster.keys === 900)
    const core = feed.core()
    expect(Object.keys(core.nodes)).toHaveLength(3)
    expect(Object.values(core.shards).map((shard) => [shard.label, shard.slotCount])).toEqual([
      ['A', 5461],
      ['B', 5462],
      ['C', 5461]
    ])
    expect(core.unassigned).toEqual([])
    expect(core.cluster.databases).toBe(4)
    expect(core.cluster.versions).toHaveLength(1)
    await until(() => sum(feed.figure('keys')) === 900)
    const databases = feed.state('databases')
    const total = (number: string) => Object.values(databases?.shards ?? {}).reduce((keys, shard) => keys + (shard[number]?.keys ?? 0), 0)
    expect([total('0'), total('2')]).toEqual([600, 300])
    expect(viewer.state('core')).toEqual(feed.core())
  })

  test('a move is one job with both sides, ends as moved, and flips every slot in one patch', async () => {
    const [a, b] = ['A', 'B'].map((label) => Object.values(feed.core().shards).find((shard) => shard.label === label)!)
    const slots = [[0, 499]] as const
    feed.jobConfirmed({ planId: 'p1', actor: 'ada', sourceNode: a!.primary!, targetNode: b!.primary!, slots, atMs: Date.now() })
    const seen: CoreState[] = [feed.core()]
    const stop = feed.subscribe(() => seen.push(feed.core()))
    const reply = await cluster.call(0, ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '499', 'NODE', b!.primary!])
    expect(reply).toBe('OK')
    feed.requestRefresh()
    await until(() => Object.values(feed.core().jobs).some((job) => job.outcome !== 'running'))
    stop()
    const [job] = Object.values(feed.core().jobs)
    expect(job).toMatchObject({
      outcome: 'moved',
      startedBy: 'ada',
      planId: 'p1',
      sourceShard: a!.key,
      targetShard: b!.key,
      slotCount: 500
    })
    expect([job!.export?.state, job!.import?.state]).toEqual(['success', 'success'])
    const owned = new Set(seen.map((core) => core.shards[b!.key]!.slotCount))
    expect([...owned]).toEqual([5462, 5962])
    const flip = seen.find((core) => core.shards[b!.key]!.slotCount === 5962)!
    expect(flip.jobs[job!.name]!.endedAtMs).not.toBeNull()
    expect(feed.core().events.map((event) => event.text)).toContain('500 slots A → B')
    expect(viewer.state('core')).toEqual(feed.core())
    await until(() => feed.core().cluster.keys === 900 && sum(feed.figure('keys')) === 900)
  })

  test('the soonest fields, the forecast and one hash are what the server holds', async () => {
    const owner = cluster.addresses.length - 1
    const nowMs = Date.now()
    const key = await keyOwnedBy(cluster, owner)
    await cluster.pipeline(owner, [
      ['SELECT', '1'],
      ['HSET', key, 'calm', '1', 'soon', '2', 'late', '3'],
      ['HPEXPIREAT', key, `${nowMs + 300_000}`, 'FIELDS', '1', 'soon'],
      ['HPEXPIREAT', key, `${nowMs + 600_000}`, 'FIELDS', '1', 'late'],
      ['SELECT', '0']
    ])
    const topic = `hash:1:${toBase64Url(encodeUtf8(key))}` as const
    feed.watch(new Set<Topic>(['core', 'expiry', 'traffic', topic]), Date.now())
    await until(() => feed.state(topic)?.exists === true && (feed.state('expiry')?.soonest.length ?? 0) >= 2)
    const hash = feed.state(topic)!
    const named = (name: string) => hash.fields[toBase64(encodeUtf8(name))]
    expect([named('calm')?.deadlineMs, named('soon')?.deadlineMs, named('late')?.deadlineMs]).toEqual([
      null,
      nowMs + 300_000,
      nowMs + 600_000
    ])
    expect(hash).toMatchObject({ length: 3, unnamed: 0, database: 1, truncated: false, keyDeadlineMs: null })
    const expiry = feed.state('expiry')!
    expect(expiry.soonest.slice(0, 2).map((entry) => [entry.database, entry.field, entry.deadlineMs])).toEqual([
      [1, toBase64(encodeUtf8('soon')), nowMs + 300_000],
      [1, toBase64(encodeUtf8('late')), nowMs + 600_000]
    ])
    expect(expiry.hashesWithVolatileFields).toBe(1)
    expect(expiry.forecast?.factor).toBe(1)
    await cluster.pipeline(owner, [
      ['SELECT', '1'],
      ['HPEXPIRE', key, '300', 'FIELDS', '1', 'soon'],
      ['SELECT', '0']
    ])
    await until(() => Object.keys(feed.state(topic)?.fields ?? {}).length === 2)
    await until(() => feed.state(topic)?.length === 2)
    await until(() => (feed.state('traffic')?.servers.length ?? 0) > 1)
  })

  test('a cancelled move is not moved, and says why', async () => {
    await cluster.call(0, ['CONFIG', 'SET', 'rdb-key-save-delay', '20000'])
    const target = Object.values(feed.core().shards).find((shard) => shard.label === 'C')!
    expect(await cluster.call(0, ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '1000', '2999', 'NODE', target.primary!])).toBe('OK')
    const job = () => Object.values(feed.core().jobs).find((entry) => entry.slots[0]![0] === 1000)
    await until(() => (job()?.keysTotal ?? 0) > 0 && job()?.step === 'copy')
    expect(job()).toMatchObject({ outcome: 'running', startedBy: null, endedAtMs: null })
    expect(await cluster.call(0, ['CLUSTER', 'CANCELSLOTMIGRATIONS'])).toBe('OK')
    await until(() => job()?.outcome !== 'running')
    expect(job()).toMatchObject({ outcome: 'not-moved', reason: 'cancelled', export: { state: 'cancelled' }, import: { state: 'failed' } })
    expect(job()?.explanation).toContain('cancelled the exports')
    await cluster.call(0, ['CONFIG', 'SET', 'rdb-key-save-delay', '0'])
  })

  test('a killed node is unreachable within a poll, then failed; the others go on, the seed or not', async () => {
    await cluster.kill(0)
    const node = () => Object.values(feed.core().nodes).find((entry) => entry.port === cluster.addresses[0]!.port)!
    await until(() => node().health === 'unreachable')
    expect(node().error).not.toBeNull()
    await until(() => node().health === 'fail' && feed.core().cluster.state === 'fail')
    const problems = Object.keys(feed.core().health)
    expect(problems).toContain('cluster-fail')
    expect(problems).toContain(`failed:${node().id}`)
    const readAtMs = Date.now()
    const others = () => Object.values(feed.core().nodes).filter((entry) => entry.id !== node().id)
    await until(() => others().every((entry) => entry.error === null && entry.readAtMs > readAtMs))
  })
})

describe.runIf(binary !== undefined)('a real cluster with replicas', () => {
  test('a failover after SIGKILL keeps label and key, and is seen within a second of the promotion', async () => {
    const cluster = await ValkeyCluster.start(binary as string, { primaries: 3, replicas: 1, databases: 4 })
    const caller = new RespCaller()
    const feed = new Feed({
      caller,
      seeds: [cluster.addresses[0]!],
      clusterId: 'c',
      name: 'real',
      kind: 'connected',
      labels: { load: () => ({}), save: () => undefined },
      feedId: 'f',
      now: () => Date.now()
    })
    feed.watch(new Set<Topic>(['core']), Date.now())
    let running = true
    const loop = (async () => {
      while (running) await later(await feed.advance(Date.now()))
    })()
    try {
      const shard = () => Object.values(feed.core().shards).find((entry) => entry.label === 'A')!
      await until(() => feed.core().cluster.state === 'ok' && shard().replicas.length === 1 && shard().slotCount === 5461)
      await until(() => Object.keys(feed.core().health).length === 0)
      const [key, replica] = [shard().key, shard().replicas[0]!]
      let promotedAtMs = 0
      let seenAtMs = 0
      feed.subscribe(() => {
        if (seenAtMs === 0 && feed.core().shards[key]?.primary === replica) seenAtMs = Date.now()
      })
      await cluster.kill(0)
      await until(async () => (await cluster.info(3, ['INFO', 'replication'])).includes('role:master'))
      promotedAtMs = Date.now()
      await until(() => seenAtMs > 0)
      expect(seenAtMs - promotedAtMs).toBeLessThan(1_200)
      await until(() => feed.core().cluster.state === 'ok')
      expect(shard()).toMatchObject({ key, primary: replica, slotCount: 5461 })
      expect(feed.core().events.some((event) => event.kind === 'failover' && event.text.startsWith('shard A:'))).toBe(true)
      expect(Object.keys(feed.core().health)).toContain(`no-replica:${key}`)
    } finally {
      running = false
      await loop
      caller.close()
      await cluster.stop()
    }
  })
})

/** A key whose slot the node owns. */
async function keyOwnedBy(cluster: ValkeyCluster, index: number): Promise<string> {
  for (let i = 0; ; i++) if (!((await cluster.call(index, ['EXISTS', `hash:${i}`])) instanceof ErrorReply)) return `hash:${i}`
}

/** 600 keys in database 0 and 300 in database 2, spread over all slots. */
async function fill(cluster: ValkeyCluster): Promise<void> {
  for (const index of cluster.addresses.keys()) {
    for (const [database, keys] of [
      ['0', 600],
      ['2', 300]
    ] as const)
      await cluster.pipeline(index, [
        ['SELECT', database],
        ...Array.from({ length: keys }, (_, key) => ['SET', `key:${database}:${key}`, 'x'] as const),
        ['SELECT', '0']
      ])
  }
}

function sum(values: Float64Array | undefined): number {
  return values?.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), 0) ?? 0
}
