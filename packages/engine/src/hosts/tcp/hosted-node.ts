import type { ClusterNodeInfo } from './cluster.ts'
import { NodeServer, type NodeServerOptions } from './node-server.ts'

/** One node of an embedded cluster over all its lives: its keys end with a life, its files are found by the next one. */
export class HostedNode {
  readonly info: ClusterNodeInfo
  readonly #options: NodeServerOptions
  #server: NodeServer | undefined
  #lives = 0

  constructor(info: ClusterNodeInfo, options: NodeServerOptions) {
    this.info = info
    this.#options = options
  }

  /** Undefined while it does not run. */
  get server(): NodeServer | undefined {
    return this.#server
  }

  /** How often it was started. */
  get lives(): number {
    return this.#lives
  }

  /** Begins a life. Rejects with PortInUseError, or with an Error when it runs already. */
  async start(): Promise<void> {
    if (this.#server) throw new Error(`node ${this.info.id} runs already`)
    // A new life draws other random numbers, as a new process would: its run id tells the two apart.
    const server: NodeServer = new NodeServer({
      ...this.#options,
      seed: this.#options.seed + this.#lives++ * 1_000_003,
      stopped: () => {
        if (this.#server === server) this.#server = undefined
      }
    })
    this.#server = server
    try {
      await server.listen()
    } catch (error) {
      this.#server = undefined
      throw error
    }
  }

  /** Ends it as SIGKILL would: its links break, nobody is told. Rejects with an Error when it does not run. */
  async kill(): Promise<void> {
    const server = this.#server
    if (!server) throw new Error(`node ${this.info.id} does not run`)
    this.#server = undefined
    await server.close()
  }
}
