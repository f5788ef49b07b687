import { type Api, IoredisCaller, startApi } from '@slotscope/api'
import { type Cluster, startCluster } from '@slotscope/engine/tcp'
import type { NodeDeed, NodePlanAnswer, NodePlanRequest } from '@slotscope/observer/stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerFor, WorkerNodeHost } from '../src/worker-node-host.ts'

const options = { purpose: 'work', cause: 'test' } as const
let cluster: Cluster
let api: Api
let cookie = ''
const caller = new IoredisCaller()
beforeAll(async () => {
  cluster = await startCluster({ shards: 3, replicas: 1, config: { 'cluster-node-timeout': '2000' } })
  // Between two threads the questions and answers are copied.
  const host: WorkerNodeHost = new WorkerNodeHost((question) => {
    void answerFor(cluster, structuredClone(question)).then((answer) => host.answered(structuredClone(answer)))
  })
  const shown = { id: 'main', name: 'Main', kind: 'embedded', seeds: cluster.seeds, nodeHost: host } as const
  api = await startApi({ port: 0, clusters: [shown], logLevel: 'silent' })
  const answer = await post('/api/login', { token: new URL(api.createLoginLink('admin')).hash.replace('#login=', '') })
  cookie = String(answer.headers.get('set-cookie')).split(';', 1)[0] ?? ''
  await until('the cluster is known', async () => (await planned({ kind: 'kill', node: idOf(5) })).status === 200)
}, 60_000)
afterAll(async () => {
  caller.close()
  await api?.close()
  await cluster?.close()
})

const idOf = (index: number) => cluster.nodes[index]?.id ?? ''
const post = (path: string, body: unknown) =>
  fetch(`http://127.0.0.1:${api.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-slotscope': '1', cookie },
    body: JSON.stringify(body)
  })
const planned = (request: NodePlanRequest) => post('/api/clusters/main/node-plans', request)
const said = async (node: { readonly host: string; readonly port: number }, ...command: string[]) =>
  String((await caller.pipeline(node, [command], options).catch((error: Error) => [error.message]))[0])

async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const endMs = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function done(request: NodePlanRequest): Promise<{ readonly plan: NodePlanAnswer; readonly deed: NodeDeed }> {
  const answer = await planned(request)
  const plan = (await answer.json()) as NodePlanAnswer
  expect(answer.status, JSON.stringify(plan)).toBe(200)
  expect(plan.checks.filter((check) => check.level === 'stop')).toEqual([])
  const proof = plan.typedName === null ? {} : { nonce: plan.nonce, typedName: plan.typedName }
  // A second confirm answers how far the first has come.
  let deed: NodeDeed | undefined
  await until(`${plan.title} ends`, async () => {
    const confirmed = await post(`/api/clusters/main/node-plans/${plan.planId}/confirm`, proof)
    deed = (await confirmed.json()) as NodeDeed
    expect(confirmed.status, JSON.stringify(deed)).toBe(200)
    return deed.endedAtMs !== null
  })
  expect(deed?.status, `${deed?.outcome} ${deed?.replies}`).toBe('done')
  return { plan, deed: deed as NodeDeed }
}

test('a new node is started and joins as a replica; killed and started again it has its id, its primary and its keys', async () => {
  const primary = cluster.nodes[1] as Cluster['nodes'][number]
  expect(await said(primary, 'SET', 'c', 'v')).toBe('OK')
  const { plan } = await done({ kind: 'add', replicaOf: primary.id })
  const added = plan.steps[0]?.to[0] ?? { host: '', port: 0 }
  const id = await said(added, 'CLUSTER', 'MYID')
  expect(plan.steps.map((step) => step.host ?? step.commands[0]?.[1])).toEqual(['start', 'MEET', 'REPLICATE'])
  expect(await said(added, 'INFO', 'replication')).toContain(`master_port:${primary.port}`)

  const killed = await done({ kind: 'kill', node: id })
  expect(killed.plan.typedName).toBeNull()
  expect(killed.deed.outcome).toContain('does not answer')
  expect(await said(added, 'PING')).toContain('ECONNREFUSED')

  const back = await done({ kind: 'restart', node: id })
  expect(back.plan.steps.map((step) => step.host)).toEqual(['start'])
  expect(await said(added, 'CLUSTER', 'MYID')).toBe(id)
  await until('it follows again', async () => (await said(added, 'INFO', 'replication')).includes('master_link_status:up'))
  expect(await said(added, 'DBSIZE')).toBe(await said(primary, 'DBSIZE'))
}, 60_000)

test('[T11] the death of a primary takes its name, and the plan says that nobody is elected and what is lost', async () => {
  const primary = cluster.nodes[0] as Cluster['nodes'][number]
  expect(await said(primary, 'SET', 'b', 'v')).toBe('OK')
  const { plan } = await done({ kind: 'kill', node: primary.id })
  expect(plan.typedName).toBe('node-1')
  expect(plan.checks.map((check) => check.text)).toEqual([
    'Its 5,461 slots fail until it is started again: this engine elects no replica yet.',
    'It keeps no keys on disk: started again it is empty, and its replicas copy that. What is lost: 1 key.'
  ])
  const { deed } = await done({ kind: 'restart', node: primary.id })
  expect(deed.outcome).toMatch(/node-1 answers with 5,461 slots/)
  expect(await said(primary, 'DBSIZE')).toBe('0')
}, 60_000)

test('a node that is stopped ends by its own command, and is started again', async () => {
  const replica = cluster.nodes[4] as Cluster['nodes'][number]
  const { plan } = await done({ kind: 'stop', node: replica.id })
  expect(plan.steps.map((step) => step.commands)).toEqual([[['SHUTDOWN', 'NOSAVE']]])
  await done({ kind: 'restart', node: replica.id })
  expect(await said(replica, 'CLUSTER', 'MYID')).toBe(replica.id)
}, 60_000)

test.each(['failover', 'resync'] as const)('what this engine cannot do is said, and not begun: %s', async (kind) => {
  const plan = (await (await planned({ kind, node: idOf(3) })).json()) as NodePlanAnswer
  expect(plan.checks.filter((check) => check.level === 'stop').map((check) => check.id)).toContain('server')
  expect((await post(`/api/clusters/main/node-plans/${plan.planId}/confirm`, {})).status).toBe(409)
})
