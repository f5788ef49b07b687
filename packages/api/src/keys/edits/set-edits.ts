import type { Reply } from '@slotscope/observer'
import type { ChangedDetails, KeyEdits } from '@slotscope/observer/stream'
import { ApiFailure } from '../../errors.ts'
import { type EditPlan, shownBytes } from '../compare-and-set.ts'
import { listOf, numberOf, textOf } from '../replies.ts'
import { decoded, keyOf } from './edit-bytes.ts'

export function setAdd(edit: KeyEdits['set-add']): EditPlan {
  const { key, database } = keyOf(edit)
  return { key, database, type: 'set', reads: [], conflict: () => undefined, effects: () => [['SADD', key, ...edit.members.map(decoded)]] }
}

export function setRemove(edit: KeyEdits['set-remove']): EditPlan {
  const { key, database } = keyOf(edit)
  const members = edit.members.map(decoded)
  return {
    key,
    database,
    type: 'set',
    reads: [['SMISMEMBER', key, ...members]],
    conflict: ([reply]) => missing(reply, members),
    effects: () => [['SREM', key, ...members]]
  }
}

/** One member becomes another. What it becomes must not be there yet: two members would become one. */
export function setReplace(edit: KeyEdits['set-replace']): EditPlan {
  const { key, database } = keyOf(edit)
  const expected = decoded(edit.expected)
  const value = decoded(edit.value)
  return {
    key,
    database,
    type: 'set',
    reads: [['SMISMEMBER', key, expected, value]],
    conflict: ([reply]) => {
      if (numberOf(listOf(reply)[0]) !== 1) return { expected: shownBytes(expected), current: null }
      return numberOf(listOf(reply)[1]) === 1 ? { expected: null, current: shownBytes(value) } : undefined
    },
    effects: () => [
      ['SREM', key, expected],
      ['SADD', key, value]
    ]
  }
}

export function zsetSet(edit: KeyEdits['zset-set']): EditPlan {
  const { key, database } = keyOf(edit)
  const member = decoded(edit.member)
  const score = scoreText(edit.score)
  return {
    key,
    database,
    type: 'zset',
    reads: [['ZSCORE', key, member]],
    conflict: ([now]) =>
      sameScore(now, edit.expected) ? undefined : { expected: edit.expected, current: now === null ? null : textOf(now) },
    effects: () => [['ZADD', key, score, member]]
  }
}

export function zsetRemove(edit: KeyEdits['zset-remove']): EditPlan {
  const { key, database } = keyOf(edit)
  const members = edit.members.map(({ member }) => decoded(member))
  return {
    key,
    database,
    type: 'zset',
    reads: [['ZMSCORE', key, ...members]],
    conflict: ([reply]) => {
      const now = listOf(reply)
      const other = edit.members.filter(({ expected }, index) => !sameScore(now[index] ?? null, expected))
      if (other.length === 0) return undefined
      return {
        expected: other.map(({ member, expected }) => ({ member, score: expected })),
        current: other.map((one) => {
          const score = now[edit.members.indexOf(one)] ?? null
          return { member: one.member, score: score === null ? null : textOf(score) }
        })
      }
    },
    effects: () => [['ZREM', key, ...members]]
  }
}

/** A score as ZADD takes it. Throws `BAD_REQUEST` for what is no number. */
export function scoreText(text: string): string {
  const plain = text.trim().toLowerCase()
  if (/^[+-]?inf(inity)?$/.test(plain)) return plain
  if (plain === '' || Number.isNaN(Number(plain)) || !/^[+-]?[\d.]/.test(plain) || /^[+-]?0x/.test(plain))
    throw new ApiFailure('BAD_REQUEST', `"${text.slice(0, 40)}" is not a score: a number, inf or -inf`)
  return plain
}

function sameScore(now: Reply | undefined, expected: string | null): boolean {
  if (expected === null || now === null || now === undefined) return expected === null && (now === null || now === undefined)
  return scoreNumber(textOf(now)) === scoreNumber(expected)
}

function scoreNumber(text: string): number {
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text.trim())
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number(text)
}

function missing(reply: Reply | undefined, members: readonly Buffer[]): ChangedDetails | undefined {
  const gone = members.filter((_, index) => numberOf(listOf(reply)[index]) !== 1)
  return gone.length === 0 ? undefined : { expected: gone.map(shownBytes), current: null }
}
