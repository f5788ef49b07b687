import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ErrorReply } from '@slotscope/observer'
import type { ApiError, NodeDeed, NodePlanAnswer, NodePlanRequest, Role } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import type { ApiOptions } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import { coreOf } from './support/core-of.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'
import type { StreamClient } from './support/stream-client.ts'
import { until } from './support/until.ts'

const plans = '/api/clusters/main/node-plans'
const off: NodePlanRequest = { kind: 'config', parameter: 'cluster-slot-stats-enabled', value: 'no' }
const [first, , third] = scriptedNodes
const forget: NodePlanRequest = { kind: 'forget', node: third?.id ?? '' }

/** Three primaries with a setting each, of which the third owns nothing and can be forgotten. */
class SettingsCluster extends ScriptedCluster {
  readonly settings = new Map(scriptedNodes.map((node) => [node.port, 'yes']))
  readonly forgotten = new Set<number>()
  /** What CONFIG SET answers in place of OK. */
  refusal: string | null = null

  constructor() {
    super((command, port) => {
      const words = command.join(' ')
      if (words.startsWith('CONFIG SET')) {
        if (this.refusal !== null) return new ErrorReply(this.refusal)
        this.settings.set(port, command[3] ?? '')
        return 'OK'
      }
      if (words.startsWith('CONFIG GET')) return ['cluster-databases', '4', 'cluster-slot-stats-enabled', this.settings.get(port) ?? '']
      if (words.startsWith('CLUSTER FORGET')) {
        this.forgotten.add(port)
        return 'OK'
      }
      if (words === 'CLUSTER NODES') return this.#nodes(port)
      return undefined
    })
  }

  /** Answers to people's work wait for it. */
  gate: Promise<void> = Promise.resolve()

  override async pipeline(...call: Parameters<ScriptedCluster['pipeline']>) {
    if (call[2].purpose === 'work') await this.gate
    return super.pipeline(...call)
  }

  #nodes(viewer: number): string {
    return scriptedNodes
      .filter((node) => node !== third || !this.forgotten.has(viewer))
      .map((node, index) => {
        const flags = node.port === viewer ? 'myself,master' : 'master'
        const slots = node === third ? '' : ` ${node === first ? '0-5460' : '5461-16383'}`
        return `${node.id} 127.0.0.1:${node.port}@${node.port + 10_000} ${flags} - 0 0 ${index + 1} connected${slots}\n`
      })
      .join('')
  }
}

let scripted: ScriptedApi
let stream: StreamClient
let nowMs = 0
afterEach(async () => {
  stream?.close()
  await scripted?.close()
})

async function scene(options: Partial<ApiOptions> = {}) {
  const cluster = new SettingsCluster()
  nowMs = 0
  scripted = await startScriptedApi({ now: () => Date.now() + nowMs, ...options }, cluster)
  const as = (role: Role, user: string = role) => logIn(scripted.api, role, user)
  stream = await (await as('viewer', 'watcher')).stream('main')
  stream.ask({ type: 'watch', topics: ['core'], visible: true })
  await until('the cluster is seen', () => Object.keys(coreOf(stream)?.nodes ?? {}).length === 3)
  return { cluster, as }
}

async function made(browser: Browser, request: NodePlanRequest): Promise<NodePlanAnswer> {
  const answer = await browser.post(plans, request)
  expect(answer.status, answer.text).toBe(200)
  return answer.json as NodePlanAnswer
}

const confirm = (browser: Browser, plan: NodePlanAnswer, proof: unknown = {}) => browser.post(`${plans}/${plan.planId}/confirm`, proof)
const errorOf = (answer: { readonly json: unknown }) => (answer.json as ApiError).error
const deed = (plan: NodePlanAnswer): NodeDeed | undefined => coreOf(stream)?.deeds?.[plan.planId]
const ended = (plan: NodePlanAnswer) => until('it ends', () => deed(plan)?.endedAtMs != null, 40_000)

describe('a plan for nodes', () => {
  test('is seen by everybody, confirmed by an operator, and its outcome is what the nodes show', async () => {
    const { cluster, as } = await scene()
    const viewer = await as('viewer')
    const plan = await made(viewer, off)
    await until('it is in the stream', () => deed(plan)?.status === 'planned')
    expect(JSON.stringify(deed(plan))).not.toContain('nonce')
    expect((await confirm(viewer, plan)).status).toBe(403)
    expect(cluster.work.filter((command) => command[1] === 'SET')).toEqual([])
    expect((await confirm(await as('operator', 'ann'), plan)).status).toBe(200)
    await ended(plan)
    expect(deed(plan)).toMatchObject({ status: 'done', actor: 'viewer', confirmedBy: 'ann', replies: [] })
    expect(deed(plan)?.outcome).toBe('cluster-slot-stats-enabled is no at 3 of 3 nodes')
    expect(cluster.work.filter((command) => command[1] === 'SET')).toHaveLength(3)
    expect(coreOf(stream)?.events.at(-1)).toMatchObject({
      kind: 'deed',
      text: expect.stringContaining('ann: cluster-slot-stats-enabled no at 3 nodes: done')
    })
  })

  test('confirmed twice, by two operators at once, begins once', async () => {
    const { cluster, as } = await scene()
    const [ann, bob] = [await as('operator', 'ann'), await as('operator', 'bob')]
    const plan = await made(ann, off)
    const answers = await Promise.all([confirm(ann, plan), confirm(bob, plan), confirm(ann, plan)])
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200])
    await ended(plan)
    expect((await confirm(bob, plan)).json).toMatchObject({ status: 'done' })
    expect(cluster.work.filter((command) => command[1] === 'SET')).toHaveLength(3)
  })

  test('of two plans for the same nodes one begins, and the other learns why not', async () => {
    const { cluster, as } = await scene()
    const [ann, bob] = [await as('operator', 'ann'), await as('operator', 'bob')]
    const [one, other] = [await made(ann, off), await made(bob, off)]
    const answers = await Promise.all([confirm(ann, one), confirm(bob, other)])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409])
    const stale = answers.find((answer) => answer.status === 409)?.json as ApiError
    expect(stale).toMatchObject({
      error: 'PLAN_STALE',
      details: [{ what: expect.any(String), was: expect.any(String), is: expect.any(String) }]
    })
    expect(cluster.work.filter((command) => command[1] === 'SET')).toHaveLength(3)
  })

  test('is refused with the difference when the cluster has changed', async () => {
    const { cluster, as } = await scene()
    const ann = await as('operator', 'ann')
    const plan = await made(ann, off)
    cluster.settings.set(7_002, 'no')
    const answer = await confirm(ann, plan)
    expect([answer.status, errorOf(answer)]).toEqual([409, 'PLAN_STALE'])
    expect((answer.json as ApiError).details).toEqual([
      { what: 'cluster-slot-stats-enabled of 127.0.0.1:7002', was: 'yes', is: 'not there' }
    ])
    expect(cluster.work.filter((command) => command[1] === 'SET')).toEqual([])
  })

  test('expires after a minute, and goes from the stream', async () => {
    const { as } = await scene()
    const ann = await as('operator', 'ann')
    const plan = await made(ann, off)
    nowMs = 60_001
    const answer = await confirm(ann, plan)
    expect([answer.status, errorOf(answer)]).toEqual([409, 'PLAN_EXPIRED'])
    await until('it is gone', () => deed(plan) === undefined)
  })

  test('is withdrawn by who made it or by an operator', async () => {
    const { as } = await scene()
    const plan = await made(await as('viewer', 'vera'), off)
    expect((await (await as('viewer', 'vic')).delete(`${plans}/${plan.planId}`)).status).toBe(403)
    expect((await (await as('operator')).delete(`${plans}/${plan.planId}`)).status).toBe(204)
    await until('it is gone', () => deed(plan) === undefined)
  })

  test("a refusal is told in the server's own words", async () => {
    const { cluster, as } = await scene()
    const ann = await as('operator', 'ann')
    const plan = await made(ann, off)
    cluster.refusal = 'ERR CONFIG SET failed - can not set it now'
    await confirm(ann, plan)
    await ended(plan)
    expect(deed(plan)).toMatchObject({ status: 'failed', outcome: expect.stringContaining('is no at 0 of 3 nodes') })
    expect(deed(plan)?.replies).toContain('127.0.0.1:7001: ERR CONFIG SET failed - can not set it now')
  })

  test('only a few are made at once: some ask every node', async () => {
    const { cluster, as } = await scene()
    const people = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => as('viewer', `viewer-${number}`)))
    let open: () => void = () => undefined
    cluster.gate = new Promise((resolve) => {
      open = resolve
    })
    const answers = people.map((browser) => browser.post(plans, off))
    // Those that are refused are answered at once, the others when the nodes are.
    expect((await Promise.race(answers)).status).toBe(429)
    let refused = 0
    for (const answer of answers) void answer.then(({ status }) => (refused += Number(status === 429)))
    await until('two are refused', () => refused === 2)
    open()
    expect((await Promise.all(answers)).map((answer) => answer.status).sort()).toEqual([200, 200, 200, 200, 429, 429])
  })

  test('both ends of it are in the audit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slotscope-audit-'))
    try {
      const auditFile = join(folder, 'audit.jsonl')
      const { as } = await scene({ auditFile })
      const ann = await as('operator', 'ann')
      const plan = await made(ann, off)
      await confirm(ann, plan)
      const lines = async () => {
        // What stands behind the last line feed is still being written.
        const written = (await readFile(auditFile, 'utf8')).split('\n').slice(0, -1)
        return written.map((line) => JSON.parse(line)).filter((line) => String(line.resource).includes(plan.planId))
      }
      await until('its end is written', async () => (await lines()).length === 3)
      const [intended, begun, end] = await lines()
      for (const line of [intended, begun, end]) expect(line).toMatchObject({ actor: { user: 'ann' }, verb: 'operate' })
      expect([intended.outcome, begun.outcome, end.outcome]).toEqual(['intended', 'done', 'done'])
      expect(intended.detail.steps[0].commands).toEqual([['CONFIG', 'SET', 'cluster-slot-stats-enabled', 'no']])
      expect(end.detail).toMatchObject({ status: 'done', outcome: 'cluster-slot-stats-enabled is no at 3 of 3 nodes' })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('[T11] what cannot be taken back', () => {
  test('takes an admin, the nonce of the session that made the plan, and the name', async () => {
    const { cluster, as } = await scene()
    const [ada, eve, ann] = [await as('admin', 'ada'), await as('admin', 'eve'), await as('operator', 'ann')]
    const plan = await made(ada, forget)
    expect(plan.typedName).toBe('127.0.0.1:7003')
    const proof = { nonce: plan.nonce, typedName: '127.0.0.1:7003' }
    expect((await confirm(ann, plan, proof)).status).toBe(403)
    for (const [browser, given] of [
      [ada, {}],
      [ada, { nonce: plan.nonce, typedName: '127.0.0.1:7002' }],
      [ada, { typedName: plan.typedName }],
      [ada, { nonce: 'x'.repeat(22), typedName: plan.typedName }],
      [eve, proof]
    ] as const) {
      const answer = await confirm(browser, plan, given)
      expect([answer.status, errorOf(answer)]).toEqual([409, 'NOT_CONFIRMED'])
    }
    expect(cluster.forgotten.size).toBe(0)
    expect((await confirm(ada, plan, proof)).status).toBe(200)
    await ended(plan)
    expect(deed(plan)).toMatchObject({ status: 'done', outcome: '2 of 2 nodes do not list it any more' })
    expect([...cluster.forgotten].sort()).toEqual([7_001, 7_002])
  })

  test('a plan with a stop is not begun, whatever is typed', async () => {
    const { cluster, as } = await scene()
    const ada = await as('admin', 'ada')
    const plan = await made(ada, { kind: 'forget', node: first?.id ?? '' })
    const answer = await confirm(ada, plan, { nonce: plan.nonce, typedName: plan.typedName })
    expect([answer.status, errorOf(answer)]).toEqual([409, 'PLAN_REFUSED'])
    expect(cluster.forgotten.size).toBe(0)
  })

  test('an address is asked for an admin only', async () => {
    const { cluster, as } = await scene()
    const before = cluster.calls.length
    const answer = await (await as('operator')).post(plans, { kind: 'meet', host: '127.0.0.1', port: 7_009 })
    expect(answer.status).toBe(403)
    expect(cluster.calls.slice(before).filter((call) => call.node.port === 7_009)).toEqual([])
  })
})
