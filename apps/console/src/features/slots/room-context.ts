import type { CoreState, SlotFigure, SlotRange } from '@slotscope/observer/stream'
import { createContext, type Dispatch, useContext } from 'react'
import type { BalanceFigure, Ghost } from '../../model/ghost.ts'
import type { ShardNames } from '../../model/migration-progress.ts'
import type { RoomAction, RoomState } from '../../model/room-state.ts'
import type { Owners } from '../../model/shard-order.ts'
import type { SlotSums } from '../../model/slot-sums.ts'
import type { PlanDesk } from './plan-desk.ts'
import type { KeyFinderState } from './use-key-finder.ts'

/** What the map is coloured by. */
export type MapFigure = 'owner' | SlotFigure

/** What all parts of the slot room share: the cluster as it is, the hand as it is, and the desk where a plan is made. */
export type Room = {
  readonly shards: CoreState['shards']
  readonly nodes: CoreState['nodes']
  /** What shards are called, also those that have ended. */
  readonly names: ShardNames
  readonly nodeCount: number
  readonly jobs: CoreState['jobs']
  readonly owners: Owners
  readonly sums: SlotSums | null
  readonly keys: Float64Array | null
  readonly figure: MapFigure
  readonly setFigure: (figure: MapFigure) => void
  readonly balance: BalanceFigure
  readonly state: RoomState
  readonly dispatch: Dispatch<RoomAction>
  /** By shard key, while something is lifted. */
  readonly ghosts: ReadonlyMap<string, Ghost>
  /** Slots that are in the hand; with a lane's portion those of the lane under the pointer. */
  readonly lifted: readonly SlotRange[]
  readonly desk: PlanDesk
  readonly finder: KeyFinderState
  /** Puts what is lifted down on a shard: asks for a plan, or says why not. */
  readonly drop: (shard: string) => void
  /** Nothing may be sent while the stream is lost. */
  readonly live: boolean
}

export const RoomContext = createContext<Room | null>(null)

export function useRoom(): Room {
  const room = useContext(RoomContext)
  if (!room) throw new Error('this part stands inside the slot room only')
  return room
}
