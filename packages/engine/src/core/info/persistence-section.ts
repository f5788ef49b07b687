import type { Node } from '../node.ts'
import type { InfoField } from './info.ts'

/** The node saves nothing but its cluster configuration; a slot export walks the keyspace itself, without a child process. */
export function persistenceSection(node: Node): readonly InfoField[] {
  return [
    ['loading', 0],
    ['rdb_bgsave_in_progress', 0],
    ['aof_enabled', 0],
    ['aof_rewrite_in_progress', 0],
    ['slot_migration_fork_in_progress', node.migrations.exportInProgress ? 1 : 0]
  ]
}
