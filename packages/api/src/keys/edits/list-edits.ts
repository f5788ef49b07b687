import { randomBytes } from 'node:crypto'
import type { KeyEdits } from '@slotscope/observer/stream'
import { type EditPlan, sameBytes, shown, shownBytes } from '../compare-and-set.ts'
import { numberOf } from '../replies.ts'
import { decoded, keyOf } from './edit-bytes.ts'

export function listSet(edit: KeyEdits['list-set']): EditPlan {
  return {
    ...elementAt(edit),
    effects: () => [['LSET', keyOf(edit).key, String(edit.index), decoded(edit.value)]]
  }
}

/** There is no command for it: the element becomes a mark that no other has, and the mark is removed, in one transaction. */
export function listRemove(edit: KeyEdits['list-remove']): EditPlan {
  const { key } = keyOf(edit)
  const mark = `slotscope-removed-${randomBytes(16).toString('hex')}`
  return {
    ...elementAt(edit),
    effects: () => [
      ['LSET', key, String(edit.index), mark],
      ['LREM', key, edit.index < 0 ? '-1' : '1', mark]
    ]
  }
}

export function listPush(edit: KeyEdits['list-push']): EditPlan {
  const { key, database } = keyOf(edit)
  const command = edit.side === 'left' ? 'LPUSH' : 'RPUSH'
  // LPUSH a b c leaves c first; what is pushed here keeps its order.
  const values = edit.side === 'left' ? edit.values.toReversed() : edit.values
  return { key, database, type: 'list', reads: [], conflict: () => undefined, effects: () => [[command, key, ...values.map(decoded)]] }
}

export function listRemoveValue(edit: KeyEdits['list-remove-value']): EditPlan {
  const { key, database } = keyOf(edit)
  const value = decoded(edit.value)
  return {
    key,
    database,
    type: 'list',
    reads: [],
    conflict: () => undefined,
    effects: () => [['LREM', key, String(edit.count), value]],
    outcome: ([removed]) => (numberOf(removed) === 0 ? { expected: shownBytes(value), current: null } : undefined)
  }
}

function elementAt(edit: KeyEdits['list-set'] | KeyEdits['list-remove']): Omit<EditPlan, 'effects'> {
  const { key, database } = keyOf(edit)
  const expected = decoded(edit.expected)
  return {
    key,
    database,
    type: 'list',
    reads: [['LINDEX', key, String(edit.index)]],
    conflict: ([now]) => (sameBytes(now, expected) ? undefined : { expected: shownBytes(expected), current: shown(now) })
  }
}
