import type { Command } from '@slotscope/observer'
import type { FieldExpiryAnswer, FieldExpiryRequest } from '@slotscope/observer/stream'
import { type AskedCluster, askOwner, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { keySlot } from './key-slot.ts'
import { printable } from './printable.ts'
import { listOf, numberOf } from './replies.ts'

/** The command that changes the deadline as asked: HPEXPIREAT, or HPERSIST to take it away. */
export function fieldExpiryCommand(request: FieldExpiryRequest): Command {
  const key = Buffer.from(request.key, 'base64url')
  const field = Buffer.from(request.field, 'base64url')
  if (request.deadlineMs === null) return ['HPERSIST', key, 'FIELDS', '1', field]
  // NX closes the gap between reading and writing for a field that was seen without a deadline.
  const condition = request.expectedMs === null ? ['NX'] : []
  return ['HPEXPIREAT', key, String(request.deadlineMs), ...condition, 'FIELDS', '1', field]
}

/**
 * Changes the deadline of one hash field, if it still is the one that the person saw. Throws `PLAN_STALE` with both deadlines when it
 * is not, `NOT_FOUND` when there is no such field, `BAD_REQUEST` for a deadline that has passed, since that would delete the field.
 */
export async function changeFieldExpiry(cluster: AskedCluster, request: FieldExpiryRequest, nowMs: number): Promise<FieldExpiryAnswer> {
  if (request.deadlineMs !== null && request.deadlineMs <= nowMs)
    throw new ApiFailure('BAD_REQUEST', 'a deadline in the past would delete the field; deleting is an action of its own')
  const slot = keySlot(Buffer.from(request.key, 'base64url'))
  const select: Command = ['SELECT', String(request.database)]
  const currentMs = await currentDeadline(cluster, slot, select, request)
  if (currentMs !== request.expectedMs) throw stale(request, currentMs)
  const command = fieldExpiryCommand(request)
  const { node, replies } = await askOwner(cluster, slot, [select, command], 'edit')
  sound(replies[0], node)
  const reply = numberOf(listOf(sound(replies[1], node))[0])
  if (reply === -2) throw noField()
  if (reply === 0 && request.deadlineMs !== null) throw stale(request, await currentDeadline(cluster, slot, select, request))
  return { reply: reply ?? 0, command: printable(command), node }
}

async function currentDeadline(cluster: AskedCluster, slot: number, select: Command, request: FieldExpiryRequest): Promise<number | null> {
  const key = Buffer.from(request.key, 'base64url')
  const field = Buffer.from(request.field, 'base64url')
  const { node, replies } = await askOwner(cluster, slot, [select, ['HPEXPIRETIME', key, 'FIELDS', '1', field]], 'edit')
  sound(replies[0], node)
  const deadline = numberOf(listOf(sound(replies[1], node))[0])
  if (deadline === null || deadline === -2) throw noField()
  return deadline < 0 ? null : deadline
}

function stale(request: FieldExpiryRequest, currentMs: number | null): ApiFailure {
  return new ApiFailure('PLAN_STALE', 'the deadline of this field was changed meanwhile', {
    details: { expectedMs: request.expectedMs, currentMs }
  })
}

function noField(): ApiFailure {
  return new ApiFailure('NOT_FOUND', 'there is no such field: it was deleted, or it has expired')
}
