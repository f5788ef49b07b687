import type { Client, QueuedCommand } from '../client.ts'
import { redirectionOf, redirectionToPrimary } from '../cluster/redirect.ts'
import { keySlot } from '../cluster/slot.ts'
import type { Migrations } from '../migration/migrations.ts'
import type { Node } from '../node.ts'
import type { Args } from '../resp/args.ts'
import { errors } from '../resp/errors.ts'
import { type CommandDefinition, keyIndexes } from './define-command.ts'

/** Where EXEC must go instead: all keys of the transaction must still be ours, and in one slot. Notes the slot for the execution. */
export function redirectionOfTransaction(node: Node, client: Client): string | undefined {
  const { transaction } = client
  node.execution.slot = -1
  if (!transaction || transaction.aborted) return undefined
  if (!node.clusterEnabled) {
    for (const queued of transaction.queue) {
      const redirected = redirectionToPrimary(node, client, queued.definition)
      if (redirected !== undefined) return redirected
    }
    return undefined
  }
  let slot = -1
  const keys: Uint8Array[] = []
  for (const queued of transaction.queue) {
    for (const index of keyIndexes(queued.definition.keys, queued.args)) {
      const key = queued.args.bytes(index)
      const other = keySlot(key)
      if (slot >= 0 && other !== slot) return errors.crossSlot
      slot = other
      keys.push(key)
    }
  }
  if (slot < 0) return undefined
  node.execution.slot = slot
  const writes = transaction.queue.some((queued) => queued.definition.writes)
  const widest = transaction.queue.find((queued) => !writes || queued.definition.writes) as QueuedCommand
  return redirectionOf(node, client, slot, widest.definition, (index) => keys[index], keys.length)
}

/** Must it wait until a hand-over is done? Writes to slots that are being handed over do; everything else goes on. */
export function waitsForHandOver({ migrations }: Node, client: Client, definition: CommandDefinition, args: Args): boolean {
  return migrations.pausing && isHeldBy(migrations, client, definition, args)
}

/** On its own: that a function below refers to its arguments costs every call an allocation. */
function isHeldBy(migrations: Migrations, client: Client, definition: CommandDefinition, args: Args): boolean {
  const touchesPaused = (one: CommandDefinition, given: Args) =>
    keyIndexes(one.keys, given).some((index) => migrations.pausesSlot(keySlot(given.bytes(index))))
  if (definition.name === 'EXEC') {
    const queue = client.transaction?.queue ?? []
    return queue.some((queued) => queued.definition.writes && (isFlush(queued.definition) || touchesPaused(queued.definition, queued.args)))
  }
  if (!definition.writes) return false
  return isFlush(definition) ? migrations.holdsFlush : touchesPaused(definition, args)
}

function isFlush(definition: CommandDefinition): boolean {
  return definition.name === 'FLUSHALL' || definition.name === 'FLUSHDB'
}
