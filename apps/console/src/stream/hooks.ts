import type { CoreState, HeldFigure, JsonTopic, SlotFigure } from '@slotscope/observer/stream'
import { createContext, useContext, useEffect, useSyncExternalStore } from 'react'
import type { StreamConnection } from './connect.ts'
import type { ConnectionState, Held, StoreView } from './store.ts'

/** The cluster whose room is on screen. Given by the shell once `core` has arrived. */
export type ClusterContext = { readonly id: string; readonly store: StoreView; readonly connection: StreamConnection }

export const ClusterContextProvider = createContext<ClusterContext | null>(null)

export function useCluster(): ClusterContext {
  const context = useContext(ClusterContextProvider)
  if (!context) throw new Error('a room must stand inside the shell')
  return context
}

/**
 * A part of topic `core`. `select` must return a part of the state or a primitive, so that its identity tells whether it
 * changed; compute derived objects in `useMemo` from what this returns.
 */
export function useCore<T>(select: (core: CoreState) => T): T {
  const { store } = useCluster()
  return useSyncExternalStore(store.subscribe, () => {
    const held = store.topic('core')
    if (!held) throw new Error('rooms are drawn only once core has arrived')
    return select(held.state)
  })
}

/** A topic of figures, watched for as long as the component is mounted; null until its snapshot comes, or when `topic` is null. */
export function useTopic<T extends JsonTopic>(topic: T | null): Held<T> | null {
  const { store } = useCluster()
  useEffect(() => (topic === null ? undefined : store.retain(topic)), [store, topic])
  return useSyncExternalStore(store.subscribe, () => (topic === null ? null : store.topic(topic)))
}

/** One figure for all 16,384 slots, watched for as long as the component is mounted; null until it comes, or when `figure` is null. */
export function useSlots(figure: SlotFigure | null): HeldFigure | null {
  const { store } = useCluster()
  useEffect(() => (figure === null ? undefined : store.retain(`slots:${figure}`)), [store, figure])
  return useSyncExternalStore(store.subscribe, () => (figure === null ? null : store.slots(`slots:${figure}`)))
}

export function useConnection(): ConnectionState {
  const { store } = useCluster()
  return useSyncExternalStore(store.subscribe, () => store.connection)
}

/** The api's wall clock in milliseconds, renewed every `periodMs`; ticks are shared by all components of one period. */
export function useNow(periodMs: number): number {
  const { store } = useCluster()
  const ticker = tickerOf(periodMs)
  useSyncExternalStore(ticker.subscribe, ticker.count)
  return store.clock.now()
}

type Ticker = { readonly subscribe: (listener: () => void) => () => void; readonly count: () => number }
const tickers = new Map<number, Ticker>()

function tickerOf(periodMs: number): Ticker {
  const known = tickers.get(periodMs)
  if (known) return known
  const listeners = new Set<() => void>()
  let count = 0
  let timer: ReturnType<typeof setInterval> | undefined
  const ticker: Ticker = {
    count: () => count,
    subscribe: (listener) => {
      listeners.add(listener)
      timer ??= setInterval(() => {
        count += 1
        for (const each of listeners) each()
      }, periodMs)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    }
  }
  tickers.set(periodMs, ticker)
  return ticker
}
