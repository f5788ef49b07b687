// A PING per millisecond to each node, and how long the longest took: what a client of that node would have waited. On a shared machine
// this has the scheduler's delays in it, so it is read beside a phase in which nobody browses.
import { createConnection } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { serve } from '../api/child.js'

/** @type {number[][]} milliseconds by node */
let delaysMs = []
const loop = monitorEventLoopDelay({ resolution: 1 })
loop.enable()

serve({
  /** @param {number[]} ports */
  start: async (ports) => {
    delaysMs = ports.map(() => [])
    await Promise.all(ports.map((port, node) => probe(port, node)))
  },
  /** Forgets what was before. */
  take: () => {
    const taken = delaysMs
    delaysMs = taken.map(() => [])
    const loopMostMs = loop.max / 1e6
    loop.reset()
    return { nodes: taken.map((all) => ({ pings: all.length, p999Ms: percentile(all, 0.999), mostMs: percentile(all, 1) })), loopMostMs }
  }
})

/** @param {number} port @param {number} node */
function probe(port, node) {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.setNoDelay(true)
    socket.on('error', reject)
    let sentAt = 0
    const ping = () => {
      sentAt = performance.now()
      socket.write('PING\r\n')
    }
    socket.on('connect', () => {
      resolve(undefined)
      ping()
    })
    socket.on('data', () => {
      delaysMs[node]?.push(performance.now() - sentAt)
      setTimeout(ping, 1)
    })
  })
}

/** @param {readonly number[]} values @param {number} share */
function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
