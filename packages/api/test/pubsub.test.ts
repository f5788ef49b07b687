import { ErrorReply } from '@slotscope/observer'
import type { HeardAnswer, ListenAnswer, PubSubAnswer } from '@slotscope/observer/stream'
import { afterEach, describe, expect, test } from 'vitest'
import { logIn } from './support/browser.ts'
import { type ScriptedApi, startScriptedApi } from './support/scripted-api.ts'
import { type Script, ScriptedCluster, scriptedNodes } from './support/scripted-cluster.ts'

const root = '/api/clusters/main/pubsub'
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64url')
const bytes = (text: string) => Buffer.from(text, 'latin1')

/** Node 1 and 2 have `news`, node 2 a binary name as well; node 3 is older and has no sharded channels. */
const script: Script = (command, port) => {
  const isOld = port === 7_003
  switch (command.slice(0, 2).join(' ')) {
    case 'PUBSUB CHANNELS':
      return isOld ? [] : port === 7_001 ? [bytes('news')] : [bytes('news'), bytes('\xff')]
    case 'PUBSUB NUMPAT':
      return 2
    case 'PUBSUB SHARDCHANNELS':
      return isOld ? new ErrorReply("ERR unknown subcommand 'SHARDCHANNELS'") : port === 7_002 ? [bytes('news')] : []
    case 'PUBSUB NUMSUB':
      return command.slice(2).flatMap((name) => [bytes(name), name === 'news' ? 3 : 0])
    case 'PUBSUB SHARDNUMSUB':
      return isOld ? new ErrorReply('ERR unknown subcommand') : command.slice(2).flatMap((name) => [bytes(name), 5])
    default:
      return command[0]?.endsWith('SUBSCRIBE') ? new ErrorReply('NOPERM No permissions to access a channel') : undefined
  }
}

describe('channels', () => {
  let scripted: ScriptedApi | undefined
  afterEach(async () => {
    await scripted?.close()
    scripted = undefined
  })
  const start = async () => {
    scripted = await startScriptedApi({}, new ScriptedCluster(script))
    return { ...scripted, operator: await logIn(scripted.api, 'operator') }
  }

  test('have the subscribers of all nodes; who left between two questions counts no more', async () => {
    const { operator } = await start()
    const answer = (await operator.get(root)).json as PubSubAnswer
    expect(answer.nodes.map(({ error }) => error)).toEqual([null, null, null])
    expect(answer.channels).toEqual([
      { name: base64('news'), kind: 'channel', subscribers: 6, nodes: 2 },
      { name: base64('news'), kind: 'sharded', subscribers: 5, nodes: 1 }
    ])
    expect(answer).toMatchObject({ patterns: 6, leftOut: 0 })
  })

  test('a sharded one is listened to where its slot is; what the server refuses is told once, and then it is gone', async () => {
    const { operator, cluster } = await start()
    const begun = await operator.post(`${root}/listeners`, { kind: 'sharded', name: base64('a') })
    // CRC16 of `a` is slot 15,495: the third node.
    const { listener, node, command } = begun.json as ListenAnswer
    expect(node).toBe(scriptedNodes[2]?.id)
    expect(command).toEqual(['SSUBSCRIBE', base64('a')])
    expect(cluster.work.at(-1)).toEqual(['SSUBSCRIBE', 'a'])
    const told = (await operator.get(`${root}/listeners/${listener}?after=0`)).json as HeardAnswer
    expect(told).toMatchObject({ ended: 'NOPERM No permissions to access a channel', messages: [], received: 0 })
    expect((await operator.get(`${root}/listeners/${listener}?after=0`)).status).toBe(404)
  })

  test('nobody hears what another session listens to, and a session listens to one thing', async () => {
    const { operator, api } = await start()
    const begin = async () =>
      ((await operator.post(`${root}/listeners`, { kind: 'pattern', name: base64('n*') })).json as ListenAnswer).listener
    const first = await begin()
    const other = await logIn(api, 'admin')
    expect((await other.get(`${root}/listeners/${first}?after=0`)).status).toBe(404)
    await other.delete(`${root}/listeners/${first}`)
    const second = await begin()
    // The first reason stays: here the server had refused it.
    expect((await operator.get(`${root}/listeners/${first}?after=0`)).json).toMatchObject({ ended: expect.stringContaining('NOPERM') })
    expect((await operator.get(`${root}/listeners/${first}?after=0`)).status).toBe(404)
    expect((await operator.get(`${root}/listeners/${second}?after=0`)).status).toBe(200)
    expect((await operator.delete(`${root}/listeners/${second}`)).status).toBe(204)
    expect((await operator.post(`${root}/listeners`, { kind: 'channel', name: '' })).status).toBe(400)
  })
})
