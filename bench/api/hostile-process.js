// A thousand sockets that mean no good, each in a way of its own, over and over until they are told to stop.
import { connect } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { serve } from './child.js'
import { dial, logIn } from './door.js'

/** What the api's limits allow: 50 streams of one session. */
const STREAMS_PER_SESSION = 50

const nonsense = [
  '',
  '{',
  '[]',
  '{"type":"nonsense"}',
  '{"type":"watch"}',
  '{"type":"resume","topic":"core","version":-1}',
  '\0'.repeat(100)
]
const every = ['core', 'databases', 'expiry', 'traffic', 'slots:keys', 'slots:cpu', 'slots:bytes-in', 'slots:bytes-out']
const watch = (/** @type {string[]} */ topics) => JSON.stringify({ type: 'watch', topics, visible: true })

/**
 * What one socket does until the api closes it.
 *
 * @type {Record<string, (socket: WebSocket) => Promise<void> | void>}
 */
const deeds = {
  'sends what is no ask': (socket) => socket.send(/** @type {string} */ (nonsense[Math.floor(Math.random() * nonsense.length)])),
  'sends a frame of 1 MiB': (socket) => socket.send('x'.repeat(1024 * 1024)),
  'sends as fast as it can': async (socket) => {
    for (let sent = 0; socket.readyState === WebSocket.OPEN && sent < 10_000; sent++) {
      socket.send('{"type":"ack","topic":"core","version":1}')
      if (sent % 100 === 99) await later(1)
    }
  },
  'asks for everything again and again, and does not read': async (socket) => {
    socket.pause()
    for (let turn = 0; socket.readyState === WebSocket.OPEN; turn++) {
      socket.send(watch(turn % 2 === 0 ? every : []))
      await later(25)
    }
  },
  'resumes from versions that never were': async (socket) => {
    while (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ type: 'resume', topic: 'core', version: Math.floor(Math.random() * 1e9) }))
      await later(25)
    }
  },
  'watches 32 hashes': (socket) =>
    socket.send(watch(Array.from({ length: 32 }, () => `hash:0:${'a'.repeat(1 + Math.floor(Math.random() * 400))}`)))
}
const names = Object.keys(deeds)

let stopped = false
const counts = { opened: 0, refused: 0, closed: 0 }
/** How often, by the words of the refusal. @type {Record<string, number>} */
const refusals = {}

serve({
  /** @param {{ port: number, links: string[], count: number }} options */
  attack: async ({ port, links, count }) => {
    const cookies = []
    for (const link of links) cookies.push(await logIn(port, link))
    for (let index = 0; index < count; index++) {
      const cookie = /** @type {string} */ (cookies[Math.floor(index / STREAMS_PER_SESSION) % cookies.length])
      // A tenth never gets to the end of its first request.
      if (index % 10 === 9) void drip(port)
      else void again(port, cookie, /** @type {string} */ (names[index % names.length]))
    }
  },
  opened: () => counts.opened,
  stop: () => {
    stopped = true
    return { ...counts, refusals }
  }
})

/** @param {number} port @param {string} cookie @param {string} name */
async function again(port, cookie, name) {
  while (!stopped) {
    try {
      const socket = await dial(port, cookie)
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
      counts.opened++
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.on('error', () => undefined)
      await deeds[name]?.(socket)
      await Promise.race([closed, later(5_000)])
      socket.terminate()
      counts.closed++
    } catch (error) {
      counts.refused++
      const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
      const words = `${error}${cause}`.slice(0, 120)
      refusals[words] = (refusals[words] ?? 0) + 1
    }
    await later(500 + Math.random() * 1_000)
  }
}

/** A byte now and then. @param {number} port */
async function drip(port) {
  const text = `GET /api/clusters/bench/stream HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-long: ${'x'.repeat(4_000)}`
  while (!stopped) {
    const socket = connect(port, '127.0.0.1')
    let open = true
    socket.on('error', () => undefined)
    socket.on('close', () => {
      open = false
    })
    counts.opened++
    for (let at = 0; open && !stopped && at < text.length; at++) {
      socket.write(/** @type {string} */ (text[at]))
      await later(200)
    }
    socket.destroy()
  }
}
