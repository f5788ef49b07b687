import { Activity, Database, LayoutGrid, type LucideIcon, Timer } from 'lucide-react'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

/** One room: a place in the rail, a path below the cluster, and a module that is loaded when somebody goes there. */
export type Room = {
  readonly path: string
  readonly label: string
  readonly icon: LucideIcon
  readonly View: LazyExoticComponent<ComponentType>
}

/** The rooms that exist, in the order of the rail. The module's default export is the room. */
export const rooms: readonly Room[] = [
  { path: 'slots', label: 'Slots', icon: LayoutGrid, View: lazy(() => import('./features/slots/slot-room.tsx')) },
  { path: 'databases', label: 'Databases', icon: Database, View: lazy(() => import('./features/databases/databases-room.tsx')) },
  { path: 'expiry', label: 'Expiry', icon: Timer, View: lazy(() => import('./features/expiry/expiry-room.tsx')) },
  { path: 'traffic', label: 'Traffic', icon: Activity, View: lazy(() => import('./features/traffic/traffic-room.tsx')) }
]

export { roomPath } from './room-path.ts'
