import type { KeyEdits } from '@slotscope/observer/stream'
import type { EditPlan } from '../compare-and-set.ts'
import { listOf } from '../replies.ts'
import { decoded, keyOf } from './edit-bytes.ts'

export function streamAdd(edit: KeyEdits['stream-add']): EditPlan {
  const { key, database } = keyOf(edit)
  const fields = edit.fields.flatMap(([field, value]) => [decoded(field), decoded(value)])
  return {
    key,
    database,
    type: 'stream',
    reads: [],
    conflict: () => undefined,
    effects: () => [['XADD', key, edit.id, ...fields]]
  }
}

/** Entries never change: one that was seen is there as it was, or it is gone. */
export function streamDelete(edit: KeyEdits['stream-delete']): EditPlan {
  const { key, database } = keyOf(edit)
  return {
    key,
    database,
    type: 'stream',
    reads: edit.ids.map((id) => ['XRANGE', key, id, id]),
    conflict: (seen) => {
      const gone = edit.ids.filter((_, index) => listOf(seen[index]).length === 0)
      return gone.length === 0 ? undefined : { expected: gone, current: null }
    },
    effects: () => [['XDEL', key, ...edit.ids]]
  }
}
