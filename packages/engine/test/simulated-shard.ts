import { latin1Bytes } from '../src/core/bytes.ts'
import { renderNodesConf, type SeedNode } from '../src/core/cluster/nodes-conf.ts'
import type { Node } from '../src/core/node.ts'
import { SimulatedConnection, type SimulatedReply } from '../src/hosts/sim/client.ts'
import { Simulator } from '../src/hosts/sim/simulator.ts'
import { topologyOf } from './bus-network.ts'

export type ShardOptions = {
  readonly seed: number
  /** Default 1; slots are shared out evenly. */
  readonly shards?: number
  /** Of each primary. */
  readonly replicas: number
  readonly config?: Readonly<Record<string, string>>
  readonly delayMs?: readonly [low: number, high: number]
}

/** Primaries and their replicas in virtual time. The first nodes are the primaries, then come their first replicas, and so on. */
export class SimulatedShard {
  readonly simulator: Simulator
  readonly nodes: Node[] = []
  readonly endpoints: SeedNode[]
  readonly #connections: SimulatedConnection[] = []

  constructor({ seed, shards = 1, replicas, config, delayMs }: ShardOptions) {
    this.simulator = new Simulator({ seed, delayMs: delayMs ?? [0.1, 1], cutRatio: 0 })
    this.endpoints = topologyOf(shards, replicas)
    for (const endpoint of this.endpoints) {
      const files = { 'nodes.conf': latin1Bytes(renderNodesConf(this.endpoints, endpoint.id)) }
      this.nodes.push(this.simulator.addNode(endpoint, { 'cluster-databases': '16', ...config }, files))
    }
    this.until(() => this.nodes.every((node) => node.cluster.state === 'ok'), 'the cluster is ok')
  }

  get primary(): Node {
    return this.nodes[0] as Node
  }

  /** Advances virtual time until the claim holds. */
  until(claim: () => boolean, what: string, limitMs = 60_000): void {
    if (!this.simulator.run(limitMs, claim)) throw new Error(`not within ${limitMs} ms: ${what}`)
  }

  /** A connection to node `index`. */
  connect(index: number): SimulatedConnection {
    return new SimulatedConnection(this.simulator, this.endpoints[index] as SeedNode)
  }

  /** One command on a kept connection to node `index`; runs virtual time until its reply. */
  call(index: number, ...args: readonly (string | number)[]): SimulatedReply {
    let connection = this.#connections[index]
    if (!connection?.open) {
      connection = this.connect(index)
      this.#connections[index] = connection
    }
    let reply: SimulatedReply | undefined
    connection.send(args, (answer) => {
      reply = answer
    })
    this.until(() => reply !== undefined, `${args.join(' ')} is answered`)
    return reply as SimulatedReply
  }

  primaryOf(index: number): Node {
    const { primaryId } = this.endpoints[index] as SeedNode
    return this.nodes[this.endpoints.findIndex((endpoint) => endpoint.id === primaryId)] as Node
  }

  /** Replica `index` has everything that its primary has written. */
  hasCaughtUp(index: number): boolean {
    const replica = (this.nodes[index] as Node).replication
    const { stream } = this.primaryOf(index).replication
    return replica.link?.state === 'connected' && replica.stream.id === stream.id && replica.offset === stream.offset
  }

  catchUp(index = 1): void {
    this.until(() => this.hasCaughtUp(index), `replica ${index} has caught up`)
  }
}
