import type { Reply } from '@slotscope/observer'
import { type FakeNode, startFakeNode } from './fake-node.ts'

/** Ids of the node that answers and of the one that it only announces. */
export const [answeringId, announcedId] = ['a'.repeat(40), 'b'.repeat(40)]

/** One node over TCP that owns every slot, and announces a replica at whatever address a test wants. */
export function startFakeCluster(
  announced: string,
  script: (command: readonly string[]) => Reply | undefined = () => undefined
): Promise<FakeNode> {
  return startFakeNode((command, port) => {
    const forced = script(command)
    if (forced !== undefined) return forced
    const [name = '', sub = ''] = command.map((word) => word.toUpperCase())
    switch (name === 'CLUSTER' || name === 'CONFIG' ? `${name} ${sub}` : name) {
      case 'PING':
        return 'PONG'
      case 'INFO':
        return 'valkey_version:9.1.2\r\nused_memory:1000\r\nmaxmemory:0\r\nrole:master\r\n'
      case 'CLUSTER MYID':
        return answeringId
      case 'CLUSTER MYSHARDID':
        return 'c'.repeat(40)
      case 'CLUSTER NODES':
        return [
          `${answeringId} 127.0.0.1:${port}@${port + 10_000} myself,master - 0 0 1 connected 0-16383`,
          `${announcedId} ${announced}@16379 slave ${answeringId} 0 0 1 connected`,
          ''
        ].join('\n')
      case 'CLUSTER INFO':
        return 'cluster_state:ok\r\ncluster_current_epoch:1\r\ncluster_known_nodes:2\r\n'
      case 'CLUSTER SHARDS':
      case 'CLUSTER GETSLOTMIGRATIONS':
        return []
      case 'CONFIG GET':
        return new Map([['cluster-databases', '4']])
      default:
        return undefined
    }
  })
}
