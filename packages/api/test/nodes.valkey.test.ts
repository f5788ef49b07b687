import type { NodeConfirmRequest, NodeDeed, NodePlanAnswer, NodePlanRequest, PlanAnswer } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import { coreOf } from './support/core-of.ts'
import { pasteSteps } from './support/paste.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

const nodePlans = '/api/clusters/main/node-plans'

describe.runIf(hasValkey())(`what is done to nodes of a real cluster, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let admin: Browser
  let stream: StreamClient
  const ids: string[] = []
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 4 })
    for (const primary of [0, 1, 2]) await cluster.addReplica(primary)
    for (const node of cluster.nodes.keys()) ids.push(String(await cluster.call(node, 'CLUSTER', 'MYID')))
    api = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }], logLevel: 'silent' })
    admin = await logIn(api, 'admin', 'ada')
    stream = await admin.stream('main')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    await until(
      'the cluster is known with its replicas',
      () => shards().filter((shard) => shard.replicas.length === 1).length === 3,
      30_000
    )
  }, 60_000)
  afterAll(async () => {
    stream?.close()
    await api?.close()
    await cluster?.close()
  })

  const core = () => coreOf(stream)
  const shards = () => Object.values(core()?.shards ?? {})
  const id = (node: number) => ids[node] ?? ''
  const made = async (request: NodePlanRequest): Promise<NodePlanAnswer> => {
    const answer = await admin.post(nodePlans, request)
    expect(answer.status, answer.text).toBe(200)
    const plan = answer.json as NodePlanAnswer
    expect(plan.checks.filter((check) => check.level === 'stop')).toEqual([])
    return plan
  }
  /** Makes a plan, confirms it and waits for what the cluster shows of it. */
  const done = async (request: NodePlanRequest, typed = false): Promise<NodeDeed> => {
    const plan = await made(request)
    const proof: NodeConfirmRequest = typed ? { nonce: plan.nonce ?? '', typedName: plan.typedName ?? '' } : {}
    const answer = await admin.post(`${nodePlans}/${plan.planId}/confirm`, proof)
    expect(answer.status, answer.text).toBe(200)
    const deed = () => core()?.deeds?.[plan.planId]
    await until(`${plan.title} ends`, () => deed()?.endedAtMs != null, 60_000)
    expect(deed(), deed()?.outcome ?? '').toMatchObject({ status: 'done', confirmedBy: 'ada' })
    return deed() as NodeDeed
  }
  /** Runs what a plan prints in a shell, and takes the plan away. */
  const pasted = async (request: NodePlanRequest): Promise<void> => {
    const plan = await made(request)
    await pasteSteps(plan.steps)
    expect((await admin.delete(`${nodePlans}/${plan.planId}`)).status).toBe(204)
  }
  const isPrimary = async (node: number) => String(await cluster.call(node, 'INFO', 'replication')).includes('role:master')
  const setting = async (node: number) => String(await cluster.call(node, 'CONFIG', 'GET', 'cluster-slot-stats-enabled')).split(',')[1]
  const primarySeen = (node: number) => shards().some((shard) => shard.primary === id(node))

  test('a replica takes over by plan, and the commands of the plan back do the same in a shell', async () => {
    const deed = await done({ kind: 'failover', node: id(3) })
    expect(deed.steps[0]?.commands).toEqual([['CLUSTER', 'FAILOVER']])
    expect(deed.outcome).toMatch(/is the primary of . at epoch \d+ with 5,461 slots, as \d of 6 nodes see it; .* follows? it/)
    expect([await isPrimary(3), await isPrimary(0)]).toEqual([true, false])
    await until('everybody sees it', () => primarySeen(3))
    expect(core()?.events.some((event) => event.kind === 'deed' && event.text.includes('takes over') && event.text.includes('done'))).toBe(
      true
    )
    await until('the old primary follows', async () =>
      String(await cluster.call(0, 'INFO', 'replication')).includes('master_link_status:up')
    )
    await pasted({ kind: 'failover', node: id(0) })
    await until('it is back', () => isPrimary(0))
    await until('we see it', () => primarySeen(0))
  }, 60_000)

  test('slot figures are switched off by plan and on by its commands, at replicas too; a plan that is fulfilled is refused', async () => {
    const deed = await done({ kind: 'config', parameter: 'cluster-slot-stats-enabled', value: 'no' })
    expect(deed.steps[0]?.to).toHaveLength(6)
    expect(deed.seen).toHaveProperty([`cluster-slot-stats-enabled of ${core()?.nodes[id(4)]?.name}`], 'yes')
    for (const node of cluster.nodes.keys()) expect(await setting(node)).toBe('no')
    const again = await admin.post(nodePlans, { kind: 'config', parameter: 'cluster-slot-stats-enabled', value: 'no' })
    expect([again.status, (again.json as { error: string }).error]).toEqual([409, 'PLAN_REFUSED'])
    await until('it is seen off', () => core()?.cluster.slotStatsEnabled === false)
    await pasted({ kind: 'config', parameter: 'cluster-slot-stats-enabled', value: 'yes' })
    for (const node of cluster.nodes.keys()) expect(await setting(node)).toBe('yes')
  }, 90_000)

  test('slots that nobody owns are given to a shard, by plan and by its commands', async () => {
    const shard = core()?.nodes[id(2)]?.shard ?? ''
    const drop = async () => {
      for (const node of cluster.nodes.keys()) await cluster.call(node, 'CLUSTER', 'DELSLOTSRANGE', '16300', '16383')
      await until('they are unassigned', () => JSON.stringify(core()?.unassigned) === '[[16300,16383]]')
    }
    const owners = async () => String(await cluster.call(0, 'CLUSTER', 'NODES'))
    await drop()
    const deed = await done({ kind: 'add-slots', slots: [[16_000, 16_383]], shard })
    expect(deed.checks.find((check) => check.id === 'owned')?.text).toContain('300 slots of the selection')
    expect(deed.steps[0]?.commands).toEqual([['CLUSTER', 'ADDSLOTSRANGE', '16300', '16383']])
    expect(await owners()).toMatch(new RegExp(`${id(2)} .* 10923-16383`))
    await until('it is seen', () => core()?.unassigned.length === 0)
    await drop()
    await pasted({ kind: 'add-slots', slots: [[16_300, 16_383]], shard })
    await until('all know it', async () => new RegExp(`${id(2)} .* 10923-16383`).test(await owners()))
    await until('we see it', () => core()?.unassigned.length === 0)
  }, 60_000)

  test('a seventh node joins as a replica and is forgotten and reset, by plan and by its commands', async () => {
    const seventh = await cluster.addNode()
    const address = cluster.nodes[seventh] as { host: string; port: number }
    const seventhId = String(await cluster.call(seventh, 'CLUSTER', 'MYID'))
    const meet = { kind: 'meet', ...address, replicaOf: id(1) } as const
    const joins = await done(meet)
    expect(joins.outcome).toContain('its link is up')
    expect(String(await cluster.call(seventh, 'INFO', 'replication'))).toContain(`master_port:${cluster.nodes[1]?.port}`)
    await until('it is seen', () => core()?.nodes[seventhId]?.role === 'replica')
    const forget = { kind: 'forget', node: seventhId, reset: 'soft' } as const
    const name = core()?.nodes[seventhId]?.name
    const leaves = await done(forget, true)
    expect(leaves.typedName).toBe(name)
    expect(leaves.steps.map((step) => [step.to.length, step.commands[0]?.[1]])).toEqual([
      [6, 'FORGET'],
      [1, 'RESET']
    ])
    for (const node of [0, 1, 2, 3, 4, 5]) expect(String(await cluster.call(node, 'CLUSTER', 'NODES'))).not.toContain(seventhId)
    expect(
      String(await cluster.call(seventh, 'CLUSTER', 'NODES'))
        .trim()
        .split('\n')
    ).toHaveLength(1)
    await until('it is gone from the screen', () => core()?.nodes[seventhId] === undefined, 30_000)

    // An eighth does the same by hand: nodes do not take a forgotten one back within a minute.
    const eighth = await cluster.addNode()
    const eighthId = String(await cluster.call(eighth, 'CLUSTER', 'MYID'))
    await pasted({ kind: 'meet', ...(cluster.nodes[eighth] as { host: string; port: number }), replicaOf: id(1) })
    await until('it follows', async () => String(await cluster.call(eighth, 'INFO', 'replication')).includes('master_link_status:up'))
    await until('it is seen by all', () => core()?.nodes[eighthId]?.role === 'replica')
    await pasted({ kind: 'forget', node: eighthId, reset: 'soft' })
    for (const node of [0, 1, 2, 3, 4, 5]) expect(String(await cluster.call(node, 'CLUSTER', 'NODES'))).not.toContain(eighthId)
    await until('it is gone', () => core()?.nodes[eighthId] === undefined, 30_000)
  }, 120_000)

  test('after a SIGKILL of the primary a replica takes over with FORCE, and the plan says what is lost', async () => {
    for (const node of [3, 4, 5]) await cluster.call(node, 'CONFIG', 'SET', 'cluster-replica-no-failover', 'yes')
    cluster.signal(1, 'SIGKILL')
    await until('its death is seen', () => ['fail', 'unreachable'].includes(core()?.nodes[id(1)]?.health ?? ''))
    const plain = (await admin.post(nodePlans, { kind: 'failover', node: id(4), mode: 'plain' })).json as NodePlanAnswer
    expect(plain.checks.find((check) => check.id === 'primary')).toMatchObject({ level: 'stop', text: expect.stringContaining('FORCE') })
    const deed = await done({ kind: 'failover', node: id(4) })
    expect(deed.steps[0]?.commands).toEqual([['CLUSTER', 'FAILOVER', 'FORCE']])
    expect(deed.checks.find((check) => check.id === 'primary')?.text).toMatch(
      /does not answer: what it took and had not passed on to .* is lost/
    )
    expect(deed.checks.find((check) => check.id === 'votes')?.text).toBe('2 of 3 primaries with slots can vote: a majority.')
    await until('it is in charge', () => primarySeen(4), 30_000)
    // The dead one is forgotten by all that live.
    const forgets = await done({ kind: 'forget', node: id(1) }, true)
    expect(forgets.outcome).toBe('5 of 5 nodes do not list it any more')
  }, 60_000)

  test('a drained shard stays empty, becomes replicas of another one, and its last node is forgotten', async () => {
    for (const node of [0, 2, 3, 4, 5]) await cluster.call(node, 'CONFIG', 'SET', 'cluster-allow-replica-migration', 'no')
    const shard = core()?.nodes[id(2)]?.shard ?? ''
    const plan = (await admin.post('/api/clusters/main/plans', { kind: 'drain', shard })).json as PlanAnswer
    expect((await admin.post(`/api/clusters/main/plans/${plan.planId}/confirm`)).status).toBe(200)
    await until('it is drained', () => core()?.shards[shard]?.slotCount === 0, 30_000)
    // Its replica still follows it: a primary with replicas is not forgotten.
    const early = (await admin.post(nodePlans, { kind: 'forget', node: id(2) })).json as NodePlanAnswer
    expect(early.checks.filter((check) => check.level === 'stop').map((check) => check.id)).toEqual(['replicas'])
    await pasted({ kind: 'replicate', node: id(5), primary: id(0) })
    await until('the replica follows another', () => core()?.nodes[id(5)]?.shard === core()?.nodes[id(0)]?.shard)
    await done({ kind: 'replicate', node: id(2), primary: id(4) })
    await until('the shard has ended', () => core()?.shards[shard] === undefined && core()?.nodes[id(2)]?.role === 'replica')
    await done({ kind: 'forget', node: id(5) }, true)
  }, 90_000)

  test('without a majority only TAKEOVER is left, with the name typed', async () => {
    await cluster.call(2, 'CONFIG', 'SET', 'cluster-replica-no-failover', 'yes')
    cluster.signal(4, 'SIGKILL')
    await until('its death is seen', () => ['fail', 'unreachable'].includes(core()?.nodes[id(4)]?.health ?? ''))
    const force = (await admin.post(nodePlans, { kind: 'failover', node: id(2) })).json as NodePlanAnswer
    expect(force.checks.find((check) => check.id === 'votes')).toMatchObject({ level: 'stop', text: expect.stringContaining('TAKEOVER') })
    await done({ kind: 'failover', node: id(2), mode: 'takeover' }, true)
    await until('it is in charge', () => primarySeen(2), 30_000)
  }, 60_000)
})
