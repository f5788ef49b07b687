// People at the api: they page through everything, look at keys at random, and watch what a console watches.
import { Agent, request } from 'node:http'
import { WebSocket } from 'ws'
import { fieldIndex, HASH_DATABASE, HASH_KEY, keyIndex, keyName } from './fill.js'

const b64 = (/** @type {string} */ text) => Buffer.from(text).toString('base64url')
const textOf = (/** @type {string} */ bytes) => Buffer.from(bytes, 'base64url').toString()
const root = '/api/clusters/bench'
const hashPath = `${root}/keys/value?database=${HASH_DATABASE}&key=${b64(HASH_KEY)}`

/** @typedef {{ wait: () => Promise<void>, cookie: string }} Session */

export class Browser {
  #port
  #agent = new Agent({ keepAlive: true, maxSockets: 8 })
  /** @type {string[]} */
  #cookies = []
  #turn = 0
  requests = 0
  slowestMs = 0
  /** @type {WebSocket[]} */
  #sockets = []

  /** @param {number} port */
  constructor(port) {
    this.#port = port
  }

  /** One session may ask 50 questions a second; who is in a hurry needs several. @param {string} link */
  async logIn(link) {
    // With a cookie the login would be the end of that session.
    const { headers } = await this.#send('POST', '/api/login', { token: new URL(link).hash.replace('#login=', '') }, '')
    this.#cookies.push(String(headers['set-cookie']).split(';', 1)[0] ?? '')
  }

  /** @param {readonly string[]} topics */
  async watch(topics) {
    const cookie = this.#nextCookie()
    const { json } = await this.#send('POST', '/api/ticket', {}, cookie)
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}${root}/stream`, ['slotscope', `ticket.${json.ticket}`], {
      perMessageDeflate: false,
      origin: `http://127.0.0.1:${this.#port}`,
      headers: { cookie }
    })
    this.#sockets.push(socket)
    await new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('open', () => socket.send(JSON.stringify({ type: 'watch', topics, visible: true })))
      socket.on('message', resolve)
    })
  }

  /** Every key of database 0, page after page. @param {number} keys @returns {Promise<{ pages: number, found: number }>} */
  async scanAll(keys) {
    const seen = new Uint8Array(keys)
    let found = 0
    let pages = 0
    /** @type {string | null} */
    let cursor = null
    do {
      const body = { database: 0, shard: null, pattern: '', type: null, count: 1_000, cursor }
      /** @type {{ json: any }} */
      const { json } = await this.#send('POST', `${root}/keys/scan`, body)
      for (const { key } of json.keys) {
        const index = keyIndex(textOf(key))
        if (seen[index] === 0) {
          seen[index] = 1
          found++
        }
      }
      // The rows in sight, now and then.
      if (pages++ % 20 === 0 && json.keys.length > 0)
        await this.#send('POST', `${root}/keys/details`, {
          database: 0,
          keys: json.keys.slice(0, 100).map((/** @type {any} */ row) => row.key)
        })
      cursor = json.cursor
    } while (cursor !== null)
    return { pages, found }
  }

  /** Every field of the huge hash, page after page. @param {number} fields */
  async walkHash(fields) {
    const seen = new Uint8Array(fields)
    let found = 0
    let pages = 0
    let withDeadline = 0
    /** @type {string | null} */
    let offset = null
    do {
      /** @type {{ json: any }} */
      const { json } = await this.#send('GET', `${hashPath}${offset === null ? '' : `&offset=${offset}`}`)
      for (const item of json.value.items) {
        const index = fieldIndex(textOf(item.field))
        if (seen[index] !== 0) continue
        seen[index] = 1
        found++
        if (item.deadlineMs !== null) withDeadline++
      }
      pages++
      offset = json.next
    } while (offset !== null)
    return { pages, found, withDeadline }
  }

  /** Keys, details, look-ups in every database, slots and places of the hash, at random. @param {number} keys @param {number} rounds @param {() => boolean} [goesOn] */
  async atRandom(keys, rounds, goesOn = () => true) {
    let round = 0
    for (; round < rounds && goesOn(); round++) {
      const name = b64(keyName(Math.floor(Math.random() * keys)))
      await this.#send('GET', `${root}/keys/value?database=0&key=${name}`)
      await this.#send('GET', `${root}/keys/everywhere?key=${name}`)
      await this.#send('GET', `${root}/slots/${Math.floor(Math.random() * 16_384)}`)
      // A cursor is a place in the table: any number is one.
      await this.#send('GET', `${hashPath}&offset=${Math.floor(Math.random() * 2 ** 32)}`)
      await this.#send('POST', `${root}/keys/scan`, {
        database: 0,
        shard: null,
        pattern: `*${round}*`,
        type: 'string',
        count: 100,
        cursor: null
      })
    }
    return round
  }

  close() {
    for (const socket of this.#sockets) socket.terminate()
    this.#agent.destroy()
  }

  #nextCookie() {
    return /** @type {string} */ (this.#cookies[this.#turn++ % this.#cookies.length])
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @param {string} [cookie] @returns {Promise<{ headers: import('node:http').IncomingHttpHeaders, json: any }>} */
  #send(method, path, body, cookie = this.#nextCookie()) {
    const headers = {
      cookie,
      origin: `http://127.0.0.1:${this.#port}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'x-slotscope': '1' })
    }
    const startedAt = performance.now()
    return new Promise((resolve, reject) => {
      const sent = request({ port: this.#port, host: '127.0.0.1', method, path, headers, agent: this.#agent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        answer.on('end', () => {
          this.requests++
          this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
          if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`))
          else resolve({ headers: answer.headers, json: text === '' ? undefined : JSON.parse(text) })
        })
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }
}

/** What a console has open while somebody browses. */
export const TOPICS = ['core', 'databases', 'expiry', 'traffic', 'slots:keys', `hash:${HASH_DATABASE}:${b64(HASH_KEY)}`]
