import { type ReactNode, useMemo } from 'react'
import { type Command, useCommands } from '../../shell/commands.ts'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import frame from '../../ui/room.module.css'
import { Segmented } from '../../ui/segmented.tsx'
import { ClientsView } from './clients-view.tsx'
import { CommandsView } from './commands-view.tsx'
import { FiguresView } from './figures-view.tsx'
import { LatencyView } from './latency-view.tsx'
import { LogsView } from './logs-view.tsx'
import { MemoryView } from './memory-view.tsx'
import { PubSubView } from './pubsub-view.tsx'
import styles from './traffic-room.module.css'

const views = [
  { value: 'figures', label: 'Figures', show: () => <FiguresView /> },
  { value: 'clients', label: 'Clients', show: () => <ClientsView /> },
  { value: 'logs', label: 'Slow and large', show: () => <LogsView /> },
  { value: 'commands', label: 'Commands', show: () => <CommandsView /> },
  { value: 'latency', label: 'Latency', show: () => <LatencyView /> },
  { value: 'memory', label: 'Memory', show: () => <MemoryView /> },
  { value: 'pubsub', label: 'Pub/sub', show: () => <PubSubView /> }
] as const satisfies readonly { readonly value: string; readonly label: string; readonly show: () => ReactNode }[]

/** What clients notice, who they are, and what they make the servers do. */
export default function TrafficRoom() {
  const [asked, setAsked] = useQueryParameter('view')
  const view = views.find(({ value }) => value === asked) ?? views[0]
  const commands = useMemo<readonly Command[]>(
    () => views.map(({ value, label }) => ({ id: `traffic ${value}`, label: `Traffic: ${label}`, run: () => setAsked(value) })),
    [setAsked]
  )
  useCommands(commands)
  return (
    <div className={`${frame.column} ${styles.room}`}>
      <h2 className="visually-hidden">Traffic</h2>
      <Segmented label="What of the traffic" value={view.value} segments={views} onChange={setAsked} />
      {view.show()}
    </div>
  )
}
