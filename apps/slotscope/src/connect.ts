import { parseClusterUrl } from '@slotscope/api'
import { type ConnectArguments, UsageError } from './arguments.ts'
import { serve, startConsole } from './session.ts'

/** The console on a cluster that runs already. Several addresses are several entries to the same cluster. */
export async function connect(args: ConnectArguments): Promise<void> {
  const parsed = args.urls.map((url) => parseClusterUrl(url))
  const first = parsed[0]
  if (!first) throw new UsageError('connect needs the address of a node')
  if (parsed.some(({ tls, username, password }) => tls !== first.tls || username !== first.username || password !== first.password)) {
    throw new UsageError('all addresses of one cluster need the same user, password and scheme')
  }
  const seeds = parsed.map(({ seed }) => seed)
  const api = await startConsole(args, [
    {
      id: 'cluster',
      name: args.name ?? `${first.seed.host}:${first.seed.port}`,
      kind: 'connected',
      seeds,
      background: args.background,
      username: first.username,
      password: first.password,
      tls: first.tls
    }
  ])
  await serve(api, args, ['', `  cluster   ${seeds.map(({ host, port }) => `${host}:${port}`).join('  ')}`], [])
}
