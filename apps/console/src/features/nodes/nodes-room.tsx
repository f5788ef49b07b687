import { useMemo } from 'react'
import { type Command, useCommands } from '../../shell/commands.ts'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import frame from '../../ui/room.module.css'
import { Segmented } from '../../ui/segmented.tsx'
import { NodeTable } from './node-table.tsx'
import styles from './nodes-room.module.css'
import { SettingsView } from './settings-view.tsx'
import { UnequalNodes } from './unequal-nodes.tsx'
import { UsersView } from './users-view.tsx'

const views = [
  { value: 'figures', label: 'Figures' },
  { value: 'configuration', label: 'Configuration' },
  { value: 'users', label: 'Users' }
] as const
type View = (typeof views)[number]['value']

/** The servers themselves: how each stands, what it says of itself, how it is set up, and who may do what there. */
export default function NodesRoom() {
  const [asked, setAsked] = useQueryParameter('view')
  const view: View = views.find(({ value }) => value === asked)?.value ?? 'figures'
  const commands = useMemo<readonly Command[]>(
    () => views.map(({ value, label }) => ({ id: `nodes ${value}`, label: `Nodes: ${label}`, run: () => setAsked(value) })),
    [setAsked]
  )
  useCommands(commands)
  return (
    <div className={`${frame.column} ${styles.room}`}>
      <h2 className="visually-hidden">Nodes</h2>
      <UnequalNodes />
      <Segmented label="What of the nodes" value={view} segments={views} onChange={setAsked} />
      {view === 'figures' ? <NodeTable /> : view === 'configuration' ? <SettingsView /> : <UsersView />}
    </div>
  )
}
