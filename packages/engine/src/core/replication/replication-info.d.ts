import type { Node } from '../node.ts'
import type { Replication } from './replication.ts'
/** INFO's section as the reference prints it, whose words for the roles are the old ones. */
export declare function replicationInfo(node: Node, replication: Replication): string[]
//# sourceMappingURL=replication-info.d.ts.map
