import type { CoreState } from '@slotscope/observer/stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, startApi } from '../src/index.ts'
import { type Browser, logIn } from './support/browser.ts'
import { frameOf } from './support/stream-client.ts'
import { until } from './support/until.ts'
import { hasValkey, startValkeyCluster, type ValkeyCluster, valkeyServer } from './support/valkey-cluster.ts'

describe.runIf(hasValkey())(`the api over a real cluster, ${valkeyServer}`, () => {
  let cluster: ValkeyCluster
  let api: Api
  let operator: Browser
  beforeAll(async () => {
    cluster = await startValkeyCluster({ databases: 4 })
    api = await startApi({
      port: 0,
      clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes.slice(0, 1) }],
      logLevel: 'error'
    })
    operator = await logIn(api, 'operator', 'ann')
  })
  afterAll(async () => {
    await api?.close()
    await cluster?.close()
  })

  test('the stream begins with hello, then a snapshot of core with three shards', async () => {
    const stream = await operator.stream('main')
    await frameOf(stream, 'hello')
    stream.ask({ type: 'watch', topics: ['core'], visible: true })
    const snapshot = await frameOf(stream, 'snapshot', (frame) => frame.topic === 'core')
    await until('three shards', () => Object.keys((snapshot.state as CoreState).shards).length === 3 || stream.frames.length > 2)
    expect(stream.frames[0]?.type).toBe('hello')
    stream.close()
  })
})
