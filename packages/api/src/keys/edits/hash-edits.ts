import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { KeyEdits } from '@slotscope/observer/stream'
import { type EditPlan, sameBytes, shown, shownBytes } from '../compare-and-set.ts'
import { listOf, numberOf } from '../replies.ts'
import { decoded, keyOf } from './edit-bytes.ts'

/**
 * Sets a field and keeps its deadline: HSETEX KEEPTTL, since HSET takes the deadline away. A server that knows deadlines of fields but
 * no HSETEX gets the same deadline again in the same transaction; one that knows neither has nothing to keep.
 */
export function hashSet(edit: KeyEdits['hash-set']): EditPlan {
  const { key, database } = keyOf(edit)
  const field = decoded(edit.field)
  const value = decoded(edit.value)
  const expected = edit.expected === null ? null : decoded(edit.expected)
  const plain: Command = ['HSET', key, field, value]
  return {
    key,
    database,
    type: 'hash',
    reads: [
      ['HGET', key, field],
      ['HPEXPIRETIME', key, 'FIELDS', '1', field]
    ],
    conflict: ([now]) => {
      const fits = expected === null ? now === null : sameBytes(now, expected)
      return fits ? undefined : { expected: expected === null ? null : shownBytes(expected), current: shown(now) }
    },
    effects: ([, deadline]) => (isUnknown(deadline) ? [plain] : [['HSETEX', key, 'KEEPTTL', 'FIELDS', '1', field, value]]),
    otherwise: ([, deadline]) => {
      const deadlineMs = deadlineOf(deadline, 0)
      const again: Command[] = deadlineMs === null ? [] : [['HPEXPIREAT', key, String(deadlineMs), 'FIELDS', '1', field]]
      return {
        effects: [plain, ...again],
        warning: 'this server has no HSETEX: HSET takes the deadline of a field away, so it was set again in the same transaction'
      }
    }
  }
}

export function hashDelete(edit: KeyEdits['hash-delete']): EditPlan {
  const { key, database } = keyOf(edit)
  const fields = edit.fields.map(({ field }) => decoded(field))
  return {
    key,
    database,
    type: 'hash',
    reads: [['HMGET', key, ...fields]],
    conflict: ([reply]) => {
      const now = listOf(reply)
      const other = edit.fields.filter(({ expected }, index) => !sameBytes(now[index], decoded(expected)))
      if (other.length === 0) return undefined
      const current = other.map((one) => ({ field: one.field, value: shown(now[edit.fields.indexOf(one)]) }))
      return { expected: other.map(({ field, expected }) => ({ field, value: shownBytes(decoded(expected)) })), current }
    },
    effects: () => [['HDEL', key, ...fields]]
  }
}

export function hashDeadlines(edit: KeyEdits['hash-deadlines']): EditPlan {
  const { key, database } = keyOf(edit)
  const fields = edit.fields.map(({ field }) => decoded(field))
  const tail = ['FIELDS', String(fields.length), ...fields]
  return {
    key,
    database,
    type: 'hash',
    reads: [['HPEXPIRETIME', key, ...tail]],
    conflict: ([reply]) => {
      const other = edit.fields.flatMap(({ field, expectedMs }, index) => {
        const isThere = numberOf(listOf(reply)[index]) !== -2
        const deadlineMs = deadlineOf(reply, index)
        return isThere && deadlineMs === expectedMs ? [] : [{ field, expectedMs, deadlineMs, exists: isThere }]
      })
      if (other.length === 0) return undefined
      return {
        expected: other.map(({ field, expectedMs }) => ({ field, deadlineMs: expectedMs })),
        current: other.map(({ field, deadlineMs, exists }) => ({ field, deadlineMs, exists }))
      }
    },
    effects: () => [edit.deadlineMs === null ? ['HPERSIST', key, ...tail] : ['HPEXPIREAT', key, String(edit.deadlineMs), ...tail]]
  }
}

function deadlineOf(reply: Reply | undefined, index: number): number | null {
  const deadlineMs = numberOf(listOf(reply)[index])
  return deadlineMs === null || deadlineMs < 0 ? null : deadlineMs
}

function isUnknown(reply: Reply | undefined): boolean {
  return reply instanceof ErrorReply && /unknown command/i.test(reply.message)
}
