import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { type NodePlanAnswer, type PlanAnswer, shellOf } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { keySlot } from '../src/keys/key-slot.ts'
import { type Browser, logIn } from './support/browser.ts'
import { coreOf } from './support/core-of.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

const options = { purpose: 'work', cause: 'test' } as const
const names = Array.from({ length: 60_000 }, (_, index) => `key:${index}`)
const ofSlots = (first: number, last: number) =>
  names.filter((name) => {
    const slot = keySlot(Buffer.from(name))
    return slot >= first && slot <= last
  })

describe.runIf(hasValkey())(`what a real server does to several databases, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let operator: Browser
  let stream: StreamClient
  let replica: number
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 4 })
    replica = await cluster.addReplica(1)
    api = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }], logLevel: 'error' })
    operator = await logIn(api, 'operator', 'ann')
    stream = await operator.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await until('the cluster is known with its replica', () =>
      Object.values(coreOf(stream)?.shards ?? {}).some((shard) => shard.replicas.length === 1)
    )
  }, 60_000)
  afterAll(async () => {
    stream?.close()
    await api?.close()
    await cluster?.close()
  })

  const shardOf = (slot: number) =>
    Object.values(coreOf(stream)?.shards ?? {}).find((shard) => shard.slots.some(([first, last]) => slot >= first && slot <= last))
  const write = async (node: number, keys: readonly string[], database: number, value: string) => {
    const address = cluster.nodes[node]
    if (address) await cluster.caller.pipeline(address, [['SELECT', String(database)], ...keys.map((key) => ['SET', key, value])], options)
  }
  const move = async (slots: readonly [number, number], meanwhile: () => Promise<void>) => {
    const plan = (await operator.post('/api/clusters/main/plans', { slots: [slots], targetShard: shardOf(8_000)?.key })).json as PlanAnswer
    expect((await operator.post(`/api/clusters/main/plans/${plan.planId}/confirm`)).status).toBe(200)
    const moved = () => coreOf(stream)?.queues?.[plan.planId]?.moves[0]
    while (moved()?.progress === 'running' || moved() === undefined) await meanwhile()
    await until('it was compared', () => moved()?.comparison !== undefined, 30_000)
    return { plan, moved: moved() }
  }

  test('with one database nothing is announced and nothing is found', async () => {
    const keys = ofSlots(0, 99)
    await write(0, keys, 0, 'v')
    const { plan, moved } = await move([0, 99], async () => write(0, ofSlots(200, 250), 0, 'w'))
    expect(plan.checks.find((check) => check.id.startsWith('databases'))?.level).toBe('ok')
    expect(moved).toMatchObject({
      progress: 'done',
      comparison: { text: 'The replica holds the same keys in the sample.', wrongReplicas: [] }
    })
  })

  test('with traffic in several it is announced before and found afterwards on the replica, and a full resync repairs it', async () => {
    const [moving, staying] = [ofSlots(1_000, 1_099), ofSlots(6_000, 6_400)]
    for (const database of [0, 1, 2]) {
      await write(0, moving, database, 'v')
      await write(1, staying.slice(0, 200), database, 'v')
    }
    // The copy takes some seconds, so that what clients write meanwhile is relayed beside the target's own writes.
    await cluster.call(0, 'CONFIG', 'SET', 'rdb-key-save-delay', '3000')
    let round = 0
    const { plan, moved } = await move([1_000, 1_099], async () => {
      round++
      // New keys of the target's own and of the moving slots, in other databases each time.
      await Promise.all([
        write(1, staying.slice(200 + (round % 200), 220 + (round % 200)), 1 + (round % 3), `w${round}`),
        write(0, moving.slice((round * 7) % 300, ((round * 7) % 300) + 20), (round + 1) % 3, `w${round}`)
      ])
    })
    const announced = plan.checks.filter((check) => check.id.startsWith('databases')).map((check) => [check.id.split(':')[1], check.level])
    expect(announced).toEqual([
      ['slots', 'warn'],
      ['replicas', 'warn']
    ])
    expect(moved?.progress).toBe('done')
    expect(moved?.comparison?.wrongReplicas, moved?.comparison?.text).toHaveLength(1)
    expect(moved?.comparison?.text).toMatch(/is not like its primary: database \d.*A full resync repairs it\.$/)
    const size = async (node: number) => {
      const info = String(await cluster.call(node, 'INFO', 'keyspace'))
      return [...info.matchAll(/db(\d):keys=(\d+)/g)].map((match) => [match[1], match[2]])
    }
    expect(await size(replica)).not.toEqual(await size(1))
    const wrong = moved?.comparison?.wrongReplicas[0]
    const repair = (await operator.post('/api/clusters/main/node-plans', { kind: 'resync', node: wrong?.node })).json as NodePlanAnswer
    expect(repair.checks.filter((check) => check.level === 'stop')).toEqual([])
    // What the comparison names for a shell is what the plan sends.
    expect(repair.steps.flatMap(shellOf)).toEqual([wrong?.repair])
    const fullSyncs = async (node: number) => /sync_full:(\d+)/.exec(String(await cluster.call(node, 'INFO', 'stats')))?.[1]
    const before = await Promise.all([0, 1, 2].map(fullSyncs))
    expect((await operator.post(`/api/clusters/main/node-plans/${repair.planId}/confirm`, {})).status).toBe(200)
    const deed = () => coreOf(stream)?.deeds?.[repair.planId]
    await until('it is repaired', () => deed()?.endedAtMs != null, 60_000)
    expect(deed()).toMatchObject({
      status: 'done',
      outcome: expect.stringMatching(/its link is up after a full copy\. The replica holds the same keys in the sample\.$/)
    })
    expect(await size(replica)).toEqual(await size(1))
    // The other primaries were not asked for a copy.
    expect(await Promise.all([0, 1, 2].map(fullSyncs))).toEqual([before[0], String(Number(before[1]) + 1), before[2]])
    // The same by hand.
    const env = { ...process.env, PATH: `${dirname(valkeyServer)}:${process.env.PATH}` }
    await promisify(execFile)('sh', ['-c', wrong?.repair ?? ''], { env })
    await until('a third copy has come', async () => (await fullSyncs(1)) === String(Number(before[1]) + 2))
    await until('it follows again', async () =>
      String(await cluster.call(replica, 'INFO', 'replication')).includes('master_link_status:up')
    )
    expect(await size(replica)).toEqual(await size(1))
  }, 120_000)
})
