// Many keys and one huge hash, by pipelines of large commands.
import { createConnection } from 'node:net'

/** @typedef {import('./valkey-nodes.js').ValkeyNode} ValkeyNode */

/** Keys of one MSET: they share a hash tag, since a command stays in one slot. */
export const KEYS_PER_TAG = 100
const FIELDS_PER_COMMAND = 500
const PIPELINE = 200
export const HASH_DATABASE = 1
export const HASH_KEY = 'bench:huge'

/** The name of a key, from 0. @param {number} index */
export function keyName(index) {
  return `session:{${Math.floor(index / KEYS_PER_TAG)}}:${index % KEYS_PER_TAG}`
}

/** The number of a key by its name. @param {string} name */
export function keyIndex(name) {
  const match = /^session:\{(\d+)\}:(\d+)$/.exec(name)
  return match ? Number(match[1]) * KEYS_PER_TAG + Number(match[2]) : -1
}

/** The number of a field by its name. @param {string} name */
export function fieldIndex(name) {
  return /^field-\d+$/.test(name) ? Number(name.slice(6)) : -1
}

/** Database 0. @param {readonly ValkeyNode[]} nodes @param {number} keys a multiple of KEYS_PER_TAG */
export async function fillKeys(nodes, keys) {
  const tags = keys / KEYS_PER_TAG
  const wires = nodes.map((node) => new Wire(node.port, 0))
  for (let from = 0; from < tags; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, tags - from) }, (_, index) => from + index)
    const slots = await slotsOf(
      nodes,
      some.map((tag) => keyName(tag * KEYS_PER_TAG))
    )
    for (const [index, tag] of some.entries()) {
      const words = ['MSET']
      for (let i = 0; i < KEYS_PER_TAG; i++) words.push(keyName(tag * KEYS_PER_TAG + i), `value of ${tag * KEYS_PER_TAG + i}`)
      wires[nodes.findIndex((node) => node.owns(/** @type {number} */ (slots[index])))]?.write(words)
    }
    await Promise.all(wires.map((wire) => wire.settled(PIPELINE)))
  }
  await Promise.all(wires.map((wire) => wire.close()))
}

/** One hash; every fifth command gives its fields a deadline between one hour and one day from now. @param {readonly ValkeyNode[]} nodes @param {number} fields */
export async function fillHash(nodes, fields) {
  const [slot] = await slotsOf(nodes, [HASH_KEY])
  const node = nodes.find((one) => one.owns(/** @type {number} */ (slot)))
  if (node === undefined) throw new Error('nobody owns the slot of the hash')
  const wire = new Wire(node.port, HASH_DATABASE)
  const startMs = Date.now()
  for (let from = 0, command = 0; from < fields; from += FIELDS_PER_COMMAND, command++) {
    const count = Math.min(FIELDS_PER_COMMAND, fields - from)
    const pairs = []
    for (let i = 0; i < count; i++) pairs.push(`field-${from + i}`, `v${from + i}`)
    const deadlineMs = startMs + 3_600_000 + (command % 1_000) * 82_800
    wire.write(
      command % 5 === 0 ? ['HSETEX', HASH_KEY, 'PXAT', String(deadlineMs), 'FIELDS', String(count), ...pairs] : ['HSET', HASH_KEY, ...pairs]
    )
    await wire.settled(PIPELINE)
  }
  await wire.close()
}

/** @param {readonly ValkeyNode[]} nodes @param {readonly string[]} keys @returns {Promise<number[]>} */
async function slotsOf(nodes, keys) {
  const pipeline = nodes[0]?.client.pipeline()
  for (const key of keys) pipeline?.call('CLUSTER', 'KEYSLOT', key)
  return ((await pipeline?.exec()) ?? []).map(([, slot]) => Number(slot))
}

/** A connection that only counts replies: each is one line. */
export class Wire {
  #socket
  #waiting = 0
  #failed = ''
  /** @type {(() => void) | undefined} */
  #wake

  /** @param {number} port @param {number} database */
  constructor(port, database) {
    this.#socket = createConnection({ port, host: '127.0.0.1' })
    this.#socket.on('data', (chunk) => {
      for (const byte of chunk) if (byte === 0x0a) this.#waiting--
      if (chunk.includes('-')) this.#failed ||= chunk.toString('latin1').slice(0, 200)
      this.#wake?.()
    })
    this.#socket.on('error', (error) => {
      this.#failed ||= error.message
      this.#wake?.()
    })
    this.write(['SELECT', String(database)])
  }

  /** @param {readonly string[]} words plain ASCII */
  write(words) {
    this.#waiting++
    this.#socket.write(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`, 'latin1')
  }

  /** Resolves when at most so many commands have no reply yet. @param {number} most */
  async settled(most) {
    while (this.#waiting > most && this.#failed === '')
      await new Promise((resolve) => {
        this.#wake = () => resolve(undefined)
      })
    if (this.#failed !== '') throw new Error(`filling failed: ${this.#failed}`)
  }

  async close() {
    await this.settled(0)
    this.#socket.destroy()
  }
}
