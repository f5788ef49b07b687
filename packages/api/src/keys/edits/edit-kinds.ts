import type { KeyEditKind, KeyEdits } from '@slotscope/observer/stream'
import { ApiFailure } from '../../errors.ts'
import type { EditPlan } from '../compare-and-set.ts'
import { hashDeadlines, hashDelete, hashSet } from './hash-edits.ts'
import { copyKey, createKey, deleteKey, expireKey, importKey, renameKey } from './key-edits.ts'
import { listPush, listRemove, listRemoveValue, listSet } from './list-edits.ts'
import { setAdd, setRemove, setReplace, zsetRemove, zsetSet } from './set-edits.ts'
import { streamAdd, streamDelete } from './stream-edits.ts'
import { consumerDelete, groupCreate, groupDestroy, groupStart, streamAck } from './stream-group-edits.ts'
import { stringRange, stringSet } from './string-edits.ts'

/** From a request to what is read, compared and sent. */
const plans: { readonly [Kind in KeyEditKind]: (edit: KeyEdits[Kind]) => EditPlan } = {
  'string-set': stringSet,
  'string-range': stringRange,
  'hash-set': hashSet,
  'hash-delete': hashDelete,
  'hash-deadlines': hashDeadlines,
  'list-set': listSet,
  'list-push': listPush,
  'list-remove': listRemove,
  'list-remove-value': listRemoveValue,
  'set-add': setAdd,
  'set-remove': setRemove,
  'set-replace': setReplace,
  'zset-set': zsetSet,
  'zset-remove': zsetRemove,
  'stream-add': streamAdd,
  'stream-delete': streamDelete,
  'stream-ack': streamAck,
  'stream-group-create': groupCreate,
  'stream-group-start': groupStart,
  'stream-group-destroy': groupDestroy,
  'stream-consumer-delete': consumerDelete,
  create: createKey,
  delete: deleteKey,
  expiry: expireKey,
  rename: renameKey,
  copy: copyKey,
  import: importKey
}

/** The plan of an edit. Throws `BAD_REQUEST` for a deadline that has passed, since that would delete what it is about. */
export function planOf<Kind extends KeyEditKind>(kind: Kind, edit: KeyEdits[Kind], nowMs: number): EditPlan {
  for (const deadlineMs of deadlinesIn(edit))
    if (deadlineMs <= nowMs)
      throw new ApiFailure('BAD_REQUEST', 'a deadline in the past would delete this; deleting is an action of its own')
  return plans[kind](edit)
}

function deadlinesIn(edit: KeyEdits[KeyEditKind]): number[] {
  const ofKey = 'deadlineMs' in edit ? [edit.deadlineMs] : []
  const ofFields = 'value' in edit && typeof edit.value === 'object' && edit.value.type === 'hash' ? edit.value.items : []
  return [...ofKey, ...ofFields.map(({ deadlineMs }) => deadlineMs)].filter((deadlineMs) => deadlineMs !== null)
}
