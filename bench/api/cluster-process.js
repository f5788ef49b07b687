// The fake cluster in a process of its own.
import { serve } from './child.js'
import { FakeCluster } from './fake-cluster.js'

/** @type {FakeCluster} */
let cluster

serve({
  start: async (/** @type {number} */ nodes) => {
    cluster = new FakeCluster(nodes)
    await cluster.listen()
    return { port: cluster.nodes[0]?.port, nodes: cluster.nodes.length }
  },
  setChanging: (/** @type {boolean} */ on) => cluster.setChanging(on),
  takeCounts: () => cluster.takeCounts(),
  moves: () => cluster.moves
})
