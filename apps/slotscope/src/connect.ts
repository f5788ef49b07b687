import { type ClusterOptions, parseClusterUrl } from '@slotscope/api'
import { type ConnectArguments, UsageError } from './arguments.ts'
import { serve, startConsole } from './session.ts'

/** The console on a cluster that runs already. Several addresses are several entries to the same cluster. */
export async function connect(args: ConnectArguments): Promise<void> {
  const clusters = args.urls.length === 0 ? [] : [namedCluster(args)]
  const api = await startConsole(args, clusters)
  const seeds = clusters.flatMap((cluster) => cluster.seeds.map(({ host, port }) => `${host}:${port}`))
  await serve(api, args, ['', ...(seeds.length === 0 ? [] : [`  cluster   ${seeds.join('  ')}`])], [])
}

function namedCluster(args: ConnectArguments): ClusterOptions {
  const parsed = args.urls.map((url) => parseClusterUrl(url))
  const [first] = parsed
  if (first === undefined) throw new UsageError('connect needs the address of a node')
  if (parsed.some(({ tls, username, password }) => tls !== first.tls || username !== first.username || password !== first.password)) {
    throw new UsageError('all addresses of one cluster need the same user, password and scheme')
  }
  return {
    id: 'cluster',
    name: args.name ?? `${first.seed.host}:${first.seed.port}`,
    kind: 'connected',
    seeds: parsed.map(({ seed }) => seed),
    background: args.background,
    username: first.username,
    password: first.password,
    tls: first.tls
  }
}
