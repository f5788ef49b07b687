import type { CoreState, RecordedLine, RecordingAnswer } from '@slotscope/observer/stream'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { ask, askLines, wordsOf } from '../api/client.ts'
import { nearestRecorded, type RecordedStretch } from '../model/time-axis.ts'
import { PastStore } from './past-store.ts'
import { RecordedPast } from './recorded-past.ts'
import type { ClusterStore } from './store.ts'

/** Looking back: which instant, what is shown of it, and how to go elsewhere. */
export type Past = {
  /** What there is of the past; null: nothing, or not known yet. */
  readonly recorded: RecordedStretch | null
  readonly answer: RecordingAnswer | null
  /** The instant that is looked at; null: the living cluster. */
  readonly atMs: number | null
  /** The state of that instant, once it has come; null also while the living cluster is shown. */
  readonly store: PastStore | null
  /** Why the instant cannot be shown. */
  readonly failure: string | null
  /** How fast it goes on from there; 0: it stands. */
  readonly speed: number
  /** The speed that Play begins with. */
  readonly chosen: number
  readonly choose: (speed: number) => void
  /** What is being replayed, in words; null: nothing is. */
  readonly replayed: string | null
  readonly goTo: (atMs: number) => void
  readonly run: (speed: number) => void
  /** Plays a stretch and then stands, so that one does not run past what one wanted to see. */
  readonly replay: (stretch: Stretch, speed: number) => void
  readonly toLive: () => void
}

/** From an instant on until what is shown says that it is over, or to an instant at the latest. */
export type Stretch = {
  readonly words: string
  readonly fromMs: number
  readonly toMs: number
  readonly isOver: (core: CoreState) => boolean
}

/** What there is of the past is asked again so often; between, it only grows. */
const ASK_AGAIN_MS = 60_000
const STEP_MS = 100
/** Nearer to now than that is now. */
const NOW_MS = 2_000

/** The recorded past of one cluster, looked at without disturbing the live store. */
export function usePast(clusterId: string, live: ClusterStore): Past {
  const base = `/api/clusters/${encodeURIComponent(clusterId)}/recording`
  const past = useMemo(
    () => new RecordedPast((fromMs, toMs) => askLines<RecordedLine>(`${base}/frames?from=${Math.floor(fromMs)}&to=${Math.ceil(toMs)}`)),
    [base]
  )
  // A new socket may mean that the api was down for a while: there is a gap to be known of.
  const sinceMs = useSyncExternalStore(live.subscribe, () => (live.connection.phase === 'live' ? live.connection.sinceMs : 0))
  const { data: answer = null } = useQuery({
    queryKey: ['recording', clusterId, sinceMs],
    queryFn: ({ signal }) => ask<RecordingAnswer>(base, signal),
    enabled: sinceMs > 0,
    placeholderData: (before) => before,
    refetchInterval: ASK_AGAIN_MS
  })
  const [atMs, setAtMs] = useState<number | null>(null)
  const [store, setStore] = useState<PastStore | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  const [speed, setSpeed] = useState(0)
  const [chosen, choose] = useState(1)
  const [stretch, setStretch] = useState<Stretch | null>(null)
  const wanted = useRef<number | null>(null)
  const shown = useRef<PastStore | null>(null)
  const serving = useRef(false)

  const serve = useCallback(async () => {
    if (serving.current) return
    serving.current = true
    // Whoever drags wants the latest instant, not every one on the way.
    for (let target = wanted.current, served: number | null = null; target !== null && target !== served; target = wanted.current) {
      served = target
      try {
        const fold = await past.at(target, live.clock.now())
        if (wanted.current === null) break
        setFailure(fold === null ? 'Nothing is recorded of this instant' : null)
        if (fold === null) continue
        if (shown.current) shown.current.show(fold, target)
        else {
          shown.current = new PastStore(fold, target, (instant) => live.clock.toLocal(instant))
          setStore(shown.current)
        }
      } catch (error) {
        setFailure(wordsOf(error))
      }
    }
    serving.current = false
  }, [past, live])

  const goTo = useCallback(
    (instant: number) => {
      wanted.current = instant
      setAtMs(instant)
      void serve()
    },
    [serve]
  )

  const toLive = useCallback(() => {
    wanted.current = null
    shown.current = null
    setAtMs(null)
    setStore(null)
    setFailure(null)
    setSpeed(0)
    setStretch(null)
  }, [])

  const replay = useCallback(
    (next: Stretch, pace: number) => {
      setStretch(next)
      choose(pace)
      setSpeed(pace)
      goTo(next.fromMs)
    },
    [goTo]
  )

  const recorded = useMemo<RecordedStretch | null>(
    () => (answer?.fromMs == null || answer.toMs === null ? null : { fromMs: answer.fromMs, toMs: answer.toMs, gaps: answer.gaps }),
    [answer]
  )

  useEffect(() => {
    if (speed === 0) return
    const timer = setInterval(() => {
      if (wanted.current === null) return
      const [core, shownAtMs] = [shown.current?.topic('core')?.state, shown.current?.clock.now() ?? 0]
      // What is shown may still be of before the jump: a move that is replayed once more has ended there.
      const isThere = stretch !== null && shownAtMs >= stretch.fromMs && shownAtMs <= wanted.current
      if (isThere && core && (shownAtMs >= stretch.toMs || stretch.isOver(core))) {
        setSpeed(0)
        setStretch(null)
        return
      }
      const next = wanted.current + STEP_MS * speed
      if (next > live.clock.now() - NOW_MS) toLive()
      else {
        const gap = recorded?.gaps.find((one) => next > one.fromMs && next < one.toMs)
        goTo(gap?.toMs ?? next)
      }
    }, STEP_MS)
    return () => clearInterval(timer)
  }, [speed, live, recorded, stretch, goTo, toLive])

  return useMemo(
    () => ({
      recorded,
      answer,
      atMs,
      store,
      failure,
      speed,
      chosen,
      choose,
      replayed: stretch?.words ?? null,
      run: setSpeed,
      replay,
      toLive,
      goTo: (instant) => {
        // Whoever goes elsewhere wants to see something else.
        setStretch(null)
        const known = recorded && nearestRecorded({ ...recorded, toMs: Math.max(recorded.toMs, live.clock.now()) }, instant)
        if (known === null || known > live.clock.now() - NOW_MS) toLive()
        else goTo(known)
      }
    }),
    [recorded, answer, atMs, store, failure, speed, chosen, stretch, goTo, replay, toLive, live]
  )
}
