import { afterEach, describe, expect, test } from 'vitest'
import type { Notice } from '../src/webhook/notice.ts'
import { logIn, pageHeaders, send } from './support/browser.ts'
import { startReceiver } from './support/receiver.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'
import { until } from './support/until.ts'

type Line = Readonly<Record<string, unknown>> & { readonly level: string; readonly time: string; readonly msg: string }

let scripted: ScriptedApi | undefined
const written: string[] = []
const lines = () => written.map((line) => JSON.parse(line) as Line)
const logTo = { write: (line: string) => void written.push(line) }
afterEach(async () => {
  await scripted?.close()
  scripted = undefined
  written.length = 0
})

const refuse = (port: number, body: unknown) =>
  send(port, '/api/login/password', { method: 'POST', headers: { ...pageHeaders, origin: `http://127.0.0.1:${port}` }, body })

describe('/healthz', () => {
  test('says that the process lives, and how many clusters are seen; never which', async () => {
    scripted = await startScriptedApi()
    const { port } = scripted.api
    expect((await send(port, '/healthz')).json).toEqual({ status: 'ok' })
    const ready = await send(port, '/healthz/ready')
    expect([ready.status, ready.json]).toEqual([200, { status: 'ready', clusters: 1, seen: 1 }])
    for (const { port: nodePort } of scriptedNodes) scripted.cluster.down.add(nodePort)
    await until('nothing is seen', async () => (await send(port, '/healthz/ready')).status === 503)
    expect((await send(port, '/healthz/ready')).json).toEqual({ status: 'not-ready', clusters: 1, seen: 0 })
    expect((await send(port, '/healthz')).status).toBe(200)
    scripted.cluster.down.clear()
    await until('it is seen again', async () => (await send(port, '/healthz/ready')).status === 200)
  })
  test('asks nothing of a cluster', async () => {
    scripted = await startScriptedApi()
    const work = scripted.cluster.work.length
    for (let times = 0; times < 20; times++) await send(scripted.api.port, '/healthz/ready')
    expect(scripted.cluster.work.length).toBe(work)
  })
})

describe('the webhook of a running api', () => {
  test('hears of a cluster that is lost and found, with a link to it; nobody waits for a receiver that hangs', async () => {
    const receiver = await startReceiver()
    scripted = await startScriptedApi({ webhook: { url: receiver.url, secret: 'canary of the webhook' }, logLevel: 'debug', logTo })
    const { api, cluster } = scripted
    for (const { port } of scriptedNodes) cluster.down.add(port)
    const events = () => receiver.received.map(({ body }) => JSON.parse(body) as Notice).filter(({ problem }) => problem.id === 'no-entry')
    await until('the loss is told', () => events().length === 1)
    expect(events()[0]).toMatchObject({ event: 'began', problem: { severity: 'critical' }, link: `${api.url}/clusters/main/slots` })
    cluster.down.clear()
    await until('the end is told', () => events().length === 2)
    expect(events()[1]).toMatchObject({ event: 'ended' })
    receiver.answer = () => undefined
    const received = receiver.received.length
    for (const { port } of scriptedNodes) cluster.down.add(port)
    await until('another notice is told, and hangs', () => receiver.received.length > received)
    cluster.down.clear()
    await until('it is seen again', async () => (await send(api.port, '/healthz/ready')).status === 200)
    expect((await send(api.port, '/healthz/ready')).status).toBe(200)
    await scripted.close()
    scripted = undefined
    expect(written.join('')).not.toContain('canary')
    await receiver.close()
  })
})

describe('[T13] the log', () => {
  test('has one JSON object per line: a cluster lost and found, logins and refusals, what was confirmed', async () => {
    scripted = await startScriptedApi({ logLevel: 'info', logTo })
    const { api, cluster } = scripted
    const operator = await logIn(api, 'operator', 'olga')
    await operator.post(`/api/clusters/main/nodes/${scriptedNodes[0]?.id}/cancel-exports`)
    await refuse(api.port, { user: 'nobody', password: 'not this one' })
    for (const { port } of scriptedNodes) cluster.down.add(port)
    const problem = () => lines().find((line) => line.problem === 'no-entry')
    await until('the loss is told', () => problem() !== undefined)
    cluster.down.clear()
    await until('the end is told', () => lines().some((line) => line.problem === 'no-entry' && line.msg.startsWith('over: ')))
    expect(problem()).toMatchObject({ level: 'error', cluster: 'main', severity: 'critical', msg: 'No node of the cluster answers' })
    for (const line of lines()) {
      expect(['info', 'warn', 'error']).toContain(line.level)
      expect(Math.abs(Date.now() - Date.parse(line.time))).toBeLessThan(60_000)
      expect(line.msg.length).toBeGreaterThan(0)
    }
    const told = lines()
    expect(told.find((line) => line.msg === 'logged in' && line.user === 'olga')).toMatchObject({ level: 'info', role: 'operator' })
    expect(told.find((line) => line.msg.startsWith('a login was refused'))).toMatchObject({ level: 'warn', peer: '127.0.0.1' })
    // The scripted cluster does not know the command: what was asked for failed.
    expect(told.find((line) => line.verb === 'migrate')).toMatchObject({ user: 'olga', cluster: 'main', node: scriptedNodes[0]?.id })
  })

  test('is as loud as it was asked to be', async () => {
    scripted = await startScriptedApi({ logLevel: 'error', logTo })
    await refuse(scripted.api.port, { user: 'nobody', password: 'not this one' })
    await logIn(scripted.api, 'viewer')
    expect(written).toEqual([])
  })

  test('has no secret, also where a library or a server puts it into its words', async () => {
    const secret = 'canary"with\\quotes'
    let isAngry = false
    const cluster = new ScriptedCluster((command) => {
      if (isAngry && command[0] === 'CLUSTER' && command[1] === 'COUNTKEYSINSLOT')
        throw Object.assign(new Error(`HELLO 3 AUTH user ${secret} failed at valkey://user:${encodeURIComponent(secret)}@host`), {
          command: { args: [secret] },
          password: secret
        })
      return undefined
    })
    const clusters = [
      { id: 'main', name: 'Main', kind: 'connected', seeds: [{ host: '127.0.0.1', port: 7_001 }], caller: cluster, password: secret }
    ] as const
    scripted = await startScriptedApi({ clusters, logLevel: 'debug', logTo }, cluster)
    const viewer = await logIn(scripted.api, 'viewer')
    isAngry = true
    expect((await viewer.get('/api/clusters/main/slots/1')).status).toBe(500)
    const text = written.join('')
    expect(text).toContain('a request failed')
    expect(text).toContain('HELLO 3 AUTH user [redacted] failed at valkey://user:[redacted]@host')
    expect(text).not.toContain('canary')
  })
})
