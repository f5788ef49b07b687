import type { Api } from '@slotscope/api'
import { type ClusterNodeInfo, type ClusterOptions, PortInUseError } from '@slotscope/engine/tcp'
import type { ProbeTrafficPoint } from '@slotscope/observer/stream'
import type { UpArguments } from './arguments.ts'
import { type Closing, serve, startConsole } from './session.ts'
import { startWorker } from './worker.ts'
import { type HostAnswer, WorkerNodeHost } from './worker-node-host.ts'
import type { WorkloadOptions } from './workload/workload.ts'

const FIRST_PORT = 7_000
const CLUSTER_ID = 'embedded'

/** An embedded cluster with its sample workload, and the console on it. */
export async function up(args: UpArguments): Promise<void> {
  const started = Date.now()
  const clusterOptions: ClusterOptions = {
    shards: args.shards,
    replicas: args.replicas,
    databases: args.databases,
    ports: args.port ?? { from: FIRST_PORT },
    ...(args.seed === undefined ? {} : { seed: args.seed }),
    config: { 'cluster-slot-stats-enabled': 'yes', 'cluster-node-timeout': nodeTimeoutMs(args.shards * (1 + args.replicas)) }
  }
  const fatal = (what: string) => (error: Error) => {
    process.stderr.write(`slotscope: ${what} died: ${error.stack ?? error.message}\n`)
    process.exit(1)
  }
  const nodeHost = new WorkerNodeHost((question) => cluster.post(question))
  const cluster = await startWorker<{ nodes: readonly ClusterNodeInfo[]; seed: number }>(
    new URL('./cluster-worker.js', import.meta.url),
    clusterOptions,
    {
      onMessage: (message) => nodeHost.answered(message as HostAnswer),
      onDeath: fatal('the cluster'),
      failure: ({ name, message, port }) =>
        name === 'PortInUseError' && port !== undefined
          ? new PortInUseError(port)
          : name === 'RangeError'
            ? new RangeError(message)
            : new Error(message)
    }
  )
  const { nodes, seed } = cluster.value
  const readyMs = Date.now() - started

  let api: Api
  try {
    api = await startConsole(args, [
      {
        id: CLUSTER_ID,
        name: args.load ? 'publishing' : 'embedded',
        kind: 'embedded',
        seeds: nodes.map(({ host, port }) => ({ host, port })),
        background: args.background,
        capabilities: args.load ? ['probe'] : [],
        nodeHost
      }
    ])
  } catch (error) {
    await cluster.stop()
    throw error
  }

  const close: Closing[] = [cluster.stop]
  if (args.load) {
    const options: WorkloadOptions = {
      seeds: nodes.map(({ host, port }) => ({ host, port })),
      databases: args.databases,
      rate: args.rate,
      seed
    }
    const workload = await startWorker<null>(new URL('./workload/workload-worker.js', import.meta.url), options, {
      onMessage: (message) => api.pushProbe(CLUSTER_ID, message as ProbeTrafficPoint, 'the sample workload'),
      onDeath: fatal('the sample workload')
    })
    close.unshift(workload.stop)
  }

  await serve(
    api,
    args,
    [
      '',
      `  cluster   ${args.shards} primaries, ${args.shards * args.replicas} replicas, ${args.databases} databases, ready in ${readyMs} ms (--seed ${seed})`,
      ...addressLines(nodes)
    ],
    close
  )
}

/**
 * Short, so that one sees soon what the others think of a node that was killed. In half of this time every node asks every other, all of
 * them in this one process: a large cluster is given longer, so that a busy machine does not make its nodes suspect each other.
 */
function nodeTimeoutMs(nodes: number): string {
  return nodes <= 40 ? '5000' : '30000'
}

function addressLines(nodes: readonly ClusterNodeInfo[]): string[] {
  const lines = (role: 'primary' | 'replica', title: string) => {
    const addresses = nodes.filter((node) => node.role === role).map((node) => `${node.host}:${node.port}`)
    if (addresses.length === 0) return []
    const shown = addresses.length > 8 ? [...addresses.slice(0, 7), `and ${addresses.length - 7} more`] : addresses
    return [`  ${title.padEnd(9)} ${shown.join('  ')}`]
  }
  return [...lines('primary', 'primaries'), ...lines('replica', 'replicas')]
}
