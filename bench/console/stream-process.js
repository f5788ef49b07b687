// The console's files and a stream of a cluster of thousands of nodes, in a process of its own: every second the figures of all slots, of all
// shards and of some nodes change, and now and then a slot gets another owner. The real api asks a cluster of that size for slot figures each
// 15 seconds; here the tab is asked for the most that the contract allows.
import { createServer } from 'node:http'
import { applyOps, encodeSlotsPatch, encodeSlotsSnapshot, STREAM_VERSION } from '@slotscope/observer/stream'
import { WebSocketServer } from 'ws'
import { serve } from '../api/child.js'
import { makeCore, SLOTS } from './large-core.js'
import { sendFile } from './static-files.js'

/** @typedef {import('@slotscope/observer/stream').CoreState} CoreState */
/** @typedef {import('@slotscope/observer/stream').Op} Op */

/** @type {CoreState} */
let core
let version = 1
let slotsVersion = 1
let seconds = 0
/** @type {Set<{ socket: import('ws').WebSocket, topics: Set<string> }>} */
const viewers = new Set()
/** When each change of an owner was sent, by slot, in order. @type {{ slot: number, sentAtMs: number }[]} */
const flips = []
/** @type {NodeJS.Timeout[]} */
let timers = []

serve({
  start: async (/** @type {{ nodes: number, files: string }} */ { nodes, files }) => {
    core = makeCore(nodes)
    const server = createServer((request, response) => answer(request, response, files))
    const sockets = new WebSocketServer({ server, handleProtocols: () => 'slotscope' })
    sockets.on('connection', greet)
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
    timers = [setInterval(changeFigures, 1_000)]
    return { port: /** @type {import('node:net').AddressInfo} */ (server.address()).port }
  },
  /** From now on the slots change owner in turn, one every `everyMs`. */
  flip: (/** @type {{ slots: number[], everyMs: number }} */ { slots, everyMs }) => {
    let turn = 0
    timers.push(setInterval(() => flipOwner(/** @type {number} */ (slots[turn++ % slots.length])), everyMs))
  },
  stopFlips: () => {
    for (const timer of timers.splice(1)) clearInterval(timer)
    return flips.splice(0)
  }
})

/** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response @param {string} files */
function answer(request, response, files) {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  const json = (/** @type {unknown} */ body, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  if (path === '/api/session')
    return json({ user: 'bench', role: 'operator', readOnly: false, clusters: [{ id: 'bench', name: 'bench', kind: 'connected' }] })
  if (path === '/api/ticket') return json({ ticket: 'bench', expiresInMs: 30_000 })
  if (path.endsWith('/plans')) return json({ error: 'PLAN_REFUSED', message: 'a bench plans nothing' }, 409)
  if (path.startsWith('/api/')) return json({ error: 'NOT_FOUND', message: 'a bench has no such thing' }, 404)
  sendFile(response, files, path, request.headers['accept-encoding'] ?? '')
}

/** @param {import('ws').WebSocket} socket */
function greet(socket) {
  const viewer = { socket, topics: new Set() }
  viewers.add(viewer)
  socket.on('close', () => viewers.delete(viewer))
  const send = (/** @type {unknown} */ frame) => socket.send(JSON.stringify(frame))
  const capabilities = ['atomic-migration', 'slot-stats']
  send({ type: 'hello', streamVersion: STREAM_VERSION, feedId: 'bench', clusterId: 'bench', capabilities, atMs: Date.now() })
  socket.on('message', (data) => {
    const ask = JSON.parse(String(data))
    if (ask.type !== 'watch') return
    for (const topic of ask.topics) {
      if (viewer.topics.has(topic)) continue
      if (topic === 'core') send({ type: 'snapshot', topic, version, atMs: Date.now(), state: core })
      else if (topic.startsWith('slots:'))
        socket.send(encodeSlotsSnapshot({ topic, version: slotsVersion, atMs: Date.now(), perSecond: topic !== 'slots:keys' }, figure()))
    }
    viewer.topics = new Set(ask.topics)
  })
}

function changeFigures() {
  seconds++
  /** @type {Op[]} */
  const ops = []
  for (const shard of Object.values(core.shards))
    ops.push({ op: 'set', path: ['shards', shard.key, 'keys'], value: 5_000 + ((seconds * 37 + shard.color * 101) % 900) })
  const nodes = Object.keys(core.nodes)
  for (let at = seconds % 5; at < nodes.length; at += 5)
    ops.push(
      { op: 'set', path: ['nodes', /** @type {string} */ (nodes[at]), 'operationsPerSecond'], value: 900 + ((seconds * 31 + at) % 200) },
      { op: 'set', path: ['nodes', /** @type {string} */ (nodes[at]), 'readAtMs'], value: Date.now() }
    )
  ops.push({ op: 'set', path: ['cluster', 'operationsPerSecond'], value: 900_000 + seconds })
  patch(ops)
  const base = slotsVersion++
  const values = [...figure()]
  const slots = values.map((_, slot) => slot)
  for (const { socket, topics } of viewers)
    for (const topic of topics)
      if (topic.startsWith('slots:')) {
        const header = { topic: /** @type {'slots:keys'} */ (topic), base, version: slotsVersion, atMs: Date.now() }
        socket.send(encodeSlotsPatch({ ...header, perSecond: topic !== 'slots:keys' }, slots, values))
      }
}

/** A slot goes to the shard beside its own, whose hue is another one, or back. @param {number} slot */
function flipOwner(slot) {
  const shards = Object.values(core.shards)
  const at = shards.findIndex((shard) => shard.slots.some(([first, last]) => first <= slot && slot <= last))
  const home = Math.floor((slot * shards.length) / SLOTS)
  const [from, to] = [shards[at], shards[at === home ? home + 1 : home]]
  if (!from || !to) throw new Error(`slot ${slot} has no neighbour to go to`)
  /** @param {typeof from} shard @param {readonly (readonly [number, number])[]} slots @returns {Op[]} */
  const set = (shard, slots) => [
    { op: 'set', path: ['shards', shard.key, 'slots'], value: slots },
    { op: 'set', path: ['shards', shard.key, 'slotCount'], value: slots.reduce((sum, [first, last]) => sum + last - first + 1, 0) }
  ]
  const left = from.slots.flatMap(([first, last]) => {
    if (slot < first || slot > last) return [/** @type {const} */ ([first, last])]
    return [/** @type {const} */ ([first, slot - 1]), /** @type {const} */ ([slot + 1, last])].filter(([a, b]) => a <= b)
  })
  const ops = [...set(from, left), ...set(to, [...to.slots, [slot, slot]])]
  flips.push({ slot, sentAtMs: Date.now() })
  patch(ops)
}

/** @param {readonly Op[]} ops */
function patch(ops) {
  const base = version++
  core = applyOps(core, ops)
  const text = JSON.stringify({ type: 'patch', topic: 'core', base, version, atMs: Date.now(), ops })
  for (const { socket, topics } of viewers) if (topics.has('core')) socket.send(text)
}

function figure() {
  return Float64Array.from({ length: SLOTS }, (_, slot) => 40 + ((slot * 7 + seconds * 13) % 97))
}
