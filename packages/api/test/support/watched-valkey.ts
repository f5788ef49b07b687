import { ErrorReply, type Reply } from '@slotscope/observer'
import type { Role } from '@slotscope/observer/stream'
import { type Api, type ApiOptions, startApi } from '../../src/index.ts'
import { keySlot } from '../../src/keys/key-slot.ts'
import { type Browser, logIn, patient } from './browser.ts'
import { until } from './until.ts'
import { startValkeyCluster, type ValkeyCluster } from './valkey-cluster.ts'

export type WatchedValkey = {
  readonly cluster: ValkeyCluster
  readonly api: Api
  /** A new session of that role, which waits where the api holds it to a pace. */
  as(role: Role): Promise<Browser>
  /** Sent to the owner of the key, past the api, while every primary has the slots that it began with. Throws what the server refuses. */
  direct(database: number, key: string | Uint8Array, ...commands: (string | Uint8Array)[][]): Promise<readonly Reply[]>
  close(): Promise<void>
}

/** A real cluster and an api that knows the owner of every slot of it. `fill` comes before the api. */
export async function startWatchedValkey(
  options: Parameters<typeof startValkeyCluster>[0],
  {
    fill = async () => undefined,
    apiOptions = {}
  }: { readonly fill?: (cluster: ValkeyCluster) => Promise<void>; readonly apiOptions?: Partial<ApiOptions> } = {}
): Promise<WatchedValkey> {
  const cluster = await startValkeyCluster(options)
  let api: Api | undefined
  const close = async () => {
    await api?.close()
    await cluster.close()
  }
  try {
    await fill(cluster)
    const started = await startApi({
      port: 0,
      clusters: [{ id: 'main', name: 'Main', kind: 'connected', seeds: cluster.nodes }],
      logLevel: 'error',
      ...apiOptions
    })
    api = started
    const browser = await logIn(started, 'viewer', 'first')
    for (const slot of [0, 7_000, 16_383])
      await until(`slot ${slot} has an owner`, async () => (await browser.get(`/api/clusters/main/slots/${slot}`)).status === 200)
    return { cluster, api: started, as: async (role) => patient(await logIn(started, role)), direct: directTo(cluster), close }
  } catch (error) {
    await close()
    throw error
  }
}

function directTo(cluster: ValkeyCluster): WatchedValkey['direct'] {
  return async (database, key, ...commands) => {
    const slot = keySlot(Buffer.from(key as string))
    const node = cluster.nodes[slot <= 5_460 ? 0 : slot <= 10_922 ? 1 : 2]
    if (!node) throw new Error('no node')
    const [, ...replies] = await cluster.caller.pipeline(node, [['SELECT', String(database)], ...commands], {
      purpose: 'work',
      cause: 'test'
    })
    for (const reply of replies) if (reply instanceof ErrorReply) throw new Error(reply.message)
    return replies
  }
}
