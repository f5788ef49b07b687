import type { FieldExpiryAnswer, HashState } from '@slotscope/observer/stream'
import { useCallback, useEffect, useReducer, useRef } from 'react'
import { ApiFailure, post, wordsOf } from '../../api/client.ts'
import {
  type AppliedEdit,
  type Deadline,
  nothingStaged,
  readyEdits,
  type StagedEdit,
  type StagedState,
  stage
} from '../../model/staged-expiry.ts'
import { asBase64Url, readableName } from '../../model/typed-bytes.ts'
import { useCluster } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'

export type ExpiryEdits = {
  readonly state: StagedState
  readonly stage: (field: string, fromMs: Deadline, toMs: Deadline) => void
  readonly discard: (field: string) => void
  readonly discardAll: () => void
  readonly insist: (field: string) => void
  /** Sends everything that is staged, one after the other, in the order in which it was made. */
  readonly apply: () => void
  readonly undo: (edit: AppliedEdit) => void
}

/** Staged and taken changes of one hash. The bars move only when the stream says so; this holds what was asked for. */
export function useExpiryEdits(hash: HashState | null): ExpiryEdits {
  const { id, store } = useCluster()
  const announce = useAnnounce()
  const [state, dispatch] = useReducer(stage, nothingStaged)
  const busy = useRef(false)

  useEffect(() => {
    if (!hash) return
    dispatch({ type: 'seen', atMs: hash.atMs, deadlineOf: (field) => hash.fields[field]?.deadlineMs })
  }, [hash])

  const send = useCallback(
    async (edit: Pick<StagedEdit, 'field' | 'fromMs' | 'toMs'>, target: { database: number; key: string }, undoes: AppliedEdit | null) => {
      const name = readableName(edit.field)
      dispatch({ type: 'sending', field: edit.field })
      try {
        const answer = await post<FieldExpiryAnswer>(`/api/clusters/${encodeURIComponent(id)}/hash/expiry`, {
          database: target.database,
          key: target.key,
          field: asBase64Url(edit.field),
          expectedMs: edit.fromMs,
          deadlineMs: edit.toMs
        })
        const { field, fromMs, toMs } = edit
        dispatch({
          type: 'taken',
          edit: { field, fromMs, toMs, command: answer.command, node: answer.node, reply: answer.reply, undone: undoes !== null },
          undoes,
          atMs: store.clock.now()
        })
        announce(undoes ? `${name}: the old deadline is back` : `${name}: changed`)
      } catch (error) {
        const current = currentOf(error)
        if (current) {
          dispatch({ type: 'conflict', field: edit.field, currentMs: current.currentMs })
          announce(`${name} was changed meanwhile: both deadlines are shown`, true)
        } else {
          dispatch({ type: 'refused', field: edit.field, words: wordsOf(error) })
          announce(`${name}: ${wordsOf(error)}`, true)
        }
      }
    },
    [id, store, announce]
  )

  const apply = async () => {
    if (!hash || busy.current) return
    busy.current = true
    try {
      for (const edit of readyEdits(state)) await send(edit, hash, null)
    } finally {
      busy.current = false
    }
  }
  const undo = async (edit: AppliedEdit) => {
    if (!hash || busy.current) return
    busy.current = true
    try {
      const back = { field: edit.field, fromMs: edit.toMs, toMs: edit.fromMs }
      dispatch({ type: 'stage', ...back })
      await send(back, hash, edit)
    } finally {
      busy.current = false
    }
  }
  return {
    state,
    stage: (field, fromMs, toMs) => dispatch({ type: 'stage', field, fromMs, toMs }),
    discard: (field) => dispatch({ type: 'discard', field }),
    discardAll: () => dispatch({ type: 'discard-all' }),
    insist: (field) => dispatch({ type: 'insist', field }),
    apply: () => void apply(),
    undo: (edit) => void undo(edit)
  }
}

/** The deadline that the field has now, from a 409 that names both. */
function currentOf(error: unknown): { readonly currentMs: Deadline } | null {
  if (!(error instanceof ApiFailure) || error.code !== 'PLAN_STALE') return null
  const { details } = error
  if (typeof details !== 'object' || details === null || !('currentMs' in details)) return null
  const { currentMs } = details
  return typeof currentMs === 'number' || currentMs === null ? { currentMs } : null
}
