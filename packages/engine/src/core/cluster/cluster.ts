import type { Endpoint, FileName, LinkId } from '../input.ts'
import type { Node } from '../node.ts'
import { type ClusterNode, ClusterNode as KnownNode, ClusterView, NodeFlag } from './view.ts'

/** This node's place in the cluster: what it believes, the bus links that teach it, and its own claims. */
export class Cluster {
  readonly #node: Node
  view: ClusterView
  state: 'ok' | 'fail' = 'fail'

  constructor(node: Node) {
    this.#node = node
    const port = node.config.number('port')
    const myself = new KnownNode(node.random.hex(40), '', port, port + 10_000, NodeFlag.primary | NodeFlag.myself, node.random.hex(40), node.now.wallMs)
    this.view = new ClusterView(myself)
  }

  get myself(): ClusterNode {
    return this.view.myself
  }

  /** Where clients are sent for this node. */
  endpointFor(node: ClusterNode): Endpoint {
    return { host: node.host, port: node.port }
  }

  /** The node's first step: reads nodes.conf, or begins as a new node. */
  started(_nodesConf: Uint8Array | undefined): void {}
  acceptLink(_link: LinkId, _remote: Endpoint, _local: Endpoint): void {}
  saved(_file: FileName, _error: string | undefined): void {}
  /** Carries a message to the other nodes: all of them, or with `shard` those of this shard. */
  publish(_channel: Uint8Array, _message: Uint8Array, _shard: boolean): void {}
  cron(_run: number): void {}
  beforeSleep(): void {
    void this.#node
  }
}
