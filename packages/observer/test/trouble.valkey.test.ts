import { execFile } from 'node:child_process'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Feed } from '../src/index.ts'
import type { Topic } from '../src/stream/frames.ts'
import { RespCaller } from './resp-caller.ts'
import { until, ValkeyCluster, valkeyServer } from './valkey-cluster.ts'

const binary = valkeyServer()

describe.runIf(binary !== undefined)('a real cluster in trouble', () => {
  let cluster: ValkeyCluster
  let caller: RespCaller
  let feed: Feed
  let running = true
  let loop: Promise<void>
  const ids: string[] = []

  beforeAll(async () => {
    cluster = await ValkeyCluster.start(binary as string, { primaries: 3, replicas: 0, databases: 4 })
    for (const index of cluster.addresses.keys()) ids.push(await cluster.info(index, ['CLUSTER', 'MYID']))
    caller = new RespCaller()
    feed = new Feed({
      caller,
      seeds: [cluster.addresses[2]!],
      clusterId: 'c',
      name: 'real',
      kind: 'connected',
      labels: { load: () => ({}), save: () => undefined },
      feedId: 'f',
      now: () => Date.now()
    })
    feed.watch(new Set<Topic>(['core', 'slots:cpu']), Date.now())
    loop = (async () => {
      while (running) await later(await feed.advance(Date.now()))
    })()
    await until(() => feed.core().cluster.state === 'ok' && Object.keys(feed.core().nodes).length === 3)
  })

  afterAll(async () => {
    running = false
    await loop
    caller?.close()
    await cluster?.stop()
  })

  const problem = (id: string) => feed.core().health[id]

  test('slots half way in a legacy move are told on both sides, and the commands that are told end it', async () => {
    for (const slot of ['7', '8', '11']) {
      await cluster.call(1, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', ids[0]!])
      await cluster.call(0, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', ids[1]!])
    }
    await until(() => problem(`open-slots:${ids[0]}`) !== undefined && problem(`open-slots:${ids[1]}`) !== undefined)
    expect(problem(`open-slots:${ids[0]}`)?.evidence).toContain('7-8, 11: 3 on their way out')
    expect(problem(`open-slots:${ids[1]}`)?.evidence).toContain('3 on their way in')
    const tools = fileURLToPath(new URL('.', `file://${binary}`))
    for (const id of ids.slice(0, 2))
      await promisify(execFile)('sh', ['-c', problem(`open-slots:${id}`)?.repair ?? 'false'], {
        env: { ...process.env, PATH: `${tools}:${process.env.PATH}` }
      })
    await until(() => Object.keys(feed.core().health).every((id) => !id.startsWith('open-slots')))
  })

  test('over 85 % of maxmemory is told, and no more when there is room again', async () => {
    const used = Number(/used_memory:(\d+)/.exec(await cluster.info(1, ['INFO', 'memory']))?.[1])
    await cluster.call(1, ['CONFIG', 'SET', 'maxmemory', String(Math.round(used * 1.05))])
    await until(() => problem(`memory:${ids[1]}`) !== undefined)
    expect(problem(`memory:${ids[1]}`)).toMatchObject({ severity: 'warning', node: ids[1] })
    await cluster.call(1, ['CONFIG', 'SET', 'maxmemory', '0'])
    await until(() => problem(`memory:${ids[1]}`) === undefined)
  })

  test('rates are unknown after CONFIG RESETSTAT, and known again', async () => {
    for (const index of cluster.addresses.keys()) await cluster.call(index, ['CONFIG', 'SET', 'cluster-slot-stats-enabled', 'yes'])
    const work = async () => {
      const commands = Array.from({ length: 400 }, (_, key) => ['SET', `key:${key}`, 'x'] as const)
      await cluster.pipeline(2, commands)
    }
    const known = () =>
      feed
        .figure('cpu')
        ?.slice(10_923)
        .filter((value) => value > 0).length ?? 0
    await until(async () => {
      await work()
      return known() > 0
    })
    await cluster.call(2, ['CONFIG', 'RESETSTAT'])
    const unknown = () =>
      feed
        .figure('cpu')
        ?.slice(10_923)
        .every((value) => Number.isNaN(value)) === true
    await until(unknown)
    await until(async () => {
      await work()
      return known() > 0
    })
  })

  test('a node that is silent but not gone is told within seconds, and is back when it answers', async () => {
    cluster.signal(1, 'SIGSTOP')
    await until(() => feed.core().nodes[ids[1]!]?.health !== 'online')
    expect(problem(`unreachable:${ids[1]}`) ?? problem(`failed:${ids[1]}`)).toBeDefined()
    cluster.signal(1, 'SIGCONT')
    await until(() => feed.core().nodes[ids[1]!]?.health === 'online')
  })

  test('a move whose source dies did not move, by the word of the target and the owners', async () => {
    await cluster.pipeline(
      0,
      Array.from({ length: 3_000 }, (_, key) => ['SET', `move:${key}`, 'x'] as const)
    )
    await cluster.call(0, ['CONFIG', 'SET', 'rdb-key-save-delay', '20000'])
    expect(await cluster.call(0, ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '3000', 'NODE', ids[2]!])).toBe('OK')
    const job = () => Object.values(feed.core().jobs)[0]
    await until(() => job()?.step === 'copy' && (job()?.keysTotal ?? 0) > 0)
    await cluster.kill(0)
    await until(() => job()?.outcome !== 'running')
    expect(job()).toMatchObject({ outcome: 'not-moved', import: { state: 'failed' } })
    expect(job()?.explanation).toMatch(/link between the two nodes broke/)
    await until(() => problem(`failed:${ids[0]}`) !== undefined)
    expect(Object.values(feed.core().shards).find((shard) => shard.primary === ids[0])?.slotCount).toBe(5_461)
  })
})
