import type { Node } from '../node.ts'
import type { InfoField } from './info.ts'

export function clientsSection(node: Node): readonly InfoField[] {
  const { blocked, dispatcher, keyWaits, migrations, pause, tracking, watches } = node
  let ordinary = 0
  let listening = 0
  for (const client of node.everyClient) {
    if (client.origin !== 'import' && !client.roleFlag.includes('S')) ordinary++
    if (client.subscriptions > 0) listening++
  }
  return [
    ['connected_clients', ordinary],
    ['maxclients', node.config.text('maxclients')],
    ['blocked_clients', dispatcher.postponedClients + blocked.count],
    ['tracking_clients', tracking.clientCount],
    ['pubsub_clients', listening],
    ['watching_clients', watches.clients],
    ['clients_in_timeout_table', blocked.timedCount],
    ['total_watched_keys', watches.keys],
    ['total_blocking_keys', keyWaits.keyCount],
    ['total_blocking_keys_on_nokey', keyWaits.whenGoneCount],
    ['paused_reason', pause.mode ? 'client_pause' : migrations.pausing ? 'slot_migration_in_progress' : 'none'],
    ['paused_actions', pause.mode ?? (migrations.pausing ? 'write' : 'none')],
    ['paused_timeout_milliseconds', Math.max(pause.leftMs, migrations.pauseLeftMs)]
  ]
}
