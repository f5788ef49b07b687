import type { AskedNode } from '@slotscope/observer/stream'
import { nameOf } from '../model/setting-rows.ts'
import { SelectField } from './text-field.tsx'

/** One of the nodes, or all of them together (null). */
export function NodeSelect(props: {
  readonly nodes: readonly Pick<AskedNode, 'node'>[]
  readonly names: ReadonlyMap<string, string>
  readonly value: string | null
  readonly onChange: (node: string | null) => void
}) {
  return (
    <SelectField label="Node" value={props.value ?? ''} onChange={(event) => props.onChange(event.target.value || null)}>
      <option value="">all together</option>
      {props.nodes.map(({ node }) => (
        <option key={node} value={node}>
          {nameOf(node, props.names)}
        </option>
      ))}
    </SelectField>
  )
}
