import type { CoreState, NodePlanRequest, NodeState } from '@slotscope/observer/stream'
import { Ellipsis } from 'lucide-react'
import { actionsFor, type NodeAction, primariesToFollow } from '../../model/topology.ts'
import { Button } from '../../ui/button.tsx'
import { Popover } from '../../ui/popover.tsx'
import { SelectField } from '../../ui/text-field.tsx'
import type { NodeDesk } from './node-desk.ts'
import styles from './shard-card.module.css'

/** What can be planned for a node. Each choice makes a plan and sends nothing. */
export function NodeMenu(props: {
  readonly node: NodeState
  readonly nodes: CoreState['nodes']
  readonly shards: CoreState['shards']
  readonly hosted: boolean
  readonly desk: NodeDesk
}) {
  const { node, nodes, shards, hosted, desk } = props
  return (
    <Popover
      label={`What to do with ${node.name}`}
      button={<Ellipsis aria-hidden />}
      buttonProps={{ icon: true, size: 'small', look: 'quiet', 'aria-label': `Plan for ${node.name}` }}
      width={240}
    >
      {(close) => {
        const targets = primariesToFollow(node, { nodes, shards })
        const actions = actionsFor(node, { nodes, shards }, hosted)
        const plan = (request: NodePlanRequest) => {
          close()
          desk.ask(request)
        }
        const buttons = (list: readonly NodeAction[]) =>
          list.map(({ label, request }) => (
            <Button key={label} look="quiet" size="small" onClick={() => plan(request)}>
              {label}…
            </Button>
          ))
        return (
          <div className={styles.menu}>
            {buttons(actions.filter(({ grave }) => !grave))}
            {targets.length > 0 && (
              <SelectField
                label="Follow another primary"
                bare
                value=""
                onChange={(event) => plan({ kind: 'replicate', node: node.id, primary: event.target.value })}
              >
                <option value="" disabled>
                  Follow another primary…
                </option>
                {targets.map((target) => (
                  <option key={target.id} value={target.id}>
                    {shards[target.shard]?.label}: {target.name}
                  </option>
                ))}
              </SelectField>
            )}
            <hr />
            {buttons(actions.filter(({ grave }) => grave))}
          </div>
        )
      }}
    </Popover>
  )
}
