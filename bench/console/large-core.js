// The state of a cluster of thousands of nodes, as the stream's topic `core` tells it.
export const SLOTS = 16_384

/**
 * Half of the nodes are primaries with one replica each.
 *
 * @param {number} count of nodes
 * @returns {import('@slotscope/observer/stream').CoreState}
 */
export function makeCore(count) {
  const primaries = Math.floor(count / 2)
  /** @type {Record<string, import('@slotscope/observer/stream').NodeState>} */
  const nodes = {}
  /** @type {Record<string, import('@slotscope/observer/stream').ShardState>} */
  const shards = {}
  for (let order = 0; order < primaries; order++) {
    const key = idOf('5', order)
    const [first, last] = [Math.round((order * SLOTS) / primaries), Math.round(((order + 1) * SLOTS) / primaries) - 1]
    const [primary, replica] = [idOf('a', order), idOf('b', order)]
    nodes[primary] = nodeOf(primary, order, 'primary', key)
    nodes[replica] = nodeOf(replica, primaries + order, 'replica', key)
    shards[key] = {
      key,
      label: `${String.fromCharCode(65 + (order % 26))}${order < 26 ? '' : Math.floor(order / 26) + 1}`,
      color: order % 8,
      primary,
      replicas: [replica],
      slots: [[first, last]],
      slotCount: last - first + 1,
      keys: 5_000
    }
  }
  return {
    cluster: {
      name: 'bench',
      kind: 'connected',
      state: 'ok',
      currentEpoch: primaries,
      databases: 16,
      keys: primaries * 5_000,
      operationsPerSecond: 900_000,
      versions: ['9.1.2'],
      slotStatsEnabled: true
    },
    nodes,
    shards,
    unassigned: [],
    jobs: {},
    plans: {},
    health: {},
    events: [],
    watching: { commandsPerSecond: 800, commandsPerSecondPerNode: 0.4, shareOfNodeTime: 0.001, byCause: { figures: 800 } }
  }
}

/** @param {string} begin @param {number} order */
function idOf(begin, order) {
  return begin + order.toString(16).padStart(39, '0')
}

/** @param {string} id @param {number} order @param {'primary' | 'replica'} role @param {string} shard */
function nodeOf(id, order, role, shard) {
  return {
    id,
    name: `node-${order + 1}`,
    host: '10.0.0.1',
    port: 7_000 + order,
    role,
    shard,
    health: /** @type {const} */ ('online'),
    configEpoch: order + 1,
    version: '9.1.2',
    usedMemory: 50_000_000,
    maxMemory: 1_000_000_000,
    operationsPerSecond: 900,
    keys: 5_000,
    lagBytes: role === 'replica' ? 0 : null,
    readAtMs: Date.now(),
    error: null,
    paused: null
  }
}
