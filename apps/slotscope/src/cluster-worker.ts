/** The embedded cluster's thread: its nodes run here, so that what clients notice is not the console's own event loop. */
import { parentPort, workerData } from 'node:worker_threads'
import { type ClusterOptions, PortInUseError, startCluster } from '@slotscope/engine/tcp'
import { answerFor, type HostQuestion } from './worker-node-host.ts'

const port = parentPort
if (!port) throw new Error('this file runs as a worker')

try {
  const cluster = await startCluster(workerData as ClusterOptions)
  port.on('message', (message: { type: 'stop' } | HostQuestion) => {
    if (message.type === 'stop') void cluster.close().then(() => port.close())
    else void answerFor(cluster, message).then((reply) => port.postMessage(reply))
  })
  port.postMessage({ type: 'started', value: { nodes: cluster.nodes, seed: cluster.seed } })
} catch (error) {
  const { name, message } = error as Error
  port.postMessage({
    type: 'failed',
    name,
    message,
    ...(error instanceof PortInUseError ? { name: 'PortInUseError', port: error.port } : {})
  })
}
