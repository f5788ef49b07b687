import { aclCommands } from './acl.ts'
import { bitmapCommands } from './bitmap.ts'
import { clientCommands } from './client.ts'
import { clusterCommands } from './cluster.ts'
import { introspectionCommands } from './command-introspection.ts'
import { connectionCommands } from './connection.ts'
import { dumpCommands } from './dump-restore.ts'
import { geoCommands } from './geo.ts'
import { hashCommands } from './hash.ts'
import { hashExpiryCommands } from './hash-expiry.ts'
import { hyperloglogCommands } from './hyperloglog.ts'
import { keyCommands } from './keys.ts'
import { listCommands } from './list.ts'
import { pubsubCommands } from './pubsub.ts'
import { replicationCommands } from './replication.ts'
import { scanCommands } from './scan.ts'
import { serverCommands } from './server.ts'
import { setCommands } from './set.ts'
import { sortCommands } from './sort.ts'
import { sortedSetCommands } from './sorted-set.ts'
import { streamCommands } from './stream.ts'
import { stringCommands } from './string.ts'
import { commandTable } from './table.ts'
import { transactionCommands } from './transactions.ts'

/** Fills the table; called once, by the node's module. */
export function registerCommands(): void {
  if (commandTable.size > 0) return
  commandTable.add(connectionCommands)
  commandTable.add(clientCommands)
  commandTable.add(transactionCommands)
  commandTable.add(pubsubCommands)
  commandTable.add(serverCommands)
  commandTable.add(introspectionCommands)
  commandTable.add(stringCommands)
  commandTable.add(bitmapCommands)
  commandTable.add(hyperloglogCommands)
  commandTable.add(hashCommands)
  commandTable.add(hashExpiryCommands)
  commandTable.add(keyCommands)
  commandTable.add(scanCommands)
  commandTable.add(listCommands)
  commandTable.add(clusterCommands)
  commandTable.add(setCommands)
  commandTable.add(sortedSetCommands)
  commandTable.add(geoCommands)
  commandTable.add(streamCommands)
  commandTable.add(replicationCommands)
  commandTable.add(dumpCommands)
  commandTable.add(sortCommands)
  commandTable.add(aclCommands)
}
