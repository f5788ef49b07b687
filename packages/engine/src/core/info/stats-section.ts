import type { Node } from '../node.ts'
import type { InfoField } from './info.ts'

export function statsSection(node: Node): readonly InfoField[] {
  const { acl, pubsub, stats, tracking } = node
  const rates = stats.rates()
  return [
    ['total_connections_received', stats.connectionsReceived],
    ['total_commands_processed', stats.commandsProcessed],
    ['instantaneous_ops_per_sec', Math.round(rates.operations)],
    ['total_net_input_bytes', stats.netInputBytes],
    ['total_net_output_bytes', stats.netOutputBytes],
    ['total_net_repl_input_bytes', stats.netReplInputBytes],
    ['total_net_repl_output_bytes', stats.netReplOutputBytes],
    ['total_net_cluster_slot_import_bytes', stats.slotImportBytes],
    ['total_net_cluster_slot_export_bytes', stats.slotExportBytes],
    ['instantaneous_input_kbps', rates.inputKb.toFixed(2)],
    ['instantaneous_output_kbps', rates.outputKb.toFixed(2)],
    ['rejected_connections', stats.rejectedConnections],
    ['sync_full', stats.fullSyncs],
    ['sync_partial_ok', stats.partialSyncs],
    ['sync_partial_err', stats.partialSyncErrors],
    ['expired_keys', stats.expiredKeys],
    ['expired_fields', stats.expiredFields],
    ['expired_time_cap_reached_count', stats.expiredTimeCapReached],
    ['expire_cycle_cpu_milliseconds', Math.round(stats.expireCycleUs / 1000)],
    ['evicted_keys', stats.evictedKeys],
    ['evicted_clients', 0],
    ['keyspace_hits', stats.keyspaceHits],
    ['keyspace_misses', stats.keyspaceMisses],
    ['pubsub_channels', pubsub.channelCount],
    ['pubsub_patterns', pubsub.patternCount],
    ['pubsubshard_channels', pubsub.shardChannelCount],
    ['total_forks', 0],
    ['tracking_total_keys', tracking.keyCount],
    ['tracking_total_items', tracking.itemCount],
    ['tracking_total_prefixes', tracking.prefixCount],
    ['unexpected_error_replies', stats.unexpectedErrorReplies],
    ['total_error_replies', stats.totalErrorReplies],
    ['client_query_buffer_limit_disconnections', stats.queryLimitDisconnections],
    ['client_output_buffer_limit_disconnections', stats.outputLimitDisconnections],
    ['acl_access_denied_auth', acl.denied.auth],
    ['acl_access_denied_cmd', acl.denied.command],
    ['acl_access_denied_key', acl.denied.key],
    ['acl_access_denied_channel', acl.denied.channel],
    ['acl_access_denied_db', acl.denied.database]
  ]
}
