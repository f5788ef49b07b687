import type { PlanAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import { foldedCore } from './support/folded-core.ts'
import { paste } from './support/paste.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

/** What is done to nodes has its own file, `nodes.valkey.test.ts`; a single move is pasted in the journey `move-back`. */
describe.runIf(hasValkey())(`what is printed for moves and in Health, pasted into a shell, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let admin: Browser
  let stream: StreamClient
  const ids: string[] = []
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 1 })
    for (const node of cluster.nodes.keys()) ids.push(String(await cluster.call(node, 'CLUSTER', 'MYID')))
    api = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }], logLevel: 'error' })
    admin = await logIn(api, 'admin', 'ada')
    stream = await admin.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await until('the cluster is known', () => shards().length === 3)
  }, 60_000)
  afterAll(async () => {
    stream?.close()
    await api?.close()
    await cluster?.close()
  })

  const core = () => foldedCore(stream)
  const shards = () => Object.values(core()?.shards ?? {})
  const shardOf = (node: number) => shards().find((shard) => shard.primary === ids[node])
  const taken = async (line: string) => expect((await paste(line)).trim()).toBe('OK')
  /** How many slots each node says itself that it has. */
  const sizes = () =>
    Promise.all(
      cluster.nodes.map(async (_, node) => {
        const lines = String(await cluster.call(node, 'CLUSTER', 'NODES')).split('\n')
        const own = lines.find((line) => line.includes('myself')) ?? ''
        const ranges = own
          .trim()
          .split(' ')
          .slice(8)
          .filter((word) => !word.startsWith('['))
        return ranges.reduce((sum, range) => {
          const [first, last = first] = range.split('-').map(Number) as [number, number?]
          return sum + last - first + 1
        }, 0)
      })
    )
  /** Pastes the moves of a plan in their order, as its queue would run them, and takes the plan away. */
  const pasteMoves = async (wish: unknown): Promise<PlanAnswer> => {
    const made = await admin.post('/api/clusters/main/plans', wish)
    expect(made.status, made.text).toBe(200)
    const plan = made.json as PlanAnswer
    for (const move of plan.moves) {
      const target = ids.indexOf(move.targetNode)
      const wanted = ((await sizes())[target] ?? 0) + move.slotCount
      await taken(move.shell)
      await until(`${move.shell} has moved its slots`, async () => (await sizes())[target] === wanted, 30_000)
    }
    expect((await admin.delete(`/api/clusters/main/plans/${plan.planId}`)).status).toBe(204)
    return plan
  }

  test('a rebalance: the nodes own what the plan said, and we see that it is even', async () => {
    const uneven = await pasteMoves({ slots: [[0, 2_999]], targetShard: shardOf(1)?.key })
    expect(uneven.moves).toHaveLength(1)
    await until('it is seen', () => shardOf(0)?.slotCount === 2_461)
    const plan = await pasteMoves({ kind: 'rebalance', by: 'slots' })
    const after = await sizes()
    const owned = (key: string) => after[[0, 1, 2].find((node) => shardOf(node)?.key === key) ?? -1]
    for (const row of plan.balance) expect(owned(row.shard)).toBe(row.slotsAfter)
    await until('it is seen', () => shards().every((shard) => Math.abs(shard.slotCount - 5_461) <= 1))
  }, 90_000)

  test('a cancel: the move ends as one that is cancelled by its button', async () => {
    const key = shardOf(0)?.key
    const made = await admin.post('/api/clusters/main/plans', { slots: shardOf(0)?.slots.slice(0, 1), targetShard: shardOf(1)?.key })
    expect(made.status, made.text).toBe(200)
    const plan = made.json as PlanAnswer
    // A target that does not answer: the move stands still until it is cancelled.
    cluster.signal(1, 'SIGSTOP')
    await taken(plan.moves[0]?.shell ?? '')
    const job = () =>
      Object.values(core()?.jobs ?? {}).find(
        (one) => one.sourceShard === key && one.targetShard === shardOf(1)?.key && one.slotCount === plan.moves[0]?.slotCount
      )
    await until('the move is seen', () => job() !== undefined)
    const { host, port } = cluster.nodes[0] as { host: string; port: number }
    await taken(`valkey-cli -h ${host} -p ${port} CLUSTER CANCELSLOTMIGRATIONS`)
    cluster.signal(1, 'SIGCONT')
    await until('it has ended', () => job()?.outcome === 'not-moved', 30_000)
    expect(shardOf(0)?.key).toBe(key)
    expect((await sizes()).reduce((sum, size) => sum + size, 0)).toBe(16_384)
  }, 60_000)

  test('repairs of Health: slots without an owner, and a shard without a replica', async () => {
    for (const node of cluster.nodes.keys()) await cluster.call(node, 'CLUSTER', 'DELSLOTSRANGE', '16300', '16383')
    await until('they are missed', () => core()?.health.uncovered?.repair != null)
    await taken(core()?.health.uncovered?.repair ?? '')
    await until('every slot has an owner', () => core()?.health.uncovered === undefined && core()?.unassigned.length === 0)
    expect((await sizes()).reduce((sum, size) => sum + size, 0)).toBe(16_384)

    const bare = () => Object.values(core()?.health ?? {}).filter(({ id }) => id.startsWith('no-replica:'))
    await until('three shards have none', () => bare().length === 3)
    expect(bare().map(({ severity, repair }) => [severity, repair])).toEqual(Array(3).fill(['warning', null]))
    const spare = await cluster.addNode()
    const { host, port } = cluster.nodes[spare] as { host: string; port: number }
    await cluster.call(0, 'CLUSTER', 'MEET', host, String(port))
    await until('one node is to spare', () => bare().some(({ repair }) => repair !== null), 30_000)
    const [mended] = bare().filter(({ repair }) => repair !== null)
    await taken(mended?.repair ?? '')
    await until(
      'it follows',
      async () => String(await cluster.call(spare, 'INFO', 'replication')).includes('master_link_status:up'),
      30_000
    )
    await until('we see it', () => bare().length === 2 && core()?.health[mended?.id ?? ''] === undefined, 30_000)
  }, 90_000)

  test('a drain: the shard has nothing left, and its nodes do what the plan said', async () => {
    const [key, last] = [shardOf(2)?.key ?? '', ids[2] as string]
    const plan = await pasteMoves({ kind: 'drain', shard: key })
    expect(plan.moves.every((move) => move.sourceShard === key)).toBe(true)
    expect((await sizes())[2]).toBe(0)
    // Its primary follows whoever took the last slot.
    await until('the shard has ended', () => core()?.shards[key] === undefined && core()?.nodes[last]?.role === 'replica', 30_000)
  }, 90_000)
})
