import { Activity, Database, LayoutGrid, type LucideIcon, Network, ScrollText, Server, SquareTerminal, Timer } from 'lucide-react'
import { type ComponentType, lazy } from 'react'
import SlotRoom from './features/slots/slot-room.tsx'

type Load = () => Promise<{ readonly default: ComponentType }>

/** One room: a place in the rail, a path below the cluster, and a component that may be loaded only when somebody goes there. */
export type Room = {
  readonly path: string
  readonly label: string
  readonly icon: LucideIcon
  readonly View: ComponentType
  /** Begins to load it; undefined: it is here. */
  readonly load?: Load
}

function room(path: string, label: string, icon: LucideIcon, load: Load): Room {
  return { path, label, icon, load, View: lazy(load) }
}

/** The rooms that exist, in the order of the rail. The module's default export is the room. */
export const rooms: readonly Room[] = [
  // Nearly everybody sees it first: it comes with the frame, and is drawn in one go with it.
  { path: 'slots', label: 'Slots', icon: LayoutGrid, View: SlotRoom },
  room('topology', 'Topology', Network, () => import('./features/topology/topology-room.tsx')),
  room('databases', 'Databases', Database, () => import('./features/databases/databases-room.tsx')),
  room('expiry', 'Expiry', Timer, () => import('./features/expiry/expiry-room.tsx')),
  room('traffic', 'Traffic', Activity, () => import('./features/traffic/traffic-room.tsx')),
  room('nodes', 'Nodes', Server, () => import('./features/nodes/nodes-room.tsx')),
  room('command-line', 'Command line', SquareTerminal, () => import('./features/command-line/command-line-room.tsx')),
  room('audit', 'Audit', ScrollText, () => import('./features/audit/audit-room.tsx'))
]

/** Begins to load the room that an address asks for, while the session and the stream are still on their way. */
export function preloadRoom(pathname: string): void {
  const asked = /^\/clusters\/[^/]+\/([^/]+)/.exec(pathname)?.[1] ?? 'slots'
  // A failure is not swallowed: drawing the room asks for the module again, and says so when that fails too.
  void rooms
    .find(({ path }) => path === asked)
    ?.load?.()
    .catch(() => undefined)
}

export { roomPath } from './room-path.ts'
