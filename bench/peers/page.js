// A page of the console, without a browser: logged in by the link, with a stream whose frames it folds as the real page does.
import { Viewer } from '@slotscope/observer/stream'
import { WebSocket } from 'ws'

export class Page {
  /** What the page knows: the fold of all frames. */
  viewer = new Viewer()
  bytes = 0
  #port
  cookie = ''
  /** @type {WebSocket | undefined} */
  #socket
  /** @type {Set<() => void>} */
  #waiters = new Set()

  /** @param {number} port */
  constructor(port) {
    this.#port = port
  }

  get origin() {
    return `http://127.0.0.1:${this.#port}`
  }

  /** @param {string} link */
  async logIn(link) {
    this.cookie = (await this.send('POST', '/api/login', { token: new URL(link).hash.replace('#login=', '') })).cookie
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<{ cookie: string, json: any, bytes: number }>} rejects for anything but success
   */
  async send(method, path, body) {
    const headers = { origin: this.origin, cookie: this.cookie, 'content-type': 'application/json', 'x-slotscope': '1' }
    const answer = await fetch(`${this.origin}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return {
      cookie: String(answer.headers.getSetCookie()[0]).split(';', 1)[0] ?? '',
      json: text === '' ? undefined : JSON.parse(text),
      bytes: text.length
    }
  }

  /** Opens the stream and watches these topics. @param {readonly string[]} topics */
  async watch(topics) {
    const { json } = await this.send('POST', '/api/ticket', {})
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/api/clusters/cluster/stream`, ['slotscope', `ticket.${json.ticket}`], {
      origin: this.origin,
      headers: { cookie: this.cookie }
    })
    this.#socket = socket
    socket.on('message', (/** @type {Buffer} */ data, /** @type {boolean} */ binary) => {
      this.bytes += data.length
      if (binary) this.viewer.receiveBinary(Uint8Array.from(data))
      else this.viewer.receive(JSON.parse(data.toString()))
      for (const waiter of [...this.#waiters]) waiter()
    })
    await new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once('open', resolve)
    })
    socket.send(JSON.stringify({ type: 'watch', topics, visible: true }))
  }

  get core() {
    return this.viewer.state('core')
  }

  /**
   * Resolves with the time (ms) of the first frame after which this holds.
   *
   * @param {string} what
   * @param {() => boolean} holds
   * @param {number} [withinMs]
   * @returns {Promise<number>}
   */
  until(what, holds, withinMs = 60_000) {
    return new Promise((resolve, reject) => {
      const end = (/** @type {() => void} */ settle) => {
        clearTimeout(timer)
        this.#waiters.delete(look)
        settle()
      }
      const look = () => {
        if (holds()) end(() => resolve(Date.now()))
      }
      const timer = setTimeout(() => end(() => reject(new Error(`${what}: not within ${withinMs / 1000} s`))), withinMs)
      this.#waiters.add(look)
      look()
    })
  }

  /** Leaves the page: nobody looks any more. */
  close() {
    this.#socket?.close()
  }
}
