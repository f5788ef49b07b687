import { type Command, ErrorReply } from '@slotscope/observer'
import type { ImportAnswer, ImportRequest, KeyProblem, NewValue, PortableKey } from '@slotscope/observer/stream'
import type { AskedCluster } from '../../clusters/node-questions.ts'
import { ApiFailure } from '../../errors.ts'
import { compareAndSet, type EditPlan } from '../compare-and-set.ts'
import { createKey, making } from '../edits/key-edits.ts'
import { askOwners } from './by-owner.ts'

type Dumped = Extract<PortableKey, { readonly dump: string }>
type Readable = Extract<PortableKey, { readonly value: NewValue }>
type Outcome = 'imported' | 'kept' | KeyProblem

/** Keys from a file. One that fails is named with the server's words; the others go on. */
export async function importKeys(cluster: AskedCluster, request: ImportRequest, nowMs: number): Promise<ImportAnswer> {
  const { database, existing } = request
  const alive = request.items.flatMap((item) => {
    if (item.deadlineMs !== null && item.deadlineMs <= nowMs) return []
    const living = 'value' in item ? withLivingFields(item, nowMs) : item
    return living === null ? [] : [living]
  })
  const dumped = alive.filter((item): item is Dumped => 'dump' in item)
  const readable = alive.filter((item): item is Readable => 'value' in item)
  const outcomes = await restore(cluster, database, dumped, existing)
  for (const item of readable) outcomes.push(await make(cluster, database, item, existing))
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length
  return {
    imported: count('imported'),
    kept: count('kept'),
    expired: request.items.length - alive.length,
    problems: outcomes.filter((outcome): outcome is KeyProblem => typeof outcome === 'object'),
    atMs: nowMs
  }
}

async function restore(
  cluster: AskedCluster,
  database: number,
  items: readonly Dumped[],
  existing: ImportRequest['existing']
): Promise<Outcome[]> {
  const asked = items.map(({ key, dump, deadlineMs }) => {
    const bytes = Buffer.from(key, 'base64url')
    const replace = existing === 'replace' ? ['REPLACE'] : []
    const command: Command = ['RESTORE', bytes, String(deadlineMs ?? 0), Buffer.from(dump, 'base64url'), ...replace, 'ABSTTL']
    return { key: bytes, commands: [command] }
  })
  const replies = await askOwners(cluster, database, asked, 'import')
  return items.map(({ key }, index) => {
    const reply = replies[index]?.[0]
    if (!(reply instanceof ErrorReply)) return 'imported'
    return reply.code === 'BUSYKEY' ? 'kept' : { key, words: reply.message }
  })
}

async function make(cluster: AskedCluster, database: number, item: Readable, existing: ImportRequest['existing']): Promise<Outcome> {
  const { key, value, deadlineMs } = item
  try {
    await compareAndSet(
      cluster,
      existing === 'keep' ? createKey({ database, key, value, deadlineMs }) : replacing(database, key, value, deadlineMs)
    )
    return 'imported'
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.code === 'CLUSTER_UNREACHABLE') throw error
    if (error.code === 'CHANGED_MEANWHILE' && existing === 'keep') return 'kept'
    return { key, words: error.message }
  }
}

/** What is there goes in the same transaction that makes it anew. */
function replacing(database: number, key: string, value: NewValue, deadlineMs: number | null): EditPlan {
  const bytes = Buffer.from(key, 'base64url')
  const expires: Command[] = deadlineMs === null ? [] : [['PEXPIREAT', bytes, String(deadlineMs)]]
  return {
    key: bytes,
    database,
    type: null,
    makes: value.type,
    reads: [],
    conflict: () => undefined,
    effects: () => [['UNLINK', bytes], ...making(bytes, value), ...expires]
  }
}

/** Without the fields whose deadlines have passed since; null: none is left. */
function withLivingFields(item: Readable, nowMs: number): Readable | null {
  const { value } = item
  if (value.type !== 'hash') return item
  const items = value.items.filter(({ deadlineMs }) => deadlineMs === null || deadlineMs > nowMs)
  return items.length === 0 ? null : { ...item, value: { type: 'hash', items } }
}
