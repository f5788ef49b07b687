// One connection to one node, for what a bench sends and counts itself: commands out, replies in, in order.
import { connect } from 'node:net'

/** @typedef {string | number | null | Error | Reply[]} Reply */

/** Sends commands to 127.0.0.1:`port`. Texts are latin1: a byte is a character. */
export class RespClient {
  /** @type {import('node:net').Socket} */
  #socket
  /** @type {{ resolve: (reply: any) => void, reject: (error: Error) => void }[]} */
  #waiting = []
  #received = ''

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      this.#received += chunk
      this.#read()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection was closed'))
    })
  }

  /** @param {number} port @returns {Promise<RespClient>} */
  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', reject)
      socket.once('connect', () => resolve(new RespClient(socket)))
    })
  }

  /** @param {readonly (string | number)[]} words @returns {Promise<any>} rejects with an error of the server */
  call(...words) {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('the connection was closed'))
        return
      }
      this.#waiting.push({ resolve, reject })
      const bulks = words.map((word) => `$${String(word).length}\r\n${word}\r\n`)
      this.#socket.write(`*${words.length}\r\n${bulks.join('')}`, 'latin1')
    })
  }

  close() {
    this.#socket.destroy()
  }

  #read() {
    for (;;) {
      const found = replyAt(this.#received, 0)
      if (found === undefined) return
      this.#received = this.#received.slice(found.end)
      const waiter = this.#waiting.shift()
      if (found.reply instanceof Error) waiter?.reject(found.reply)
      else waiter?.resolve(found.reply)
    }
  }
}

/** @param {string} text @param {number} at @returns {{ reply: Reply, end: number } | undefined} undefined: more must come */
function replyAt(text, at) {
  const eol = text.indexOf('\r\n', at)
  if (eol < 0) return undefined
  const line = text.slice(at + 1, eol)
  switch (text[at]) {
    case '+':
      return { reply: line, end: eol + 2 }
    case '-':
      return { reply: new Error(line), end: eol + 2 }
    case ':':
      return { reply: Number(line), end: eol + 2 }
    case '$': {
      const length = Number(line)
      if (length < 0) return { reply: null, end: eol + 2 }
      const end = eol + 2 + length + 2
      return text.length < end ? undefined : { reply: text.slice(eol + 2, end - 2), end }
    }
    case '*': {
      /** @type {Reply[]} */
      const items = []
      let end = eol + 2
      for (let i = 0; i < Number(line); i++) {
        const item = replyAt(text, end)
        if (item === undefined) return undefined
        items.push(item.reply)
        end = item.end
      }
      return { reply: items, end }
    }
    default:
      throw new Error(`not a reply: ${text.slice(at, at + 20)}`)
  }
}
