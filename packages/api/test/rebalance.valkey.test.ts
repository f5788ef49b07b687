import type { PlanAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { keySlot } from '../src/keys/key-slot.ts'
import { type Browser, logIn } from './support/browser.ts'
import { foldedCore } from './support/folded-core.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

/** Three quarters of the keys are in the first third of the slots. */
const keys = Array.from({ length: 30_000 }, (_, index) => `key:${index}`).filter(
  (key, index) => keySlot(Buffer.from(key)) <= 5_460 || index % 6 === 0
)

describe.runIf(hasValkey())(`plans of many moves over a real cluster, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let operator: Browser
  let stream: StreamClient
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 1 })
    for (const [node, address] of cluster.nodes.entries()) {
      const own = keys.filter((key) => Math.min(2, Math.floor(keySlot(Buffer.from(key)) / 5_461.34)) === node)
      await cluster.caller.pipeline(
        address,
        own.map((key) => ['SET', key, 'v']),
        { purpose: 'work', cause: 'test' }
      )
    }
    api = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }], logLevel: 'error' })
    operator = await logIn(api, 'operator', 'ann')
    stream = await operator.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await until('the cluster is known', () => Object.keys(foldedCore(stream)?.shards ?? {}).length === 3)
  })
  afterAll(async () => {
    stream?.close()
    await api?.close()
    await cluster?.close()
  })

  const run = async (wish: unknown) => {
    const made = await operator.post('/api/clusters/main/plans', wish)
    const plan = made.json as PlanAnswer
    expect(made.status, made.text).toBe(200)
    const confirmed = await operator.post(`/api/clusters/main/plans/${plan.planId}/confirm`)
    expect(confirmed.status, confirmed.text).toBe(200)
    await until('the queue has ended', () => foldedCore(stream)?.queues?.[plan.planId]?.status === 'ended', 60_000)
    expect(foldedCore(stream)?.queues?.[plan.planId]?.moves.map((move) => [move.progress, move.detail])).toEqual(
      plan.moves.map(() => ['done', null])
    )
    return plan
  }
  const sizes = async () => Promise.all(cluster.nodes.map(async (_, node) => Number(await cluster.call(node, 'DBSIZE'))))

  test('keys are evened out to within 2 %, one export of the source after the other', async () => {
    const before = await sizes()
    const plan = await run({ kind: 'rebalance', by: 'keys' })
    expect(plan.moves.length).toBe(2)
    expect(new Set(plan.moves.map((move) => move.sourceNode)).size).toBe(1)
    const after = await sizes()
    const mean = after.reduce((sum, size) => sum + size, 0) / 3
    expect(after.reduce((sum, size) => sum + size, 0)).toBe(before.reduce((sum, size) => sum + size, 0))
    for (const size of after) expect(Math.abs(size / mean - 1)).toBeLessThan(0.02)
    const promised = plan.balance.map((row) => row.keysAfter)
    expect(promised.sort()).toEqual([...after].sort())
    const again = await operator.post('/api/clusters/main/plans', { kind: 'rebalance', by: 'keys' })
    expect([again.status, again.json]).toEqual([
      409,
      { error: 'PLAN_REFUSED', message: expect.stringContaining('within 2 % of its share') }
    ])
  }, 90_000)

  test('what a plan has moved is taken back by another one, with all its keys', async () => {
    const slotsOf = () => Object.fromEntries(Object.values(foldedCore(stream)?.shards ?? {}).map((shard) => [shard.label, shard.slots]))
    const [before, sizesBefore] = [slotsOf(), await sizes()]
    const [a, , c] = Object.values(foldedCore(stream)?.shards ?? {}).sort((x, y) => (x.label < y.label ? -1 : 1))
    const first = a?.slots[0]?.[0] ?? 0
    const there = await run({ slots: [[first, first + 99]], targetShard: c?.key })
    await until('it is seen', () => JSON.stringify(slotsOf()) !== JSON.stringify(before))
    const back = await run({ kind: 'move-back', planId: there.planId })
    expect(back.moves).toMatchObject([{ sourceShard: c?.key, targetShard: a?.key, slots: [[first, first + 99]] }])
    await until('the owners are as before', () => JSON.stringify(slotsOf()) === JSON.stringify(before))
    expect(await sizes()).toEqual(sizesBefore)
    const nothing = await operator.post('/api/clusters/main/plans', { kind: 'move-back', planId: 'none' })
    expect(nothing.json).toMatchObject({ error: 'PLAN_REFUSED', message: expect.stringContaining('nothing to take back') })
  }, 60_000)

  test('bytes are evened out by a sample', async () => {
    // The values of one shard become larger: its keys are no more than those of the others, but they weigh more.
    const heavy = (await cluster.call(0, 'KEYS', '*')) as Uint8Array[]
    await cluster.caller.pipeline(
      cluster.nodes[0] as (typeof cluster.nodes)[number],
      heavy.map((key, index) => ['SET', key, 'v'.repeat(200 + (index % 200))]),
      { purpose: 'work', cause: 'test' }
    )
    const bytesOf = async (node: number) => {
      const own = (await cluster.call(node, 'KEYS', '*')) as string[]
      const usages = await cluster.caller.pipeline(
        cluster.nodes[node] as (typeof cluster.nodes)[number],
        own.map((key) => ['MEMORY', 'USAGE', key]),
        { purpose: 'work', cause: 'test' }
      )
      // Keys that have moved may still be on their way out: they answer MOVED.
      return new Map(own.flatMap((key, index) => (Number.isInteger(usages[index]) ? [[key, usages[index] as number] as const] : [])))
    }
    const before = await Promise.all(cluster.nodes.map((_, node) => bytesOf(node)))
    const truth = new Map(before.flatMap((held) => [...held]))
    const plan = await run({ kind: 'rebalance', by: 'bytes' })
    for (const move of plan.moves) {
      const isMoved = (key: string) => move.slots.some(([from, to]) => keySlot(Buffer.from(key)) >= from && keySlot(Buffer.from(key)) <= to)
      const moved = [...truth].filter(([key]) => isMoved(key)).reduce((sum, [, bytes]) => sum + bytes, 0)
      expect(move.bytes?.low).toBeLessThanOrEqual(moved)
      expect(move.bytes?.high).toBeGreaterThanOrEqual(moved)
      expect(move.bytes?.sampledKeys).toBeLessThanOrEqual(100)
    }
    expect(plan.moves.reduce((sum, move) => sum + (move.bytes?.sampledKeys ?? 0), 0)).toBeGreaterThan(30)
    expect(plan.balance.every((row) => (row.bytesAfter ?? 0) > 0)).toBe(true)
    const after = await Promise.all(
      cluster.nodes.map(async (_, node) => [...(await bytesOf(node)).values()].reduce((sum, bytes) => sum + bytes, 0))
    )
    const mean = after.reduce((sum, bytes) => sum + bytes, 0) / 3
    for (const bytes of after) expect(Math.abs(bytes / mean - 1)).toBeLessThan(0.1)
  }, 90_000)

  test('a drained shard owns nothing, its keys are with the others, and the plan said what becomes of it', async () => {
    const total = keys.length
    const shard = Object.values(foldedCore(stream)?.shards ?? {}).find((one) => one.slots.some(([, last]) => last === 16_383))
    const drained = cluster.nodes.findIndex((node) => node.port === foldedCore(stream)?.nodes[shard?.primary ?? '']?.port)
    const plan = await run({ kind: 'drain', shard: shard?.key })
    expect(plan.checks.filter((check) => check.id.startsWith('last-slots'))).toHaveLength(1)
    expect(plan.balance.find((row) => row.shard === shard?.key)?.slotsAfter).toBe(0)
    const sizesNow = async () => (await sizes()).filter((_, node) => node !== drained)
    expect((await sizesNow()).reduce((sum, size) => sum + size, 0)).toBe(total)
    const empty = await operator.post('/api/clusters/main/plans', { kind: 'drain', shard: 'f'.repeat(40) })
    expect(empty.json).toMatchObject({ error: 'PLAN_REFUSED', message: expect.stringContaining('no shard') })
  }, 90_000)
})
