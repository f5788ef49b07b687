/** A deadline; null: the field does not expire. Milliseconds of the cluster's wall clock. */
export type Deadline = number | null

/**
 * A change that a person made by hand and has not sent, or that was sent and is not yet seen in the stream. `field` is the name as the
 * stream writes it (base64).
 */
export type StagedEdit = {
  readonly field: string
  /** The deadline that the person saw: sent along, so that nobody's change is overwritten unseen. */
  readonly fromMs: Deadline
  readonly toMs: Deadline
  readonly status:
    | { readonly kind: 'staged' }
    | { readonly kind: 'sending' }
    /** The server has answered at this time (the api's clock); the stream will show it. */
    | { readonly kind: 'sent'; readonly atMs: number }
    /** Somebody else changed it meanwhile: this is what it is now. */
    | { readonly kind: 'conflict'; readonly currentMs: Deadline }
    | { readonly kind: 'refused'; readonly words: string }
}

/** A change that the cluster has taken. */
export type AppliedEdit = {
  readonly field: string
  readonly fromMs: Deadline
  readonly toMs: Deadline
  readonly command: readonly string[]
  readonly node: string
  readonly reply: number
  readonly undone: boolean
}

export type StagedState = { readonly staged: ReadonlyMap<string, StagedEdit>; readonly applied: readonly AppliedEdit[] }

export type StagedAction =
  | { readonly type: 'stage'; readonly field: string; readonly fromMs: Deadline; readonly toMs: Deadline }
  | { readonly type: 'discard'; readonly field: string }
  | { readonly type: 'discard-all' }
  | { readonly type: 'sending'; readonly field: string }
  | { readonly type: 'taken'; readonly edit: AppliedEdit; readonly atMs: number; readonly undoes: AppliedEdit | null }
  | { readonly type: 'conflict'; readonly field: string; readonly currentMs: Deadline }
  | { readonly type: 'refused'; readonly field: string; readonly words: string }
  /** Their change was seen: mine shall be set all the same. */
  | { readonly type: 'insist'; readonly field: string }
  | { readonly type: 'seen'; readonly deadlineOf: (field: string) => Deadline | undefined; readonly atMs: number }

export const nothingStaged: StagedState = { staged: new Map(), applied: [] }

/** How many taken changes are remembered for Undo. */
const MOST_APPLIED = 20
/** A change that the stream does not show by then was changed again, or its field is gone. */
const SHOWN_AFTER_MS = 3_000

export function stage(state: StagedState, action: StagedAction): StagedState {
  switch (action.type) {
    case 'stage': {
      const held = state.staged.get(action.field)
      if (held?.status.kind === 'sending') return state
      // The server has said what it is now, though the stream does not show it yet.
      const wasSent = held?.status.kind === 'sent'
      const fromMs = wasSent ? held.toMs : action.fromMs
      // Back where it was: nothing is left to send.
      if (action.toMs === fromMs) return wasSent ? state : without(state, action.field)
      return withEdit(state, { field: action.field, fromMs, toMs: action.toMs, status: { kind: 'staged' } })
    }
    case 'discard':
      return without(state, action.field)
    case 'discard-all':
      return {
        ...state,
        staged: new Map([...state.staged].filter(([, { status }]) => status.kind === 'sending' || status.kind === 'sent'))
      }
    case 'sending':
      return change(state, action.field, (edit) => ({ ...edit, status: { kind: 'sending' } }))
    case 'taken': {
      const { edit } = action
      const applied = [edit, ...state.applied.map((one) => (one === action.undoes ? { ...one, undone: true } : one))].slice(0, MOST_APPLIED)
      const sent: StagedEdit = { field: edit.field, fromMs: edit.fromMs, toMs: edit.toMs, status: { kind: 'sent', atMs: action.atMs } }
      return { ...withEdit(state, sent), applied }
    }
    case 'conflict':
      return change(state, action.field, (edit) => ({ ...edit, status: { kind: 'conflict', currentMs: action.currentMs } }))
    case 'refused':
      return change(state, action.field, (edit) => ({ ...edit, status: { kind: 'refused', words: action.words } }))
    case 'insist':
      return change(state, action.field, (edit) =>
        edit.status.kind === 'conflict' ? { ...edit, fromMs: edit.status.currentMs, status: { kind: 'staged' } } : edit
      )
    case 'seen': {
      const staged = [...state.staged].filter(([field, edit]) => {
        if (edit.status.kind !== 'sent') return true
        return action.deadlineOf(field) !== edit.toMs && action.atMs < edit.status.atMs + SHOWN_AFTER_MS
      })
      return staged.length === state.staged.size ? state : { ...state, staged: new Map(staged) }
    }
  }
}

/** Changes that Apply would send now, in the order in which they were made. */
export function readyEdits(state: StagedState): readonly StagedEdit[] {
  return [...state.staged.values()].filter(({ status }) => status.kind === 'staged' || status.kind === 'refused')
}

/**
 * The command that a change leads to, as it will be sent: the same as the api's. NX stands where no deadline was seen, so that one set
 * meanwhile is not overwritten.
 */
export function expiryCommand(key: string, field: string, fromMs: Deadline, toMs: Deadline): string {
  if (toMs === null) return `HPERSIST ${quoted(key)} FIELDS 1 ${quoted(field)}`
  return `HPEXPIREAT ${quoted(key)} ${toMs} ${fromMs === null ? 'NX ' : ''}FIELDS 1 ${quoted(field)}`
}

/** An argument as valkey-cli takes it; names are readable already, so that escapes stand for bytes only inside double quotes. */
function quoted(name: string): string {
  return /^[\w:.@{}()[\]/+*=,;!?%^&|<>~-]+$/.test(name) ? name : `"${name.replaceAll('"', '\\"')}"`
}

function withEdit(state: StagedState, edit: StagedEdit): StagedState {
  return { ...state, staged: new Map(state.staged).set(edit.field, edit) }
}

function without(state: StagedState, field: string): StagedState {
  if (!state.staged.has(field)) return state
  const staged = new Map(state.staged)
  staged.delete(field)
  return { ...state, staged }
}

function change(state: StagedState, field: string, turn: (edit: StagedEdit) => StagedEdit): StagedState {
  const edit = state.staged.get(field)
  return edit ? withEdit(state, turn(edit)) : state
}
