import { type Command, ErrorReply } from '@slotscope/observer'
import type { DumpAnswer, KeyPlace } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, askOwner, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { keySlot } from './key-slot.ts'
import { base64url, numberOf, textOf } from './replies.ts'

/** DUMP holds its node for as long as it serialises: some 10 ms for so much. */
const MOST_BYTES = 16 * 1024 * 1024

/** A key for a file. Throws `NOT_FOUND`, or `BAD_REQUEST` for a value whose DUMP would hold the node up. */
export async function dumpKey(cluster: AskedCluster, request: KeyPlace, nowMs: number): Promise<DumpAnswer> {
  const key = Buffer.from(request.key, 'base64url')
  const select: Command = ['SELECT', String(request.database)]
  const measured = await askOwner(cluster, keySlot(key), [select, ['TYPE', key], ['MEMORY', 'USAGE', key], ['INFO', 'server']], 'export')
  const { node } = measured
  const [selected, typeReply, usage, info] = measured.replies
  sound(selected, node)
  const type = textOf(sound(typeReply, node))
  if (type === 'none') throw new ApiFailure('NOT_FOUND', 'there is no such key')
  const bytes = numberOf(sound(usage, node)) ?? 0
  if (bytes > MOST_BYTES)
    throw new ApiFailure(
      'BAD_REQUEST',
      `this value takes ${Math.ceil(bytes / 1024 / 1024)} MiB of memory, and DUMP would hold its node up: at most ${MOST_BYTES / 1024 / 1024} MiB`
    )
  const [chosen, dump, deadline] = await askNode(cluster, node, [select, ['DUMP', key], ['PEXPIRETIME', key]], 'export')
  sound(chosen, node)
  const payload = sound(dump, node)
  if (payload === null) throw new ApiFailure('NOT_FOUND', 'there is no such key any more')
  const deadlineMs = numberOf(sound(deadline, node))
  return {
    ...request,
    type,
    dump: base64url(payload),
    deadlineMs: deadlineMs === null || deadlineMs < 0 ? null : deadlineMs,
    valkeyVersion: info instanceof ErrorReply ? null : (/^valkey_version:(\S+)/m.exec(textOf(info))?.[1] ?? null),
    atMs: nowMs
  }
}
