import { useMemo } from 'react'
import { topologyFile } from '../../model/table-files.ts'
import { shardViews, topologyNote, wrongReplicas } from '../../model/topology.ts'
import { useConnection, useCore } from '../../stream/hooks.ts'
import { Panel } from '../../ui/panel.tsx'
import { SaveRows } from '../../ui/save-rows.tsx'
import { AddNode } from './add-node.tsx'
import { DeedList } from './deed-list.tsx'
import { useNodeDesk } from './node-desk.ts'
import { NodePlanCard } from './node-plan-card.tsx'
import { ShardCard } from './shard-card.tsx'
import { SlotFigures } from './slot-figures.tsx'
import styles from './topology-room.module.css'
import { Unassigned } from './unassigned.tsx'

/** Who is in the cluster, in which part, and how they stand to each other; from here nodes are failed over, moved, added and forgotten. */
export default function TopologyRoom() {
  const nodes = useCore((core) => core.nodes)
  const shards = useCore((core) => core.shards)
  const unassigned = useCore((core) => core.unassigned)
  const queues = useCore((core) => core.queues)
  const deeds = useCore((core) => core.deeds)
  const epoch = useCore((core) => core.cluster.currentEpoch)
  const { capabilities } = useConnection()
  const desk = useNodeDesk()
  const hosted = capabilities.includes('node-host')
  const views = useMemo(() => shardViews({ nodes, shards }), [nodes, shards])
  const wrong = useMemo(() => wrongReplicas(queues, deeds), [queues, deeds])
  const context = { nodes, shards, wrong, hosted, desk }
  return (
    <div className={styles.room}>
      <h2 className="visually-hidden">Topology</h2>
      <Panel
        title="Shards and their nodes"
        note={`${topologyNote({ nodes })} · current epoch ${epoch}`}
        actions={
          <>
            <SaveRows compact what="the nodes by shard" name="slotscope-topology" file={() => topologyFile(views)} />
            <AddNode desk={desk} places={{ nodes, shards }} hosted={hosted} />
          </>
        }
      >
        <Unassigned core={{ nodes, shards, unassigned }} desk={desk} />
        <ul className={styles.shards} aria-label="Shards">
          {views.map((view) => (
            <ShardCard key={view.shard.key} view={view} context={context} />
          ))}
        </ul>
        <SlotFigures desk={desk} />
      </Panel>
      <Panel title={desk.draft ? 'Plan' : 'What was done'} className={styles.deeds} data-draft={desk.draft ? '' : undefined}>
        <div className={styles.list}>
          {desk.draft && <NodePlanCard desk={desk} draft={desk.draft} />}
          <DeedList mine={desk.draft?.plan?.planId} />
        </div>
      </Panel>
    </div>
  )
}
