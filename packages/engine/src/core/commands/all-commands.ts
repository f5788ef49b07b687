import { clientCommands } from './client.ts'
import { connectionCommands } from './connection.ts'
import { pubsubCommands } from './pubsub.ts'
import { commandTable } from './table.ts'
import { transactionCommands } from './transactions.ts'

/** Fills the table; called once, by the node's module. */
export function registerCommands(): void {
  if (commandTable.size > 0) return
  commandTable.add(connectionCommands)
  commandTable.add(clientCommands)
  commandTable.add(transactionCommands)
  commandTable.add(pubsubCommands)
}
