import type { KeyEdits } from '@slotscope/observer/stream'
import { ApiFailure } from '../../errors.ts'
import { type EditPlan, MOST_SHOWN_BYTES, sameBytes, shown, shownBytes } from '../compare-and-set.ts'
import { bytesOf, numberOf } from '../replies.ts'
import { decoded, keyOf } from './edit-bytes.ts'

/** A value up to this size is read and written as a whole. */
export const MOST_WHOLE_BYTES = 4 * 1024 * 1024

export function stringSet(edit: KeyEdits['string-set']): EditPlan {
  const { key, database } = keyOf(edit)
  const expected = decoded(edit.expected)
  return {
    key,
    database,
    type: 'string',
    // One byte more than was seen tells a longer value without reading all of it; a short one is read as far as it may be shown.
    reads: [['GETRANGE', key, '0', String(Math.max(expected.length, MOST_SHOWN_BYTES - 1))]],
    conflict: ([now]) => (sameBytes(now, expected) ? undefined : { expected: shownBytes(expected), current: shown(now) }),
    effects: () => [['SET', key, decoded(edit.value), 'KEEPTTL']]
  }
}

/** In place with SETRANGE where the length stays or the value only grows at its end; otherwise the whole value is written anew. */
export function stringRange(edit: KeyEdits['string-range']): EditPlan {
  const { key, database } = keyOf(edit)
  const expected = decoded(edit.expected)
  const value = decoded(edit.value)
  const end = edit.offset + expected.length
  const sameLength = expected.length === value.length
  return {
    key,
    database,
    type: 'string',
    reads: [
      ['GETRANGE', key, String(edit.offset), String(Math.max(edit.offset, end - 1))],
      ['STRLEN', key],
      ...(sameLength ? [] : [['GETRANGE', key, '0', String(MOST_WHOLE_BYTES - 1)]])
    ],
    conflict: ([range, length]) => {
      const now = expected.length === 0 ? new Uint8Array() : bytesOf(range)
      const fits = edit.offset <= (numberOf(length) ?? 0) && Buffer.compare(now, expected) === 0
      return fits ? undefined : { expected: shownBytes(expected), current: shown(now) }
    },
    effects: ([, lengthReply, whole]) => {
      const length = numberOf(lengthReply) ?? 0
      if (sameLength || (end === length && value.length > expected.length)) return [['SETRANGE', key, String(edit.offset), value]]
      if (length > MOST_WHOLE_BYTES)
        throw new ApiFailure(
          'BAD_REQUEST',
          `a part of another length means writing the whole value anew, and this one has ${length} bytes: at most ${MOST_WHOLE_BYTES / 1024 / 1024} MiB; replace it by as many bytes as there were`
        )
      const before = bytesOf(whole)
      return [['SET', key, Buffer.concat([before.subarray(0, edit.offset), value, before.subarray(end)]), 'KEEPTTL']]
    }
  }
}
