import { ApiFailure } from '../../api/client.ts'

/** Waits, or rejects as soon as the signal is aborted. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** The api holds every session to a pace: when it says so, the question waits its turn instead of failing. */
export async function patiently<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  wait: (ms: number, signal: AbortSignal) => Promise<void> = waitFor
): Promise<T> {
  for (;;) {
    try {
      return await ask(signal)
    } catch (error) {
      if (!(error instanceof ApiFailure) || error.code !== 'TOO_MANY_REQUESTS') throw error
      await wait(1_000, signal)
    }
  }
}
