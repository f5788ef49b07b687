import { type CoreState, formatRanges, parseRanges, type SlotFigure } from '@slotscope/observer/stream'
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import { plural } from '../../model/format.ts'
import { type BalanceFigure, type Ghost, ghostsOf, ghostWords } from '../../model/ghost.ts'
import { labelOf, namesOf } from '../../model/migration-progress.ts'
import { reduceRoom, startRoom } from '../../model/room-state.ts'
import { type Owners, readOwners } from '../../model/shard-order.ts'
import { sizeOf } from '../../model/size-of.ts'
import { readSums } from '../../model/slot-sums.ts'
import { useCluster, useConnection, useCore, useSlots } from '../../stream/hooks.ts'
import { useUnchangeableReason } from '../../stream/unchangeable.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import { usePlanDesk } from './plan-desk.ts'
import type { Gift, Hand, MapFigure, Stage } from './room-context.ts'
import { useKeyFinder } from './use-key-finder.ts'

const figures: readonly MapFigure[] = ['owner', 'keys', 'cpu', 'bytes-in', 'bytes-out'] satisfies readonly ('owner' | SlotFigure)[]
/** Longer lists of ranges are not written into the address. */
const longestAddress = 1_200
/** A line about what happened to the selection stays this long. */
const noteMs = 9_000
/** A lost stream freezes what is lifted; if it stays away this long, it is put down. */
const frozenMs = 3_000

/** With more shards than that, keys of what is lifted are counted anew only each `heldMs`. */
const manyShards = 100
const heldMs = 5_000

const noGhosts: ReadonlyMap<string, Ghost> = new Map()

/** Everything that the parts of the slot room share. */
export function useSlotRoom(): { readonly stage: Stage; readonly hand: Hand } {
  const { store } = useCluster()
  const announce = useAnnounce()
  const connection = useConnection()
  const shards = useCore((core) => core.shards)
  const nodes = useCore((core) => core.nodes)
  const jobs = useCore((core) => core.jobs)
  const formerShards = useCore((core) => core.formerShards)
  const names = useMemo(() => namesOf({ shards, ...(formerShards ? { formerShards } : {}) }), [shards, formerShards])
  const nodeCount = sizeOf(nodes)
  const owners = useOwners(shards)
  const keys = useSlots('keys')?.values ?? null
  const desk = usePlanDesk()
  const finder = useKeyFinder()
  const [gift, setGift] = useState<Gift | null>(null)
  const { discard } = desk
  const give = useCallback(
    (next: Gift | null) => {
      // One plan at a time is on the table.
      if (next) discard()
      setGift(next)
    },
    [discard]
  )

  const [figureText, setFigureText] = useQueryParameter('figure')
  const figure = figures.find((each) => each === figureText) ?? 'owner'
  const setFigure = useCallback((next: MapFigure) => setFigureText(next === 'owner' ? null : next), [setFigureText])
  const balance: BalanceFigure = figure === 'keys' ? 'keys' : 'slots'

  const [slotsText, setSlotsText] = useQueryParameter('slots')
  const [state, dispatch] = useReducer(reduceRoom, slotsText, (text) => {
    const parsed = parseRanges(text ?? '')
    return startRoom('error' in parsed ? [] : parsed.ranges)
  })
  const written = useRef(slotsText)
  useEffect(() => {
    const timer = setTimeout(() => {
      const text = formatRanges(state.selection, Number.POSITIVE_INFINITY).replaceAll(', ', ',')
      written.current = text.length > 0 && text.length <= longestAddress ? text : null
      setSlotsText(written.current)
    }, 150)
    return () => clearTimeout(timer)
  }, [state.selection, setSlotsText])
  // An address that somebody else wrote, the palette or a link, is followed.
  useEffect(() => {
    if (slotsText === written.current) return
    written.current = slotsText
    const parsed = parseRanges(slotsText ?? '')
    if (!('error' in parsed) && parsed.ranges.length > 0) dispatch({ type: 'select', selection: parsed.ranges })
  }, [slotsText])

  const before = useRef(owners.of)
  useEffect(() => {
    if (before.current === owners.of) return
    dispatch({ type: 'owners-changed', before: before.current, after: owners.of })
    before.current = owners.of
  }, [owners])
  useEffect(() => {
    if (state.note === null) return
    announce(state.note)
    const timer = setTimeout(() => dispatch({ type: 'note', text: null }), noteMs)
    return () => clearTimeout(timer)
  }, [state.note, announce])

  const live = connection.phase === 'live'
  // What is looked back at cannot be changed.
  const unchangeable = useUnchangeableReason()
  const mayPlan = live && unchangeable === null
  const lifting = state.lift !== null
  // A thousand ghosts with other keys each second would take the hand its frames.
  const counted = useHeld(keys, lifting && sizeOf(shards) > manyShards ? heldMs : 0)
  const sums = useMemo(() => (counted ? readSums(counted) : null), [counted])
  useEffect(() => {
    if (live || !lifting) return
    const timer = setTimeout(() => {
      dispatch({ type: 'put-down' })
      dispatch({ type: 'note', text: 'The stream was lost, so what you had lifted was put down. Nothing was sent.' })
    }, frozenMs)
    return () => clearTimeout(timer)
  }, [live, lifting])

  // What hello announced may be older than the first reply of the cluster.
  const atomic = useCore((core) => core.cluster.noAtomicMigration === undefined)
  const what = state.lift?.what
  // A selection goes by slots alone: figures of a thousand shards that change every second must not make a thousand ghosts anew.
  const { ground } = owners
  const owned = useMemo(() => Object.fromEntries(ground.map((shard) => [shard.key, { ...shard, keys: 0 }])), [ground])
  const ghostShards = what?.kind === 'exact' ? owned : shards
  const rankedShards = balance === 'slots' ? ghostShards : shards
  const ghostNodes = useSameHealth(nodes)
  const frozen = useRef(noGhosts)
  const ghosts = useMemo(() => {
    if (!what) return noGhosts
    const core = store.topic('core')?.state
    if (!core || !live) return frozen.current
    return ghostsOf({ ...core, shards: ghostShards, nodes: ghostNodes, jobs }, what, sums, balance, atomic)
  }, [what, store, ghostShards, ghostNodes, jobs, sums, balance, atomic, live])
  frozen.current = ghosts

  const over = state.lift?.over ?? null
  const lifted = useMemo(() => {
    if (!what) return []
    if (what.kind === 'exact') return what.slots
    const ghost = over === null ? undefined : ghosts.get(over)
    return ghost?.legal ? ghost.moving : []
  }, [what, over, ghosts])

  const drop = useCallback(
    (shard: string) => {
      const ghost = ghosts.get(shard)
      dispatch({ type: 'put-down' })
      if (!ghost?.legal) {
        announce(ghost ? `Not possible: ${ghostWords(ghost)}. Nothing was sent.` : 'Put down. Nothing was sent.')
        return
      }
      // A drop that is of no use says why, since nothing else on screen answers it.
      if (unchangeable !== null) dispatch({ type: 'note', text: unchangeable })
      if (!mayPlan) return
      if (ghost.gives) {
        announce(`Planning to give ${plural(ghost.slotCount, 'slot')} to shard ${labelOf(shard, shards)}`)
        return give({ slots: ghost.moving, shard })
      }
      setGift(null)
      announce(`Planning the move to shard ${labelOf(shard, shards)}`)
      if (what?.kind === 'even') desk.propose({ slots: ghost.slots, targetShard: shard }, what.pool, what.end)
      else desk.propose({ slots: ghost.slots, targetShard: shard })
    },
    [ghosts, desk, give, what, shards, announce, mayPlan, unchangeable]
  )

  const stage = useMemo<Stage>(
    () => ({
      shards,
      nodes,
      names,
      nodeCount,
      jobs,
      owners,
      sums,
      keys,
      figure,
      setFigure,
      balance,
      dispatch,
      desk,
      finder,
      gift,
      give,
      live: mayPlan
    }),
    [shards, nodes, names, nodeCount, jobs, owners, sums, keys, figure, setFigure, balance, desk, finder, gift, give, mayPlan]
  )
  const hand = useMemo<Hand>(() => ({ state, ghosts, rankedShards, lifted, drop }), [state, ghosts, rankedShards, lifted, drop])
  return { stage, hand }
}

/** A value that changes all the time, renewed only each `ms`; 0: at once. It is looked at whenever the room is drawn. */
function useHeld<T>(value: T, ms: number): T {
  const held = useRef({ value, atMs: 0 })
  const nowMs = performance.now()
  if (held.current.value !== value && nowMs - held.current.atMs >= ms) held.current = { value, atMs: nowMs }
  return held.current.value
}

/** The nodes as they were when one of them last came, went, or changed its health. */
function useSameHealth(nodes: CoreState['nodes']): CoreState['nodes'] {
  const last = useRef(nodes)
  // A hand that moves draws many times between two changes of a thousand nodes: they are gone through once for each change.
  const seen = useRef(nodes)
  if (seen.current !== nodes) {
    seen.current = nodes
    const ids = Object.keys(nodes)
    const same = (id: string) => nodes[id]!.health === last.current[id]?.health && nodes[id]!.name === last.current[id].name
    if (ids.length !== Object.keys(last.current).length || !ids.every(same)) last.current = nodes
  }
  return last.current
}

/** Who owns what. Figures change every second and owners seldom do: what is drawn of them keeps its identity. */
function useOwners(shards: CoreState['shards']): Owners {
  const last = useRef<Owners | null>(null)
  return useMemo(() => {
    last.current = readOwners(shards, last.current)
    return last.current
  }, [shards])
}
