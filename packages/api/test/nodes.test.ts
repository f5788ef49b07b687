import { ErrorReply } from '@slotscope/observer'
import type { NodeInfoAnswer, NodeReadingsAnswer } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'

const root = '/api/clusters/main/nodes'
const [first, second] = scriptedNodes.map(({ id }) => id) as [string, string, string]

describe('what nodes say of themselves', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async (script: Script) => {
    scripted = await startScriptedApi({}, new ScriptedCluster(script))
    return { ...scripted, operator: await logIn(scripted.api, 'operator'), admin: await logIn(scripted.api, 'admin') }
  }
  const infoAs =
    (text: string): Script =>
    (command) =>
      command[0] === 'INFO' ? text : undefined

  test('figures are what the watch has read: asking for them sends nothing', async () => {
    const { cluster, api } = await start(
      infoAs(
        '# Server\r\nvalkey_version:9.1.2\r\nuptime_in_seconds:61\r\nconnected_clients:7\r\nmaxclients:100\r\nmaster_repl_offset:42\r\n'
      )
    )
    const viewer = await logIn(api, 'viewer')
    const before = cluster.work.length
    const { readings } = (await viewer.get(root)).json as NodeReadingsAnswer
    expect(readings.map(({ node }) => node).sort()).toEqual(scriptedNodes.map(({ id }) => id))
    for (const { atMs, ...reading } of readings) {
      expect(Date.now() - atMs).toBeLessThan(60_000)
      expect(reading).toMatchObject({ uptimeSeconds: 61, clients: 7, maxClients: 100, offsetBytes: 42, databases: 4 })
    }
    expect(cluster.work.length).toBe(before)
  })

  test('INFO of one node is asked there and nowhere else, and told by section', async () => {
    const { cluster, operator } = await start(infoAs('# Server\r\nrun_id:abc\r\n\r\n# Memory\r\nused_memory:1\r\n'))
    cluster.calls.length = 0
    const answer = (await operator.get(`${root}/${second}/info`)).json as NodeInfoAnswer
    expect(answer).toMatchObject({
      node: second,
      sections: [
        { name: 'Server', fields: [['run_id', 'abc']] },
        { name: 'Memory', fields: [['used_memory', '1']] }
      ]
    })
    const asked = cluster.calls.filter(({ options }) => options.purpose === 'work')
    expect(asked.map(({ node, commands }) => [node.port, commands])).toEqual([[7_002, [['INFO']]]])
  })

  test('what is refused, missing or no INFO is told in words', async () => {
    const { operator, cluster } = await start((command, port) => {
      if (command[0] !== 'INFO' || command.length > 1) return undefined
      return port === 7_001 ? new ErrorReply("NOPERM User watcher has no permissions to run the 'info' command") : 5
    })
    const refused = await operator.get(`${root}/${first}/info`)
    expect(refused.status).toBe(502)
    expect(refused.text).toContain("run the 'info' command")
    expect((await operator.get(`${root}/${second}/info`)).text).toContain('INFO: expected a text')
    expect((await operator.get(`${root}/${'f'.repeat(40)}/info`)).status).toBe(404)
    cluster.down.add(7_002)
    expect((await operator.get(`${root}/${second}/info`)).status).toBe(503)
  })
})
