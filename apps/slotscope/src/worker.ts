import { Worker } from 'node:worker_threads'

/** What a worker says about its start and its end; anything else is the worker's own. */
export type Started<T> = { readonly type: 'started'; readonly value: T }
export type Failed = { readonly type: 'failed'; readonly name: string; readonly message: string; readonly port?: number }

/** Starts a worker and waits for `started`; an error in it, then or later, comes back as an error here. */
export function startWorker<T>(
  file: URL,
  data: unknown,
  {
    onMessage,
    onDeath,
    failure
  }: { onMessage?: (message: unknown) => void; onDeath: (error: Error) => void; failure?: (failed: Failed) => Error }
): Promise<{ value: T; post: (message: unknown) => void; stop: () => Promise<void> }> {
  const worker = new Worker(file, { workerData: data })
  let stopping = false
  return new Promise((resolve, reject) => {
    let running = false
    worker.on('message', (message: Started<T> | Failed | { type: 'stopped' }) => {
      if (message.type === 'started') {
        running = true
        resolve({
          value: message.value,
          post: (sent) => worker.postMessage(sent),
          stop: async () => {
            stopping = true
            worker.postMessage({ type: 'stop' })
            await new Promise<void>((done) => worker.once('exit', () => done()))
          }
        })
      } else if (message.type === 'failed') {
        stopping = true
        reject(failure?.(message) ?? new Error(message.message))
        void worker.terminate()
      } else onMessage?.(message)
    })
    worker.on('error', (error: Error) => (running ? onDeath(error) : reject(error)))
    worker.on('exit', (code) => {
      if (running && !stopping) onDeath(new Error(`a worker ended by itself (exit code ${code})`))
    })
  })
}
