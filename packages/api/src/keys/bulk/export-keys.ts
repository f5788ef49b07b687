import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { ExportAnswer, ExportRequest, KeyProblem, NewValue, PortableKey } from '@slotscope/observer/stream'
import { type AskedCluster, ownerOf } from '../../clusters/node-questions.ts'
import { keySlot } from '../key-slot.ts'
import { base64url, listOf, numberOf, pairsOf, scoreOf, sizeCommand, textOf } from '../replies.ts'
import { askOwners } from './by-owner.ts'

/** DUMP holds its node for as long as it serialises: some 10 ms for so much. */
const MOST_OF_ONE = 16 * 1024 * 1024
/** Of memory in one answer; one key is always taken. */
const MOST_IN_ANSWER = 8 * 1024 * 1024
/** Up to here a value is written readably. */
const MOST_ELEMENTS = 1_000
const MOST_READABLE_BYTES = 64 * 1024

type Found = { readonly key: string; readonly bytes: Uint8Array; readonly type: string; readonly memory: number }

/** Keys for a file. A key that is too large for DUMP, or that the server refuses, is named with the reason; the others go on. */
export async function exportKeys(cluster: AskedCluster, request: ExportRequest, nowMs: number): Promise<ExportAnswer> {
  const { database, form } = request
  const asked = request.keys.map((key) => ({ key, bytes: Buffer.from(key, 'base64url') }))
  const measured = await askOwners(
    cluster,
    database,
    asked.map(({ bytes }) => ({
      key: bytes,
      commands: [
        ['TYPE', bytes],
        ['MEMORY', 'USAGE', bytes]
      ]
    })),
    'export'
  )
  const problems: KeyProblem[] = []
  const found: Found[] = []
  let gone = 0
  let taken = 0
  let memory = 0
  for (const [index, { key, bytes }] of asked.entries()) {
    const [typeReply, usage] = measured[index] ?? []
    const refused = [typeReply, usage].find((reply) => reply instanceof ErrorReply)
    const takes = numberOf(usage) ?? 0
    if (taken > 0 && memory + takes > MOST_IN_ANSWER) break
    taken += 1
    if (refused instanceof ErrorReply) problems.push({ key, words: refused.message })
    else if (textOf(typeReply) === 'none') gone += 1
    else if (takes > MOST_OF_ONE) problems.push({ key, words: tooLarge(takes) })
    else {
      memory += takes
      found.push({ key, bytes, type: textOf(typeReply), memory: takes })
    }
  }
  const readable = form === 'json' ? await readableOf(cluster, database, found) : new Set<string>()
  const replies = await askOwners(
    cluster,
    database,
    found.map(({ key, bytes, type }) => ({
      key: bytes,
      commands: [['PEXPIRETIME', bytes], ...(readable.has(key) ? readCommands(type, bytes) : [['DUMP', bytes] as const])]
    })),
    'export'
  )
  const items: PortableKey[] = []
  const deadlinesWanted: { readonly item: PortableKey & { readonly value: NewValue & { readonly type: 'hash' } }; readonly at: number }[] =
    []
  for (const [index, { key, type }] of found.entries()) {
    const [deadline, payload] = replies[index] ?? []
    const refused = [deadline, payload].find((reply) => reply instanceof ErrorReply)
    if (refused instanceof ErrorReply) {
      problems.push({ key, words: refused.message })
      continue
    }
    const deadlineMs = numberOf(deadline)
    const head = { key, type, deadlineMs: deadlineMs === null || deadlineMs < 0 ? null : deadlineMs }
    if (deadlineMs === -2 || payload === null || payload === undefined) gone += 1
    else if (!readable.has(key)) items.push({ ...head, dump: base64url(payload) })
    else {
      const value = readValue(type, payload)
      const item = { ...head, value }
      if (value.type === 'hash') deadlinesWanted.push({ item: { ...item, value }, at: items.length })
      items.push(item)
    }
  }
  await addFieldDeadlines(cluster, database, items, deadlinesWanted)
  const first = asked[0]
  const owner = first && cluster.core().nodes[ownerOf(cluster.core(), keySlot(first.bytes)).node]
  return { items, gone, problems, taken, valkeyVersion: owner?.version ?? null, atMs: nowMs }
}

/** Those of a type and a size that a person can read in a file, and that can be made again from what is read. */
async function readableOf(cluster: AskedCluster, database: number, found: readonly Found[]): Promise<ReadonlySet<string>> {
  const small = found.filter(({ type, memory }) => Object.hasOwn(readers, type) && memory <= MOST_READABLE_BYTES)
  const sizes = await askOwners(
    cluster,
    database,
    small.map(({ bytes, type }) => ({ key: bytes, commands: [sizeCommand(type, bytes) ?? ['EXISTS', bytes]] })),
    'export'
  )
  return new Set(
    small
      .filter(({ type }, index) => type === 'string' || (numberOf(sizes[index]?.[0]) ?? Number.POSITIVE_INFINITY) <= MOST_ELEMENTS)
      .map(({ key }) => key)
  )
}

const readers: Readonly<Record<string, (key: Uint8Array) => Command>> = {
  string: (key) => ['GET', key],
  list: (key) => ['LRANGE', key, '0', '-1'],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  hash: (key) => ['HGETALL', key]
}

function readCommands(type: string, key: Uint8Array): Command[] {
  const reader = readers[type]
  return reader === undefined ? [] : [reader(key)]
}

function readValue(type: string, reply: Reply): NewValue {
  const list = listOf(reply)
  switch (type) {
    case 'list':
    case 'set':
      return { type, items: list.map(base64url) }
    case 'zset':
      return { type, items: pairsOf(reply).map(([member, score]) => ({ member: base64url(member), score: scoreOf(score) })) }
    case 'hash':
      return {
        type,
        items: pairsOf(reply).map(([field, value]) => ({ field: base64url(field), value: base64url(value), deadlineMs: null }))
      }
    default:
      return { type: 'string', value: base64url(reply) }
  }
}

type HashItem = PortableKey & { readonly value: NewValue & { readonly type: 'hash' } }

/** The deadlines of the fields of readable hashes. Where a server has none, all fields are without. */
async function addFieldDeadlines(
  cluster: AskedCluster,
  database: number,
  items: PortableKey[],
  hashes: readonly { readonly item: HashItem; readonly at: number }[]
): Promise<void> {
  const asked = hashes.filter(({ item }) => item.value.items.length > 0)
  const replies = await askOwners(
    cluster,
    database,
    asked.map(({ item }) => {
      const key = Buffer.from(item.key, 'base64url')
      const fields = item.value.items.map(({ field }) => Buffer.from(field, 'base64url'))
      return { key, commands: [['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields]] }
    }),
    'export'
  )
  for (const [index, { item, at }] of asked.entries()) {
    const deadlines = listOf(replies[index]?.[0])
    const fields = item.value.items.map((field, turn) => {
      const deadlineMs = numberOf(deadlines[turn])
      return { ...field, deadlineMs: deadlineMs === null || deadlineMs < 0 ? null : deadlineMs }
    })
    items[at] = { ...item, value: { type: 'hash', items: fields } }
  }
}

function tooLarge(bytes: number): string {
  const mib = (count: number) => Math.ceil(count / 1024 / 1024)
  return `it takes ${mib(bytes)} MiB of memory, and DUMP would hold its node up: at most ${mib(MOST_OF_ONE)} MiB`
}
