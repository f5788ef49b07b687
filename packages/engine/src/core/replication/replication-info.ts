import type { Node } from '../node.ts'
import type { Replication } from './replication.ts'

/** INFO's section as the reference prints it, whose words for the roles are the old ones. */
export function replicationInfo(node: Node, replication: Replication): string[] {
  const { stream, link, replicas } = replication
  const lines: string[] = [`role:${link ? 'slave' : 'master'}`]
  if (link) {
    const connected = link.state === 'connected'
    lines.push(
      `master_host:${link.primary.host}`,
      `master_port:${link.primary.port}`,
      `master_link_status:${connected ? 'up' : 'down'}`,
      `master_last_io_seconds_ago:${connected ? Math.floor(link.silentMs / 1000) : -1}`,
      `master_sync_in_progress:${link.state === 'sync' ? 1 : 0}`,
      `slave_read_repl_offset:${stream.offset}`,
      `slave_repl_offset:${stream.offset}`
    )
    if (link.state === 'sync') {
      lines.push(`master_sync_read_bytes:${link.loadedBytes}`, `master_sync_last_io_seconds_ago:${Math.floor(link.silentMs / 1000)}`)
    }
    if (link.downMs !== undefined) lines.push(`master_link_down_since_seconds:${Math.floor(link.downMs / 1000)}`)
    lines.push('slave_priority:100', 'slave_read_only:1', 'replica_announced:1')
  }
  lines.push(`connected_slaves:${replicas.count}`)
  let index = 0
  for (const replica of replicas.all()) {
    lines.push(
      `slave${index++}:ip=${replica.host},port=${replica.announced.listeningPort},state=${replica.state},offset=${replica.acknowledged},lag=${Math.floor(replica.lagMs / 1000)},type=replica`
    )
  }
  const { backlog } = stream
  return [
    ...lines,
    'replicas_waiting_psync:0',
    'master_failover_state:no-failover',
    `master_replid:${stream.id}`,
    `master_replid2:${stream.secondId}`,
    `master_repl_offset:${stream.offset}`,
    `second_repl_offset:${stream.secondIdEndsAt}`,
    `repl_backlog_active:${backlog ? 1 : 0}`,
    `repl_backlog_size:${backlog?.sizeBytes ?? node.config.number('repl-backlog-size')}`,
    `repl_backlog_first_byte_offset:${backlog?.firstByte ?? 0}`,
    `repl_backlog_histlen:${backlog?.length ?? 0}`
  ]
}
