import { latin1Bytes } from '../src/core/bytes.ts'
import { renderNodesConf, type SeedNode } from '../src/core/cluster/nodes-conf.ts'
import type { Node } from '../src/core/node.ts'
import { SimulatedConnection, type SimulatedReply } from '../src/hosts/sim/client.ts'
import { Simulator } from '../src/hosts/sim/simulator.ts'

export type ShardOptions = {
  readonly seed: number
  readonly replicas: number
  readonly config?: Readonly<Record<string, string>>
  readonly delayMs?: readonly [low: number, high: number]
}

/** One primary with all slots and its replicas, in virtual time. Node 0 is the primary. */
export class SimulatedShard {
  readonly simulator: Simulator
  readonly nodes: Node[] = []
  readonly endpoints: SeedNode[]
  readonly #connections: SimulatedConnection[] = []

  constructor({ seed, replicas, config, delayMs }: ShardOptions) {
    this.simulator = new Simulator({ seed, delayMs: delayMs ?? [0.1, 1], cutRatio: 0 })
    const id = (index: number) =>
      String(index + 1)
        .repeat(40)
        .slice(0, 40)
    this.endpoints = Array.from({ length: replicas + 1 }, (_, index) => ({
      id: id(index),
      host: `10.0.1.${index + 1}`,
      port: 7000 + index,
      busPort: 17_000 + index,
      shardId: 'f'.repeat(40),
      role: index === 0 ? 'primary' : 'replica',
      primaryId: index === 0 ? undefined : id(0),
      configEpoch: 1,
      ranges: index === 0 ? [[0, 16_383]] : []
    }))
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

  /** Replica `index` has everything that the primary has written. */
  hasCaughtUp(index: number): boolean {
    const replica = (this.nodes[index] as Node).replication
    const { stream } = this.primary.replication
    return replica.link?.state === 'connected' && replica.stream.id === stream.id && replica.offset === stream.offset
  }

  catchUp(index = 1): void {
    this.until(() => this.hasCaughtUp(index), `replica ${index} has caught up`)
  }
}
