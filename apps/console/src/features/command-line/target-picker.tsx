import { useMemo } from 'react'
import { databaseWords } from '../../model/database-words.ts'
import { nodeTrouble } from '../../model/node-words.ts'
import { useCore } from '../../stream/hooks.ts'
import { SelectField } from '../../ui/text-field.tsx'
import styles from './command-line-room.module.css'
import type { TargetChoice } from './use-command-line.ts'

/** A list of numbers is chosen from up to here; more are typed. */
const MOST_LISTED = 64

/** Who is asked, and in which database. */
export function TargetPicker(props: {
  readonly target: TargetChoice
  readonly database: number
  readonly databases: number | null
  readonly onTarget: (target: TargetChoice) => void
  readonly onDatabase: (database: number) => void
}) {
  const nodes = useCore((core) => core.nodes)
  const shards = useCore((core) => core.shards)
  const names = useCore((core) => core.databaseNames)
  const listed = useMemo(
    () =>
      Object.values(nodes)
        .map((node) => ({ node, label: shards[node.shard]?.label ?? '?' }))
        .sort((a, b) => a.label.localeCompare(b.label) || a.node.role.localeCompare(b.node.role) || a.node.name.localeCompare(b.node.name)),
    [nodes, shards]
  )
  const isGone = !['key', 'primaries', 'nodes'].includes(props.target) && nodes[props.target] === undefined
  const count = Math.max(props.database + 1, Math.min(props.databases ?? 16, MOST_LISTED))
  return (
    <div className={styles.pickers}>
      <SelectField label="To" value={props.target} onChange={(event) => props.onTarget(event.target.value)}>
        <option value="key">the owner of the key</option>
        <option value="primaries">all primaries</option>
        <option value="nodes">all nodes, replicas too</option>
        <optgroup label="One node">
          {listed.map(({ node, label }) => (
            <option key={node.id} value={node.id}>
              {label} · {node.name} · {node.role}
              {nodeTrouble(node) === null ? '' : ` · ${nodeTrouble(node)}`}
            </option>
          ))}
          {isGone && <option value={props.target}>a node that is gone</option>}
        </optgroup>
      </SelectField>
      <SelectField label="Database" value={props.database} onChange={(event) => props.onDatabase(Number(event.target.value))}>
        {Array.from({ length: count }, (_, database) => database).map((database) => (
          <option key={database} value={database}>
            {databaseWords(database, names)}
          </option>
        ))}
      </SelectField>
    </div>
  )
}
