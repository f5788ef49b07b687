/**
 * What is asked of nodes beside the stream: figures that are too restless for `core`, and on demand what a node says of itself.
 */

/**
 * GET /api/clusters/:cluster/nodes : what the watch read last of each node and `core` does not carry. Nothing is sent to the cluster for it.
 */
export type NodeReadingsAnswer = { readonly readings: readonly NodeReading[] }

export type NodeReading = {
  readonly node: string
  /** Wall clock of the api, when INFO was answered. */
  readonly atMs: number
  readonly uptimeSeconds: number | null
  /** Connections of clients now, ours included, and how many the node takes; null: it does not say. */
  readonly clients: number | null
  readonly maxClients: number | null
  /** Bytes of the replication stream: what a primary has written, what a replica has taken in. */
  readonly offsetBytes: number | null
  /** `cluster-databases`; null where it could not be read. */
  readonly databases: number | null
}

/** GET /api/clusters/:cluster/nodes/:node/info : INFO of one node, asked now, in the order of its sections. */
export type NodeInfoAnswer = {
  readonly node: string
  readonly atMs: number
  readonly sections: readonly InfoSection[]
}

export type InfoSection = {
  /** As the server heads it: `Server`, `Memory`. */
  readonly name: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}
