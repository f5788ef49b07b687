// What a cluster is asked by us and by nobody else: counted by the nodes themselves.
import { setTimeout as later } from 'node:timers/promises'

/** What nodes say to each other, or the bench itself. */
const notOurs = new Set(['replconf', 'psync', 'ping'])

/**
 * Commands per second by node while `seconds` pass.
 *
 * @param {import('./valkey-cluster.js').ValkeyCluster} cluster
 * @param {number} seconds
 * @returns {Promise<{ total: number, byNode: Map<number, number>, byName: Record<string, number> }>}
 */
export async function loadOver(cluster, seconds) {
  const before = await cluster.calls()
  const startedAtMs = performance.now()
  await later(seconds * 1000)
  const after = await cluster.calls()
  const passedS = (performance.now() - startedAtMs) / 1000
  /** @type {Map<number, number>} */
  const byNode = new Map()
  /** @type {Record<string, number>} */
  const byName = {}
  let total = 0
  for (const [key, count] of after) {
    const [port, name = ''] = key.split(' ')
    // The look before has counted itself as one INFO.
    const calls = count - (before.get(key) ?? 0) - (name === 'info' ? 1 : 0)
    if (notOurs.has(name) || calls <= 0) continue
    total += calls / passedS
    byNode.set(Number(port), (byNode.get(Number(port)) ?? 0) + calls / passedS)
    byName[name] = (byName[name] ?? 0) + calls / passedS
  }
  return { total, byNode, byName }
}
