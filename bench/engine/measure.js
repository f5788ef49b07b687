// How it is measured: valkey-benchmark against one server, memory of what it was filled with, and how fast expired fields go.
import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { promisify } from 'node:util'
import { samples } from './loads.js'

/** @typedef {import('./server.js').Server} Server */
/** @typedef {{ rps: number, us: number, p99Ms: number }} Timing requests per second, processor time of the server per request, and the client's p99 */

const run = promisify(execFile)
const CLIENTS = 50
/** Commands in one write while a server is filled. */
const BATCH = 1_000

/**
 * @param {string} valkeyFolder
 * @param {Server} server
 * @param {{ words: string[], pipeline: number, requests: number, keys: number, database?: number, pinned: boolean }} load
 * @returns {Promise<Timing>}
 */
export async function timed(valkeyFolder, server, { words, pipeline, requests, keys, database = 0, pinned }) {
  const before = server.processor()
  const where = ['-p', String(server.port), '--dbnum', String(database)]
  const how = ['-n', String(requests), '-P', String(pipeline), '-c', String(CLIENTS), '-r', String(keys), '--csv']
  const line = [join(valkeyFolder, 'valkey-benchmark'), ...where, ...how, ...words]
  const [program, ...args] = pinned ? ['taskset', '-c', '1', ...line] : line
  const { stdout } = await run(/** @type {string} */ (program), args, { maxBuffer: 1 << 24 })
  const us = ((server.processor() - before) * 1e6) / requests
  const figures = stdout.trim().split('\n').at(-1)?.split('","') ?? []
  const [rps, p99Ms] = [Number(figures[1]), Number(figures[6])]
  if (!(rps > 0)) throw new Error(`valkey-benchmark said ${stdout.slice(-200)}`)
  return { rps, us, p99Ms }
}

/** Throws unless both answer the samples alike. @param {readonly Server[]} servers */
export async function mustAnswerAlike(servers) {
  for (const sample of samples) {
    const said = await Promise.all(
      servers.map(({ client }) =>
        client.call(...sample).then(
          (reply) => JSON.stringify(reply),
          (error) => `-${error.message}`
        )
      )
    )
    if (new Set(said).size !== 1) throw new Error(`${sample.join(' ')}: ${said.join(' and ')}`)
  }
}

/**
 * Sends `count` commands, a batch at a time, and waits for all replies.
 *
 * @param {Server} server
 * @param {number} count
 * @param {(index: number) => readonly (string | number)[]} command
 */
export function fill(server, count, command) {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1')
    let sent = 0
    let answered = 0
    let batchEnd = 0
    const send = () => {
      batchEnd = Math.min(count, sent + BATCH)
      let text = ''
      for (; sent < batchEnd; sent++) {
        const words = command(sent)
        text += `*${words.length}\r\n${words.map((word) => `$${String(word).length}\r\n${word}\r\n`).join('')}`
      }
      socket.write(text, 'latin1')
    }
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('connect', send)
    socket.on('data', (/** @type {string} */ chunk) => {
      if (chunk.includes('-')) {
        const line = /(?:^|\n)-([^\r]*)/.exec(chunk)?.[1]
        if (line !== undefined) return reject(new Error(line))
      }
      // Replies of one line each, and arrays of one number (HPEXPIREAT) of two.
      for (const mark of chunk) if (mark === '+' || mark === ':') answered++
      if (answered < batchEnd) return
      if (sent < count) return send()
      socket.destroy()
      resolve(undefined)
    })
  })
}

/**
 * What one more item takes: resident memory and the server's own count, in bytes.
 *
 * @param {Server} server
 * @param {number} items
 * @param {() => Promise<unknown>} filling
 */
export async function memoryPer(server, items, filling) {
  await server.client.call('FLUSHALL', 'SYNC')
  await later(1_000)
  const before = { resident: server.resident(), used: await server.usedMemory() }
  await filling()
  await later(2_000)
  return { resident: (server.resident() - before.resident) / items, used: ((await server.usedMemory()) - before.used) / items }
}

/**
 * Fields of one hash that all expire at once: how many a second are reclaimed, and with what share of the processor.
 *
 * @param {Server} server
 * @param {number} fields
 */
export async function reclaimed(server, fields) {
  await server.client.call('FLUSHALL', 'SYNC')
  await fill(server, fields, (index) => ['HSET', 'r', `field:${index}`, 'xxx'])
  // All have the same deadline, which is far enough away for all to get it.
  const atMs = Date.now() + 15_000
  await fill(server, fields, (index) => ['HPEXPIREAT', 'r', atMs, 'FIELDS', 1, `field:${index}`])
  if (Date.now() > atMs - 200) throw new Error('giving a million fields their deadline took too long')
  while (Date.now() < atMs) await later(1)
  const [before, startedMs] = [server.processor(), performance.now()]
  let left = fields
  while (left > 0) {
    await later(10)
    left = Number(await server.client.call('HLEN', 'r'))
    if (performance.now() - startedMs > 120_000) throw new Error(`${left} of ${fields} expired fields are still there after 120 s`)
  }
  const seconds = (performance.now() - startedMs) / 1_000
  return { perSecond: fields / seconds, share: (server.processor() - before) / seconds }
}
