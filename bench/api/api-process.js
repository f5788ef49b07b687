// The real api in a process of its own, as it would run in production. Started with --expose-gc; its argument is the console's folder.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startApi } from '@slotscope/api'
import { serve } from './child.js'

/** @type {import('@slotscope/api').Api} */
let api
let mostHeap = 0
let mostRss = 0
let cpuFrom = process.cpuUsage()
let cpuAtMs = Date.now()
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()

setInterval(() => {
  const { heapUsed, rss } = process.memoryUsage()
  mostHeap = Math.max(mostHeap, heapUsed)
  mostRss = Math.max(mostRss, rss)
}, 100).unref()

serve({
  start: async (/** @type {number} */ seedPort) => {
    const seeds = [{ host: '127.0.0.1', port: seedPort }]
    const [, , consoleDir] = process.argv
    api = await startApi({ port: 0, consoleDir, clusters: [{ id: 'bench', name: 'bench', kind: 'connected', seeds }], logLevel: 'error' })
    return { port: api.port }
  },
  link: () => api.createLoginLink('viewer'),
  memory: () => {
    const most = mostHeap
    globalThis.gc?.()
    const { heapUsed, rss, external, arrayBuffers } = process.memoryUsage()
    mostHeap = heapUsed
    const peakRss = mostRss
    mostRss = rss
    return { heapUsed, most, rss, mostRss: peakRss, external, arrayBuffers }
  },
  /** Share of one core, and the p99 of how late the event loop was, since the last call. */
  load: () => {
    const used = process.cpuUsage(cpuFrom)
    const share = (used.user + used.system) / 1000 / Math.max(1, Date.now() - cpuAtMs)
    const loopP99Ms = delay.percentile(99) / 1e6
    delay.reset()
    cpuFrom = process.cpuUsage()
    cpuAtMs = Date.now()
    return { share, loopP99Ms }
  },
  close: () => api.close()
})
