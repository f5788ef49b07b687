import type { Command, Reply } from '@slotscope/observer'
import type { ChangedDetails, KeyEdits, NewValue } from '@slotscope/observer/stream'
import { ApiFailure } from '../../errors.ts'
import type { EditPlan } from '../compare-and-set.ts'
import { keySlot } from '../key-slot.ts'
import { numberOf, sizeCommand } from '../replies.ts'
import { decoded, keyOf } from './edit-bytes.ts'
import { scoreText } from './set-edits.ts'

export function createKey(edit: KeyEdits['create']): EditPlan {
  const { key, database } = keyOf(edit)
  const expires: Command[] = edit.deadlineMs === null ? [] : [['PEXPIREAT', key, String(edit.deadlineMs)]]
  return {
    key,
    database,
    type: 'none',
    makes: edit.value.type,
    reads: [],
    conflict: () => undefined,
    effects: () => [...making(key, edit.value), ...expires]
  }
}

/** What makes a value of a key that is not there. */
export function making(key: Uint8Array, value: NewValue): Command[] {
  switch (value.type) {
    case 'string':
      return [['SET', key, decoded(value.value)]]
    case 'list':
      return [['RPUSH', key, ...value.items.map(decoded)]]
    case 'set':
      return [['SADD', key, ...value.items.map(decoded)]]
    case 'zset':
      return [['ZADD', key, ...value.items.flatMap(({ member, score }) => [scoreText(score), decoded(member)])]]
    case 'hash':
      return [
        ['HSET', key, ...value.items.flatMap((item) => [decoded(item.field), decoded(item.value)])],
        ...value.items.flatMap(({ field, deadlineMs }): Command[] =>
          deadlineMs === null ? [] : [['HPEXPIREAT', key, String(deadlineMs), 'FIELDS', '1', decoded(field)]]
        )
      ]
    case 'stream':
      return [['XADD', key, '*', ...value.fields.flatMap(([field, item]) => [decoded(field), decoded(item)])]]
  }
}

/** UNLINK frees the memory aside: a large value does not hold the node up. */
export function deleteKey(edit: KeyEdits['delete']): EditPlan {
  const { key, database } = keyOf(edit)
  const measure = edit.expected.size === null ? undefined : sizeCommand(edit.expected.type, key)
  return {
    key,
    database,
    type: edit.expected.type,
    reads: measure ? [measure] : [],
    conflict: ([size]) =>
      measure === undefined || numberOf(size) === edit.expected.size
        ? undefined
        : { expected: edit.expected, current: { type: edit.expected.type, size: numberOf(size) } },
    effects: () => [['UNLINK', key]]
  }
}

export function expireKey(edit: KeyEdits['expiry']): EditPlan {
  const { key, database } = keyOf(edit)
  return {
    key,
    database,
    type: null,
    reads: [['PEXPIRETIME', key]],
    conflict: ([reply]) => {
      const deadlineMs = numberOf(reply)
      if (deadlineMs === -2) return { expected: { deadlineMs: edit.expectedMs }, current: null }
      const currentMs = deadlineMs === -1 ? null : deadlineMs
      return currentMs === edit.expectedMs ? undefined : { expected: { deadlineMs: edit.expectedMs }, current: { deadlineMs: currentMs } }
    },
    effects: () => [edit.deadlineMs === null ? ['PERSIST', key] : ['PEXPIREAT', key, String(edit.deadlineMs)]]
  }
}

/** RENAMENX, which keeps the expiry. Throws `BAD_REQUEST` for a name in another slot: no command changes two slots at once. */
export function renameKey(edit: KeyEdits['rename']): EditPlan {
  const { key, database } = keyOf(edit)
  const to = decoded(edit.to)
  const [slot, target] = [keySlot(key), keySlot(to)]
  if (slot !== target)
    throw new ApiFailure(
      'BAD_REQUEST',
      `a rename stays within one slot: this name is in slot ${slot}, the new one in ${target}. Nothing moves both at once: create the new key, compare, then delete this one; or give both the same {tag}`
    )
  return {
    key,
    database,
    type: edit.expected.type,
    after: to,
    reads: [],
    conflict: () => undefined,
    effects: () => [['RENAMENX', key, to]],
    outcome: ([done]) => (numberOf(done) === 1 ? undefined : taken())
  }
}

/**
 * COPY or MOVE to another database: the slot is the same there, so it stays on this shard. Field deadlines and the expiry go along.
 * Nothing replaces and moves at once: in a transaction whose first command fails the second would still take the original away.
 */
export function copyKey(edit: KeyEdits['copy']): EditPlan {
  const { key, database } = keyOf(edit)
  if (edit.toDatabase === database) throw new ApiFailure('BAD_REQUEST', 'it is in this database already')
  if (edit.move && edit.replace)
    throw new ApiFailure('BAD_REQUEST', 'a move never replaces what is there: copy with replace, look at the copy, then delete this one')
  const to = String(edit.toDatabase)
  return {
    key,
    database,
    type: edit.expected.type,
    reads: [],
    conflict: () => undefined,
    effects: () => [edit.move ? ['MOVE', key, to] : ['COPY', key, key, 'DB', to, ...(edit.replace ? ['REPLACE'] : [])]],
    outcome: (replies: readonly Reply[]) => (numberOf(replies[0]) === 1 ? undefined : taken())
  }
}

export function importKey(edit: KeyEdits['import']): EditPlan {
  const { key, database } = keyOf(edit)
  const replace = edit.expected === null ? [] : ['REPLACE']
  return {
    key,
    database,
    type: edit.expected === null ? 'none' : edit.expected.type,
    reads: [],
    conflict: () => undefined,
    effects: () => [['RESTORE', key, String(edit.deadlineMs ?? 0), decoded(edit.dump), ...replace, 'ABSTTL']]
  }
}

function taken(): ChangedDetails {
  return { expected: null, current: { exists: true } }
}
