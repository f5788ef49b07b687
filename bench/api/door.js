// How a page comes in: a login by link, then a ticket for each stream.
import { WebSocket } from 'ws'

/** @param {number} port @param {string} link @returns {Promise<string>} the cookie */
export async function logIn(port, link) {
  const { cookie } = await post(port, '/api/login', { token: new URL(link).hash.replace('#login=', '') })
  return cookie
}

/** A stream that is being opened. @param {number} port @param {string} cookie */
export async function dial(port, cookie) {
  const { ticket } = await post(port, '/api/ticket', {}, cookie)
  return new WebSocket(`ws://127.0.0.1:${port}/api/clusters/bench/stream`, ['slotscope', `ticket.${ticket}`], {
    perMessageDeflate: false,
    origin: `http://127.0.0.1:${port}`,
    headers: { cookie }
  })
}

/** @param {number} port @param {string} path @param {unknown} body @param {string} [cookie] */
async function post(port, path, body, cookie = '') {
  const origin = `http://127.0.0.1:${port}`
  const headers = { origin, cookie, 'content-type': 'application/json', 'x-slotscope': '1' }
  const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} was refused: ${answer.status} ${await answer.text()}`)
  const { ticket } = /** @type {{ ticket: string }} */ (await answer.json())
  return { cookie: String(answer.headers.getSetCookie()[0]).split(';', 1)[0] ?? '', ticket }
}
