import type { ConfirmAnswer, CoreState, Frame, JobState, PlanAnswer, SessionAnswer, StaleDetail } from '@slotscope/observer/stream'
import { applyOps, decodeSlotsFrame, STREAM_VERSION } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { keySlot } from '../src/keys/key-slot.ts'
import { type Browser, logIn } from './support/browser.ts'
import { frameOf, type StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

/** Some 1,500 keys in slots 0 to 499, in database 0. */
const keysOfFirst500 = Array.from({ length: 50_000 }, (_, index) => `key:${index}`).filter((key) => keySlot(Buffer.from(key)) < 500)

describe.runIf(hasValkey())(`the api over a real cluster, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let operator: Browser
  let viewer: Browser
  let stream: StreamClient
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 4 })
    const [node] = cluster.nodes
    if (node === undefined) throw new Error('no node')
    await cluster.caller.pipeline(
      node,
      keysOfFirst500.map((key) => ['SET', key, 'v']),
      { purpose: 'work', cause: 'test' }
    )
    const seeds = cluster.nodes.slice(1, 2)
    api = await startApi({ port: 0, clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds }], logLevel: 'error' })
    operator = await logIn(api, 'operator', 'ann')
    viewer = await logIn(api, 'viewer', 'bob')
    stream = await viewer.stream('main')
    stream.ask({ type: 'watch', topics: ['core', 'databases', 'slots:keys'], visible: true })
    await until('three shards with all slots', () => {
      const core = coreOf(stream)
      return core !== undefined && Object.values(core.shards).reduce((sum, shard) => sum + shard.slotCount, 0) === 16_384
    })
  })
  afterAll(async () => {
    stream?.close()
    await api?.close()
    await cluster?.close()
  })

  const shardOf = (slot: number) => {
    const shards = Object.values(coreOf(stream)?.shards ?? {})
    const owner = shards.find((shard) => shard.slots.some(([first, last]) => slot >= first && slot <= last))
    if (owner === undefined) throw new Error(`nobody owns slot ${slot}`)
    return owner
  }
  const plan = async (browser: Browser, slots: readonly (readonly [number, number])[], targetShard: string) =>
    browser.post('/api/clusters/main/plans', { slots, targetShard })

  test('the session says who is logged in and which clusters there are', async () => {
    const answer = await viewer.get('/api/session')
    expect(answer.json).toEqual({
      user: 'bob',
      role: 'viewer',
      readOnly: false,
      clusters: [{ id: 'main', name: 'Main', kind: 'connected', readOnly: false }]
    } satisfies SessionAnswer)
  })

  test('the stream begins with hello and holds the cluster, from one seed', async () => {
    const hello = stream.frames[0]
    expect(hello).toMatchObject({ type: 'hello', clusterId: 'main', streamVersion: STREAM_VERSION })
    const core = coreOf(stream) as CoreState
    expect(
      Object.values(core.shards)
        .map((shard) => shard.label)
        .sort()
    ).toEqual(['A', 'B', 'C'])
    expect(
      Object.values(core.nodes)
        .map((node) => node.port)
        .sort()
    ).toEqual(cluster.nodes.map((node) => node.port).sort())
    expect(core.cluster).toMatchObject({ name: 'Main', kind: 'connected', state: 'ok' })
    await until('the database matrix', () => stream.frames.some((frame) => frame.type === 'snapshot' && frame.topic === 'databases'))
    await until('keys per slot', () => stream.binaries.length > 0)
    expect(decodeSlotsFrame(stream.binaries[0] as Uint8Array).header).toMatchObject({ type: 'slots-snapshot', topic: 'slots:keys' })
    await until('the keys of the first 500 slots', () => {
      const keys = keysPerSlot(stream).slice(0, 500)
      return keys.reduce((sum, one) => sum + one, 0) === keysOfFirst500.length
    })
  })

  test('a viewer may plan, may not confirm, and may withdraw', async () => {
    const target = shardOf(8_000).key
    const made = await plan(viewer, [[0, 499]], target)
    expect(made.status).toBe(200)
    const { planId, moves, actor } = made.json as PlanAnswer
    expect(planId).toMatch(/^[0-9a-f]{32}$/)
    expect(actor).toBe('bob')
    expect(moves).toHaveLength(1)
    expect(moves[0]).toMatchObject({
      slotCount: 500,
      keys: keysOfFirst500.length,
      keysByDatabase: [{ database: 0, keys: keysOfFirst500.length }],
      command: ['CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', '0', '499', 'NODE', shardOf(8_000).primary]
    })
    await until('everybody sees the plan', () => coreOf(stream)?.plans[planId] !== undefined)
    const refused = await viewer.post(`/api/clusters/main/plans/${planId}/confirm`)
    expect(refused.status).toBe(403)
    expect(refused.json).toMatchObject({ error: 'FORBIDDEN' })
    expect(String(await cluster.call(0, 'CLUSTER', 'GETSLOTMIGRATIONS'))).toBe('')
    expect((await viewer.delete(`/api/clusters/main/plans/${planId}`)).status).toBe(204)
    await until('the plan is gone', () => coreOf(stream)?.plans[planId] === undefined)
    const gone = await operator.post(`/api/clusters/main/plans/${planId}/confirm`)
    expect(gone.status).toBe(409)
    expect(gone.json).toMatchObject({ error: 'PLAN_EXPIRED' })
  })

  test('an operator moves 500 slots with their keys; everybody sees the job and the new owner', async () => {
    const [source, target] = [shardOf(0), shardOf(8_000)]
    const made = (await plan(operator, [[0, 499]], target.key)).json as PlanAnswer
    const path = `/api/clusters/main/plans/${made.planId}/confirm`
    // Twice at the same time: it starts once, and both get the same answer.
    const answers = await Promise.all([operator.post(path), operator.post(path)])
    const [first, second] = answers
    expect(answers.map((answer) => answer.status)).toEqual([200, 200])
    expect(second.json).toEqual(first.json)
    const [job] = (first.json as ConfirmAnswer).jobs
    expect(job).toMatchObject({ sourceNode: source.primary, error: null, command: made.moves[0]?.command })
    const name = job?.name ?? ''
    expect(name).toMatch(/^[0-9a-f]{40}$/)
    await until('the job has ended', () => typeof jobOf(stream, name)?.endedAtMs === 'number')
    expect(jobOf(stream, name)).toMatchObject({
      outcome: 'moved',
      startedBy: 'ann',
      planId: made.planId,
      slotCount: 500,
      sourceShard: source.key,
      targetShard: target.key
    })
    await until('the owner on screen is the target', () => shardOf(0).key === target.key && shardOf(499).key === target.key)
    expect(shardOf(500).key).toBe(source.key)
    const third = await operator.post(path)
    expect(third.json).toEqual(first.json)
    const jobs = (await cluster.call(0, 'CLUSTER', 'GETSLOTMIGRATIONS')) as unknown[]
    expect(jobs).toHaveLength(1)
    expect(await cluster.call(1, 'DBSIZE')).toBe(keysOfFirst500.length)
  })

  test('[T11] a plan that is no longer true is not started', async () => {
    const [here, there] = [shardOf(8_000), shardOf(16_000)]
    const made = (await plan(operator, [[5_461, 5_470]], there.key)).json as PlanAnswer
    const other = (await plan(operator, [[5_465, 5_480]], there.key)).json as PlanAnswer
    expect((await operator.post(`/api/clusters/main/plans/${other.planId}/confirm`)).status).toBe(200)
    const stale = await operator.post(`/api/clusters/main/plans/${made.planId}/confirm`)
    expect(stale.status).toBe(409)
    expect(stale.json).toMatchObject({ error: 'PLAN_STALE' })
    const details = (stale.json as { details: StaleDetail[] }).details
    expect(details.flatMap((detail) => detail.slots)).toContainEqual([5_465, 5_470])
    await until('the other one moved', () => shardOf(5_465).key === there.key)
    expect(shardOf(5_461).key).toBe(here.key)
  })

  test('[T11] two operators confirm overlapping plans at the same moment: one starts, the other is told why not', async () => {
    const other = await logIn(api, 'operator', 'dora')
    const target = shardOf(16_000)
    const mine = (await plan(operator, [[5_481, 5_490]], target.key)).json as PlanAnswer
    const theirs = (await plan(other, [[5_485, 5_500]], target.key)).json as PlanAnswer
    const answers = await Promise.all([
      operator.post(`/api/clusters/main/plans/${mine.planId}/confirm`),
      other.post(`/api/clusters/main/plans/${theirs.planId}/confirm`)
    ])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
    const stale = answers.find((answer) => answer.status === 409)?.json as { error: string; details: StaleDetail[] }
    expect(stale.error).toBe('PLAN_STALE')
    expect(stale.details.map(({ slots, is }) => [slots, is.replace(/ann|dora/, 'NAME')])).toContainEqual([
      [[5_485, 5_490]],
      expect.stringMatching(/^(in the queue of NAME|already migrating.*)$/)
    ])
    const [winner, loser] = answers[0].status === 200 ? [mine, theirs] : [theirs, mine]
    await until('the queue of the one that started has ended', () => coreOf(stream)?.queues?.[winner.planId]?.status === 'ended')
    expect(coreOf(stream)?.queues?.[winner.planId]?.moves).toMatchObject([{ progress: 'done', detail: null }])
    expect(coreOf(stream)?.queues?.[loser.planId]).toBeUndefined()
    const first = winner === mine ? 5_481 : 5_491
    await until('its slots moved', () => shardOf(first).key === target.key)
    expect(shardOf(winner === mine ? 5_491 : 5_481).key).not.toBe(target.key)
  })

  test('a plan that cannot be is refused in words', async () => {
    const own = shardOf(16_000).key
    const refused = await plan(operator, [[16_000, 16_010]], own)
    expect(refused.status).toBe(409)
    expect(refused.json).toMatchObject({ error: 'PLAN_REFUSED', message: expect.stringContaining('already on') })
    const nowhere = await plan(operator, [[0, 1]], 'f'.repeat(40))
    expect(nowhere.json).toMatchObject({ error: 'PLAN_REFUSED' })
  })

  test('cancelling ends every export of the node, says which, and the slots stay', async () => {
    const [source, target] = [shardOf(100), shardOf(16_000)]
    const sourceIndex = cluster.nodes.findIndex((node) => node.port === coreOf(stream)?.nodes[source.primary ?? '']?.port)
    // Slows the copy down to some seconds, so that there is something to cancel.
    await cluster.call(sourceIndex, 'CONFIG', 'SET', 'rdb-key-save-delay', '5000')
    const made = (await plan(operator, [[0, 499]], target.key)).json as PlanAnswer
    const confirmed = (await operator.post(`/api/clusters/main/plans/${made.planId}/confirm`)).json as ConfirmAnswer
    const name = confirmed.jobs[0]?.name ?? ''
    await until('the job runs', () => jobOf(stream, name)?.outcome === 'running')
    const path = `/api/clusters/main/nodes/${source.primary}/cancel-exports`
    expect((await viewer.post(path)).status).toBe(403)
    const answer = await operator.post(path)
    expect(answer.json).toEqual({ cancelled: [name], command: ['CLUSTER', 'CANCELSLOTMIGRATIONS'] })
    await until('the job is over', () => typeof jobOf(stream, name)?.endedAtMs === 'number')
    expect(jobOf(stream, name)).toMatchObject({ outcome: 'not-moved', startedBy: 'ann' })
    expect(shardOf(100).key).toBe(source.key)
    await cluster.call(sourceIndex, 'CONFIG', 'SET', 'rdb-key-save-delay', '0')
  })

  test('cancelling exports where none runs says so in the words of the server', async () => {
    const node = shardOf(16_000).primary
    const answer = await operator.post(`/api/clusters/main/nodes/${node}/cancel-exports`)
    expect(answer.status).toBe(502)
    expect(answer.json).toMatchObject({ error: 'SERVER_ERROR_REPLY', message: 'ERR No migrations ongoing' })
  })

  test('a viewer that comes back resumes without a gap', async () => {
    const held = stream.frames.filter((frame) => (frame.type === 'patch' || frame.type === 'snapshot') && frame.topic === 'core').at(-1)
    if (held?.type !== 'patch' && held?.type !== 'snapshot') throw new Error('nothing held')
    const again = await viewer.stream('main')
    again.ask({ type: 'resume', topic: 'core', version: held.version })
    again.ask({ type: 'watch', topics: ['core'], visible: true })
    const next = await frameOf(again, 'patch', (frame) => frame.topic === 'core')
    expect(next.base).toBe(held.version)
    expect(again.frames.some((frame) => frame.type === 'snapshot')).toBe(false)
    again.close()
  })

  test('logging out closes the sockets within a second', async () => {
    const leaving = await logIn(api, 'viewer', 'carl')
    const socket = await leaving.stream('main')
    await frameOf(socket, 'hello')
    const startedMs = performance.now()
    expect((await leaving.post('/api/logout')).status).toBe(204)
    await until('the socket is closed', () => socket.closed !== undefined)
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(socket.frames.at(-1)).toEqual({ type: 'bye', reason: 'logged-out' } satisfies Frame)
    expect(socket.closed).toEqual({ code: 4001, reason: 'logged-out' })
    expect((await leaving.get('/api/session')).status).toBe(401)
  })

  test('two connections per node at most, and none when the api has stopped', async () => {
    const ours = async (node: number) =>
      String(await cluster.call(node, 'CLIENT', 'LIST'))
        .split('\n')
        .filter((line) => line.includes('name=slotscope')).length
    // One more is the test's own.
    for (const node of cluster.nodes.keys()) expect(await ours(node)).toBeLessThanOrEqual(3)
    await api.close()
    for (const node of cluster.nodes.keys()) await until('the api has hung up', async () => (await ours(node)) === 1)
  })
})

const folded = new WeakMap<StreamClient, { upTo: number; core: CoreState | undefined; version: number }>()

/** The state of `core` that a viewer holds, folded from its frames as the console does it. */
function coreOf(stream: StreamClient): CoreState | undefined {
  const held = folded.get(stream) ?? { upTo: 0, core: undefined, version: 0 }
  for (const frame of stream.frames.slice(held.upTo)) {
    if (frame.type === 'snapshot' && frame.topic === 'core') {
      held.core = frame.state as CoreState
      held.version = frame.version
    } else if (frame.type === 'patch' && frame.topic === 'core') {
      if (frame.base !== held.version || held.core === undefined) throw new Error(`a gap: ${frame.base} after ${held.version}`)
      held.core = applyOps(held.core, frame.ops)
      held.version = frame.version
    }
  }
  held.upTo = stream.frames.length
  folded.set(stream, held)
  return held.core
}

/** Keys by slot that a viewer holds, folded from its binary frames. */
function keysPerSlot(stream: StreamClient): Float64Array {
  let held = new Float64Array(16_384).fill(Number.NaN)
  for (const binary of stream.binaries) {
    const frame = decodeSlotsFrame(binary)
    if ('slots' in frame)
      frame.slots.forEach((slot, index) => {
        held[slot] = frame.values[index] ?? Number.NaN
      })
    else held = Float64Array.from(frame.values)
  }
  return held
}

function jobOf(stream: StreamClient, name: string): JobState | undefined {
  return coreOf(stream)?.jobs[name]
}
