// What expires: one hash of many fields, and very many small ones over all databases, by pipelines of large commands.
import { Wire } from '../browse/fill.js'

/** @typedef {import('../browse/valkey-nodes.js').ValkeyNode} ValkeyNode */

export const TIMELINE_KEY = 'bench:timeline'
export const DATABASES = 4
const FIELDS_PER_HASH = 10
const HASHES_PER_TAG = 50
const PIPELINE = 500

/** One hash of database 0; every field has a deadline of its own, between ten minutes and ten days from now. @param {readonly ValkeyNode[]} nodes @param {number} fields */
export async function fillTimeline(nodes, fields) {
  const wire = await wireTo(nodes, TIMELINE_KEY, 0)
  const nowMs = Date.now()
  for (let i = 0; i < fields; i++)
    wire.write(['HSETEX', TIMELINE_KEY, 'PXAT', String(nowMs + deadlineOf(i, fields)), 'FIELDS', '1', `field-${i}`, `v${i}`])
  await wire.settled(0)
  await wire.close()
}

/** Small hashes, each with a deadline for all of its fields, spread over shards and databases. @param {readonly ValkeyNode[]} nodes @param {number} fields a multiple of 500 */
export async function fillVolatile(nodes, fields) {
  const nowMs = Date.now()
  const tags = fields / FIELDS_PER_HASH / HASHES_PER_TAG
  /** @type {Map<string, Wire>} */
  const wires = new Map()
  for (let tag = 0; tag < tags; tag++) {
    const database = tag % DATABASES
    const node = await ownerOf(nodes, `{${tag}}`)
    const place = `${node.port} ${database}`
    const wire = wires.get(place) ?? new Wire(node.port, database)
    wires.set(place, wire)
    for (let i = 0; i < HASHES_PER_TAG; i++) {
      const pairs = Array.from({ length: FIELDS_PER_HASH }, (_, field) => [`f${field}`, 'v']).flat()
      const deadlineMs = nowMs + deadlineOf(tag * HASHES_PER_TAG + i, tags * HASHES_PER_TAG)
      wire.write(['HSETEX', `h:{${tag}}:${i}`, 'PXAT', String(deadlineMs), 'FIELDS', String(FIELDS_PER_HASH), ...pairs])
    }
    await wire.settled(PIPELINE)
  }
  await Promise.all([...wires.values()].map((wire) => wire.close()))
}

/** Even on a logarithmic axis from ten minutes to ten days, in no order: nothing of it expires while the bench runs. @param {number} index @param {number} count */
function deadlineOf(index, count) {
  const share = ((index * 7_919) % count) / count
  return Math.round(600_000 * 1_440 ** share)
}

/** @param {readonly ValkeyNode[]} nodes @param {string} key */
async function ownerOf(nodes, key) {
  const slot = Number(await nodes[0]?.client.call('CLUSTER', 'KEYSLOT', key))
  const node = nodes.find((one) => one.owns(slot))
  if (node === undefined) throw new Error(`nobody owns slot ${slot}`)
  return node
}

/** @param {readonly ValkeyNode[]} nodes @param {string} key @param {number} database */
async function wireTo(nodes, key, database) {
  return new Wire((await ownerOf(nodes, key)).port, database)
}
