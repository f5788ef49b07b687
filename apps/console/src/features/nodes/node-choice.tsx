import type { NodeState } from '@slotscope/observer/stream'
import { useMemo, useState } from 'react'
import { plural } from '../../model/format.ts'
import { inOrder } from '../../model/setting-rows.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './user-form.module.css'

/** From so many nodes on they are found by name. */
const MANY = 12
/** Nodes that are listed at once. */
const MOST_LISTED = 200

/** All nodes, or some of them: null is all. */
export function NodeChoice(props: {
  readonly nodes: readonly NodeState[]
  readonly chosen: readonly string[] | null
  readonly onChange: (chosen: readonly string[] | null) => void
}) {
  const { nodes, chosen, onChange } = props
  const [find, setFind] = useState('')
  const fits = useMemo(() => {
    const wanted = find.trim().toLowerCase()
    const byName = new Map(nodes.map((node) => [node.name, node]))
    return inOrder([...byName.keys()]).flatMap((name) => {
      const node = byName.get(name)
      return node && `${name} ${node.role}`.toLowerCase().includes(wanted) ? [node] : []
    })
  }, [nodes, find])
  const toggle = (id: string, on: boolean) => onChange(on ? [...(chosen ?? []), id] : (chosen ?? []).filter((one) => one !== id))
  return (
    <fieldset className={styles.part}>
      <legend>Nodes</legend>
      <div className={styles.line}>
        <Segmented
          label="Which nodes"
          value={chosen === null ? 'all' : 'some'}
          segments={[
            { value: 'all', label: nodes.length === 1 ? 'The node' : `All ${plural(nodes.length, 'node')}` },
            { value: 'some', label: 'Some' }
          ]}
          onChange={(which) => onChange(which === 'all' ? null : [])}
        />
        <span className={styles.hint}>Each node has users of its own: replicas too.</span>
      </div>
      {chosen !== null && (
        <>
          {nodes.length > MANY && <TextField label="Find" value={find} onChange={(event) => setFind(event.target.value)} />}
          <div className={styles.nodes}>
            {fits.slice(0, MOST_LISTED).map((node) => (
              <label key={node.id}>
                <input type="checkbox" checked={chosen.includes(node.id)} onChange={(event) => toggle(node.id, event.target.checked)} />
                {node.name} <small>{node.role}</small>
              </label>
            ))}
          </div>
          {fits.length > MOST_LISTED && (
            <p className={styles.hint}>{plural(fits.length - MOST_LISTED, 'more node fits', 'more nodes fit')}: find them by name.</p>
          )}
        </>
      )}
    </fieldset>
  )
}
