import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterReplies, marked } from './cluster-replies.ts'
import { freeTestPorts } from './test-ports.ts'
import { ask, eventually, hasValkey, ValkeyNode, WireClient } from './valkey-node.ts'

/** The table of replies that our nodes are held to is what valkey-server answers. */
describe.runIf(hasValkey())('valkey-server answers as the table says', () => {
  const nodes: ValkeyNode[] = []
  const ids: Record<string, string> = {}
  let base = 0
  const portOf = (name: 'P' | 'Q' | 'R') => base + ['P', 'Q', 'R'].indexOf(name)

  beforeAll(async () => {
    base = await freeTestPorts(3)
    for (let index = 0; index < 3; index++) nodes.push(await ValkeyNode.start(base + index))
    await ask(portOf('P'), 'CLUSTER', 'ADDSLOTSRANGE', '0', '100')
    await ask(portOf('Q'), 'CLUSTER', 'ADDSLOTSRANGE', '101', '16383')
    await ask(portOf('P'), 'CLUSTER', 'SET-CONFIG-EPOCH', '2')
    await ask(portOf('Q'), 'CLUSTER', 'SET-CONFIG-EPOCH', '1')
    for (const name of ['P', 'Q', 'R'] as const) ids[name] = await ask(portOf(name), 'CLUSTER', 'MYID')
    for (const name of ['Q', 'R'] as const) await ask(portOf('P'), 'CLUSTER', 'MEET', '127.0.0.1', String(portOf(name)))
    const linesOf = async (name: 'P' | 'Q' | 'R') => (await ask(portOf(name), 'CLUSTER', 'NODES')).trim().split('\n')
    const whole = async (mark: RegExp, limit: number) => {
      for (const name of ['P', 'Q', 'R'] as const) {
        const lines = await linesOf(name)
        if (lines.length !== 3 || lines.filter((line) => mark.test(line)).length !== limit) return false
      }
      return true
    }
    await eventually(() => whole(/ connected/, 3), 'three nodes know each other')
    await eventually(async () => (await ask(portOf('R'), 'CLUSTER', 'REPLICATE', ids.P as string)) === 'OK', 'R becomes a replica')
    await eventually(() => whole(/slave/, 1), 'everybody knows the replica')
    await eventually(async () => (await ask(portOf('P'), 'CLUSTER', 'INFO')).includes('cluster_state:ok'), 'the cluster serves')
    // The replica must have taken the new stream, or SETSLOT on its primary waits for it.
    await eventually(async () => (await ask(portOf('R'), 'INFO', 'replication')).includes('master_link_status:up'), 'the replica follows')
  })

  afterAll(async () => {
    for (const node of nodes) await node.close()
  })

  const named = (text: string) => text.replace(/<([PQR])>/g, (_, name: string) => ids[name] as string).replace('<Pport>', String(base))

  test.each(clusterReplies)('$at: CLUSTER $ask', async ({ at, ask: words, answer }) => {
    const client = new WireClient(portOf(at))
    const tree = await client.call('CLUSTER', ...named(words).split(' '))
    client.close()
    expect(marked(tree)).toBe(named(answer))
  })
})
