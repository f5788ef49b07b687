import { formatCount } from '../../model/format.ts'
import { useCore, useTopic } from '../../stream/hooks.ts'
import { Panel } from '../../ui/panel.tsx'

/** Keys per database and shard. */
export default function DatabasesRoom() {
  const databases = useTopic('databases')
  const shards = useCore((core) => core.shards)
  const rows = Object.entries(databases?.state.shards ?? {})
  return (
    <Panel title="Databases by shard">
      <ul>
        {rows.map(([shard, cells]) =>
          Object.entries(cells).map(([database, cell]) => (
            <li key={`${shard} ${database}`}>
              Shard {shards[shard]?.label ?? shard}, database {database}: {formatCount(cell.keys)} keys
            </li>
          ))
        )}
      </ul>
    </Panel>
  )
}
