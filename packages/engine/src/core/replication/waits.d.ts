import type { Client } from '../client.ts'
import type { Node } from '../node.ts'
import type { Replicas } from './replicas.ts'
/** Clients in WAIT: nothing that they sent after it runs until enough replicas have what was written before it. */
export declare class Waits {
  #private
  constructor(node: Node, replicas: Replicas)
  /** Replies at once when enough replicas have everything up to `offset`, else later. `timeoutMs` 0: no limit. */
  begin(client: Client, replicas: number, offset: number, timeoutMs: number): void
  /** Replies to those who have waited enough. */
  settle(): void
  /** We became a replica: nobody will acknowledge anything to us. */
  endAll(): void
}
//# sourceMappingURL=waits.d.ts.map
