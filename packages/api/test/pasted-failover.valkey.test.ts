import type { NodePlanAnswer, NodePlanRequest } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import { foldedCore } from './support/folded-core.ts'
import { pasteSteps } from './support/paste.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

const nodePlans = '/api/clusters/main/node-plans'

/** What is pasted here needs primaries that are dead for good, so that no other test can go on with this cluster. */
describe.runIf(hasValkey())(`what is printed for replicas, pasted into a shell, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let admin: Browser
  let stream: StreamClient
  const ids: string[] = []
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 1 })
    for (const primary of [0, 1, 2]) await cluster.addReplica(primary)
    for (const node of cluster.nodes.keys()) ids.push(String(await cluster.call(node, 'CLUSTER', 'MYID')))
    // Nobody is promoted but by what is pasted.
    for (const node of [3, 4, 5]) await cluster.call(node, 'CONFIG', 'SET', 'cluster-replica-no-failover', 'yes')
    for (const node of [0, 1, 2]) await cluster.call(node, 'CONFIG', 'SET', 'repl-diskless-sync-delay', '0')
    api = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }], logLevel: 'silent' })
    admin = await logIn(api, 'admin', 'ada')
    stream = await admin.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await until('the replicas are known', () => shards().filter((shard) => shard.replicas.length === 1).length === 3, 30_000)
  }, 60_000)
  afterAll(async () => {
    stream?.close()
    await api?.close()
    await cluster?.close()
  })

  const core = () => foldedCore(stream)
  const shards = () => Object.values(core()?.shards ?? {})
  const replication = async (node: number) => String(await cluster.call(node, 'INFO', 'replication'))
  const pasted = async (request: NodePlanRequest): Promise<readonly (readonly string[])[]> => {
    const answer = await admin.post(nodePlans, request)
    expect(answer.status, answer.text).toBe(200)
    const plan = answer.json as NodePlanAnswer
    expect(plan.checks.filter((check) => check.level === 'stop')).toEqual([])
    await pasteSteps(plan.steps)
    expect((await admin.delete(`${nodePlans}/${plan.planId}`)).status).toBe(204)
    return plan.steps.flatMap((step) => step.commands)
  }
  const dies = async (node: number) => {
    cluster.signal(node, 'SIGKILL')
    await until('its death is seen', () => core()?.nodes[ids[node] ?? '']?.health === 'fail', 30_000)
  }

  test('a full copy anew: the replica has one more from its own primary, and follows it', async () => {
    const fullSyncs = async () => /sync_full:(\d+)/.exec(String(await cluster.call(0, 'INFO', 'stats')))?.[1]
    const before = Number(await fullSyncs())
    await pasted({ kind: 'resync', node: ids[3] ?? '' })
    await until('it was sent', async () => Number(await fullSyncs()) === before + 1, 30_000)
    await until('it follows', async () => /master_link_status:up/.test(await replication(3)), 30_000)
    expect(await replication(3)).toContain(`master_port:${cluster.nodes[0]?.port}`)
  }, 90_000)

  test('FORCE: the replica of a dead primary is in charge by votes', async () => {
    await dies(1)
    expect(await pasted({ kind: 'failover', node: ids[4] ?? '' })).toEqual([['CLUSTER', 'FAILOVER', 'FORCE']])
    await until('it is a primary', async () => (await replication(4)).includes('role:master'), 30_000)
    await until('we see it', () => shards().some((shard) => shard.primary === ids[4] && shard.slotCount > 0), 30_000)
  }, 90_000)

  test('TAKEOVER: without a majority the replica is in charge by itself', async () => {
    // Of three primaries with slots, one is left.
    cluster.signal(4, 'SIGKILL')
    cluster.signal(2, 'SIGKILL')
    const isLost = () => ['fail', 'unreachable'].includes(core()?.nodes[ids[2] ?? '']?.health ?? '')
    await until('their death is seen', () => isLost() && core()?.cluster.state === 'fail', 30_000)
    expect(await pasted({ kind: 'failover', node: ids[5] ?? '', mode: 'takeover' })).toEqual([['CLUSTER', 'FAILOVER', 'TAKEOVER']])
    await until('it is a primary', async () => (await replication(5)).includes('role:master'), 30_000)
    await until('we see it', () => shards().some((shard) => shard.primary === ids[5] && shard.slotCount > 0), 30_000)
  }, 90_000)
})
