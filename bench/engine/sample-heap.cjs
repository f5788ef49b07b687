// Preloaded into a node that is measured: one SIGUSR2 begins to sample what is allocated, the next writes bytes by function, as JSON, to the
// file that SLOTSCOPE_HEAP_SAMPLE names. A function that was made part of another one by the compiler counts as that one.
const { writeFileSync } = require('node:fs')
const { Session } = require('node:inspector')

const session = new Session()
session.connect()
let sampling = false

process.on('SIGUSR2', () => {
  if (sampling) return session.post('HeapProfiler.stopSampling', (error, answer) => finish(error, answer))
  sampling = true
  // What has been collected since counts too: nearly all that a command allocates is gone with the next collection.
  const options = { samplingInterval: 4_096, includeObjectsCollectedByMinorGC: true, includeObjectsCollectedByMajorGC: true }
  session.post('HeapProfiler.startSampling', options)
})

/**
 * @param {Error | null} error
 * @param {import('node:inspector').HeapProfiler.StopSamplingReturnType} answer
 */
function finish(error, answer) {
  sampling = false
  if (error) throw error
  /** @type {Record<string, number>} */
  const bytes = {}
  const open = [answer.profile.head]
  for (let node = open.pop(); node; node = open.pop()) {
    const { functionName, url } = node.callFrame
    const name = `${functionName || '(unnamed)'} (${url.split('/').at(-1) || 'native'})`
    bytes[name] = (bytes[name] ?? 0) + node.selfSize
    open.push(...node.children)
  }
  writeFileSync(process.env.SLOTSCOPE_HEAP_SAMPLE ?? 'heap-sample.json', JSON.stringify(bytes))
}
