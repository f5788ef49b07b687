// Some of the viewers. They look only at the head of a frame, so that this process is not what is measured; the watcher alone reads
// ownership out of every frame, as a screen does.
import { WebSocket } from 'ws'
import { serve } from './child.js'
import { dial, logIn } from './door.js'
import { OwnerWatch } from './owner-watch.js'

/** What the api's limits allow: 50 streams of one session. */
const STREAMS_PER_SESSION = 50

/** @type {WebSocket[]} */
const sockets = []
/** @type {Set<WebSocket>} */
const stalled = new Set()
const owners = new OwnerWatch()
/** @type {number[]} */
let delaysMs = []
let bytes = 0
let snapshots = 0
let cut = 0
let measuring = false

serve({
  /** @param {{ port: number, links: string[], count: number, topics: string[], watcher: boolean }} options */
  open: async ({ port, links, count, topics, watcher }) => {
    for (let i = 0; i < count; i += STREAMS_PER_SESSION) {
      const cookie = await logIn(port, /** @type {string} */ (links[i / STREAMS_PER_SESSION]))
      const group = Array.from({ length: Math.min(STREAMS_PER_SESSION, count - i) }, (_, j) =>
        join(port, cookie, topics, watcher && i + j === 0)
      )
      await Promise.all(group)
    }
  },
  /** The last so many stop reading. */
  stall: (/** @type {number} */ count) => {
    for (const socket of sockets.slice(sockets.length - count)) {
      stalled.add(socket)
      socket.pause()
    }
  },
  measure: () => {
    delaysMs = []
    bytes = 0
    snapshots = 0
    measuring = true
  },
  take: () => {
    measuring = false
    return { delaysMs, bytes, snapshots, cut, open: sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length }
  },
  nodes: () => owners.nodes,
  seen: () => owners.seen
})

/** @param {number} port @param {string} cookie @param {string[]} topics @param {boolean} watcher */
async function join(port, cookie, topics, watcher) {
  const socket = await dial(port, cookie)
  sockets.push(socket)
  socket.on('close', () => {
    cut++
  })
  await new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'watch', topics, visible: true })))
    socket.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ binary) => {
      resolve(undefined)
      const nowMs = Date.now()
      if (watcher && !binary) owners.receive(data, nowMs)
      if (!measuring || stalled.has(socket)) return
      bytes += data.length
      const head = data.toString('latin1', 0, 260)
      if (head.includes('snapshot')) snapshots++
      // A snapshot tells the past on purpose; what is new comes in patches.
      const atMs = /"atMs":(\d+)/.exec(head)?.[1]
      if (atMs !== undefined && /"type":"(slots-)?patch"/.test(head)) delaysMs.push(nowMs - Number(atMs))
    })
  })
}
