import type { CoreState, SlotFigure, SlotRange } from '@slotscope/observer/stream'
import { type Context, createContext, type Dispatch, useContext } from 'react'
import type { BalanceFigure, Ghost } from '../../model/ghost.ts'
import type { ShardNames } from '../../model/migration-progress.ts'
import type { RoomAction, RoomState } from '../../model/room-state.ts'
import type { Owners } from '../../model/shard-order.ts'
import type { SlotSums } from '../../model/slot-sums.ts'
import type { PlanDesk } from './plan-desk.ts'
import type { KeyFinderState } from './use-key-finder.ts'

/** What the map is coloured by. */
export type MapFigure = 'owner' | SlotFigure

export type Gift = { readonly slots: readonly SlotRange[]; readonly shard: string }

/** The cluster as it is and the desk where a plan is made: all that does not move with the hand. */
export type Stage = {
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
  readonly dispatch: Dispatch<RoomAction>
  readonly desk: PlanDesk
  readonly finder: KeyFinderState
  /** Slots without an owner that are to be given to a shard: a plan of its own, since nothing is moved. */
  readonly gift: Gift | null
  readonly give: (gift: Gift | null) => void
  /** Nothing may be sent while the stream is lost. */
  readonly live: boolean
}

/** What the hand does: it changes with every movement, so only what shows it reads it. */
export type Hand = {
  readonly state: RoomState
  /** By shard key, while something is lifted. */
  readonly ghosts: ReadonlyMap<string, Ghost>
  /** The shards by which targets are ranked: as far as slots decide, they change with the owners and not with every figure. */
  readonly rankedShards: CoreState['shards']
  /** Slots that are in the hand; with a lane's portion those of the lane under the pointer. */
  readonly lifted: readonly SlotRange[]
  /** Puts what is lifted down on a shard: asks for a plan, or says why not. */
  readonly drop: (shard: string) => void
}

export type Room = Stage & Hand

export const StageContext = createContext<Stage | null>(null)
export const HandContext = createContext<Hand | null>(null)
/** The room as it is now, for what happens later: reading it draws nothing again. */
export const RoomNowContext = createContext<{ readonly current: Room } | null>(null)

export function useStage(): Stage {
  return useInside(StageContext)
}

export function useHand(): Hand {
  return useInside(HandContext)
}

export function useRoomNow(): { readonly current: Room } {
  return useInside(RoomNowContext)
}

/** Both, for parts that show what the hand does. */
export function useRoom(): Room {
  return { ...useStage(), ...useHand() }
}

function useInside<T>(context: Context<T | null>): T {
  const value = useContext(context)
  if (value === null) throw new Error('this part stands inside the slot room only')
  return value
}
