import type { NodeAddress } from '../caller.ts'
import type { NodeLine } from '../replies/cluster-nodes.ts'
import type { Replication } from '../replies/replication.ts'

/**
 * A server that is no cluster, with its replicas, told in the words of CLUSTER NODES: one primary that owns every slot, because a key
 * has no other place. Such servers have no ids, so an address is one: it outlives a restart.
 */
export function standaloneLines(replication: Replication, address: NodeAddress): readonly NodeLine[] {
  const self = idOfAddress(address)
  if (replication.role === 'primary') {
    const replicas = replication.replicas.map((replica) => lineOf(replica, 'replica', self, { connected: replica.online }))
    return [lineOf(address, 'primary', null, { myself: true }), ...replicas]
  }
  const { primary } = replication
  if (!primary) return []
  return [
    lineOf(address, 'replica', idOfAddress(primary), { myself: true }),
    lineOf(primary, 'primary', null, { suspected: !primary.linkUp, connected: primary.linkUp })
  ]
}

/** The shard of every node of it: it stays the same when a replica is promoted. */
export const STANDALONE_SHARD = 'a'.repeat(40)

function lineOf(
  { host, port }: NodeAddress,
  role: NodeLine['role'],
  primaryId: string | null,
  flags: Partial<Pick<NodeLine, 'myself' | 'suspected' | 'connected'>>
): NodeLine {
  return {
    id: idOfAddress({ host, port }),
    host,
    port,
    hostname: null,
    myself: false,
    role,
    primaryId,
    suspected: false,
    failed: false,
    handshake: false,
    noAddress: false,
    configEpoch: 0,
    connected: true,
    slotsText: role === 'primary' ? '0-16383' : '',
    slots: role === 'primary' ? [[0, 16_383]] : [],
    migrating: [],
    importing: [],
    ...flags
  }
}

/** 40 hex digits that an address always gets: five rounds of FNV-1a. */
function idOfAddress({ host, port }: NodeAddress): string {
  const text = `${host === 'localhost' ? '127.0.0.1' : host}:${port}`
  let id = ''
  for (let round = 0; round < 5; round++) {
    let hash = 0x811c9dc5 ^ round
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    id += (hash >>> 0).toString(16).padStart(8, '0')
  }
  return id
}
