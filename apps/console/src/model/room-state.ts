import { countSlots, normalise, type SlotRange } from '@slotscope/observer/stream'
import { plural } from './format.ts'
import type { Lift } from './ghost.ts'
import { between, subtract, union, withoutChanged } from './selection.ts'

/** What the hand does in the slot room. State of the cluster is not in here. */
export type RoomState = {
  readonly selection: readonly SlotRange[]
  /** Where the keyboard stands on the map. */
  readonly cursor: number
  /** Where an extension with Shift begins. */
  readonly anchor: number
  /** What was selected when the anchor was set, so that a stretch with Ctrl adds to it. */
  readonly base: readonly SlotRange[]
  readonly lift: Lifted | null
  readonly tray: boolean
  readonly typing: boolean
  /** One line about what happened to the selection without the person's doing. */
  readonly note: string | null
}

/** `by` decides how it is put down: a pointer drops on a lane, keys and touch choose in the tray. */
export type Lifted = { readonly what: Lift; readonly by: 'pointer' | 'keys'; readonly over: string | null }

export type RoomAction =
  | { readonly type: 'select'; readonly selection: readonly SlotRange[]; readonly cursor?: number; readonly anchor?: number }
  | { readonly type: 'move-cursor'; readonly slot: number; readonly extend: boolean }
  | { readonly type: 'toggle' }
  | { readonly type: 'lift'; readonly what: Lift; readonly by: Lifted['by'] }
  | { readonly type: 'over'; readonly shard: string | null }
  | { readonly type: 'put-down' }
  | { readonly type: 'open-tray' }
  | { readonly type: 'type-ranges'; readonly open: boolean }
  | { readonly type: 'owners-changed'; readonly before: Int16Array; readonly after: Int16Array }
  | { readonly type: 'note'; readonly text: string | null }

export function startRoom(selection: readonly SlotRange[]): RoomState {
  const ranges = normalise(selection)
  const cursor = ranges[0]?.[0] ?? 0
  return { selection: ranges, cursor, anchor: cursor, base: [], lift: null, tray: false, typing: false, note: null }
}

export function reduceRoom(state: RoomState, action: RoomAction): RoomState {
  switch (action.type) {
    case 'select': {
      const selection = normalise(action.selection)
      const cursor = action.cursor ?? selection[0]?.[0] ?? state.cursor
      return { ...state, selection, cursor, anchor: action.anchor ?? cursor, base: [], note: null }
    }
    case 'move-cursor':
      if (!action.extend) return { ...state, cursor: action.slot, anchor: action.slot, base: state.selection }
      return { ...state, cursor: action.slot, selection: union(extensionBase(state), [between(state.anchor, action.slot)]), note: null }
    case 'toggle': {
      const one: SlotRange[] = [[state.cursor, state.cursor]]
      const has = countSlots(subtract(one, state.selection)) === 0
      const selection = has ? subtract(state.selection, one) : union(state.selection, one)
      return { ...state, selection, anchor: state.cursor, base: selection, note: null }
    }
    case 'lift':
      return { ...state, lift: { what: action.what, by: action.by, over: null }, note: null }
    case 'over':
      return state.lift && state.lift.over !== action.shard ? { ...state, lift: { ...state.lift, over: action.shard } } : state
    case 'put-down':
      return state.lift || state.tray ? { ...state, lift: null, tray: false } : state
    case 'open-tray':
      if (state.selection.length === 0) return state
      return { ...state, tray: true, typing: false, lift: { what: { kind: 'exact', slots: state.selection }, by: 'keys', over: null } }
    case 'type-ranges':
      return state.typing === action.open ? state : { ...state, typing: action.open }
    case 'owners-changed':
      return afterOwnersChanged(state, action.before, action.after)
    case 'note':
      return { ...state, note: action.text }
  }
}

/** A stretch with Shift replaces the stretch before it, not what was selected apart from it. */
function extensionBase(state: RoomState): readonly SlotRange[] {
  return subtract(state.base, [between(state.anchor, state.cursor)])
}

function afterOwnersChanged(state: RoomState, before: Int16Array, after: Int16Array): RoomState {
  const changed = withoutChanged(state.selection, before, after)
  const lifted = state.lift?.what
  let { lift, tray, note } = state
  if (lift && lifted) {
    const slots = lifted.kind === 'exact' ? lifted.slots : lifted.pool
    const less = withoutChanged(slots, before, after)
    if (less && less.selection.length === 0) {
      lift = null
      tray = false
      note = 'What you had lifted has changed owner, so it was put down'
    } else if (less)
      lift = { ...lift, what: lifted.kind === 'exact' ? { ...lifted, slots: less.selection } : { ...lifted, pool: less.selection } }
  }
  if (!changed) return lift === state.lift ? state : { ...state, lift, tray, note }
  return {
    ...state,
    selection: changed.selection,
    base: [],
    lift,
    tray,
    note: note ?? `${plural(changed.left, 'slot')} changed owner and left the selection`
  }
}
