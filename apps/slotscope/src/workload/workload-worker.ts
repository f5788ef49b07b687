/** The sample workload's thread: its latencies are a client's, not those of the console's event loop. */
import { parentPort, workerData } from 'node:worker_threads'
import { Workload, type WorkloadOptions } from './workload.ts'

const port = parentPort
if (!port) throw new Error('this file runs as a worker')

const workload = new Workload(workerData as WorkloadOptions, (point) => port.postMessage(point))
port.on('message', (message: { type: string }) => {
  if (message.type !== 'stop') return
  workload.stop()
  // Ends this thread only; commands under way are nobody's any more.
  process.exit(0)
})
port.postMessage({ type: 'started', value: null })
await workload.run()
