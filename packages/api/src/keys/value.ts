import { type Command, ErrorReply, type Reply } from '@slotscope/observer'
import type { ValueAnswer } from '@slotscope/observer/stream'
import { type AskedCluster, askNode, askOwner, sound } from '../clusters/node-questions.ts'
import { ApiFailure } from '../errors.ts'
import { keySlot } from './key-slot.ts'
import { base64url, bytesOf, listOf, numberOf, pairsOf, scoreOf, sizeCommand, textOf, ttlOf } from './replies.ts'

/** A page is at most so many elements, and about so many bytes: a collection of large elements comes in shorter pages. */
const PAGE_ELEMENTS = 200
const PAGE_BYTES = 64 * 1024

export type ValueRequest = { readonly database: number; readonly key: string; readonly offset: string | null; readonly back: boolean }

type Page = { readonly value: ValueAnswer['value']; readonly next: string | null }

/** What a reader of one type is given. `ask` sends commands to the owner, in the right database, and refuses error replies. */
type Reading = {
  readonly key: Uint8Array
  readonly offset: string | null
  /** Of a stream: towards older entries. */
  readonly back: boolean
  /** Elements that about fill a page. */
  readonly elements: number
  readonly size: number
  readonly ask: (...commands: Command[]) => Promise<readonly Reply[]>
}

/**
 * One page of a value, whatever its size: nothing is ever read whole. `offset` is the `next` of the page before; null begins. A key
 * that is not there answers type `none`.
 */
export async function readValue(cluster: AskedCluster, request: ValueRequest, nowMs: number): Promise<ValueAnswer> {
  const key = Buffer.from(request.key, 'base64url')
  const slot = keySlot(key)
  const select: Command = ['SELECT', String(request.database)]
  const first = await askOwner(
    cluster,
    slot,
    [select, ['TYPE', key], ['PTTL', key], ['OBJECT', 'ENCODING', key], ['PEXPIRETIME', key]],
    'value'
  )
  const { node, shard } = first
  const [selected, typeReply, ttl, encoding, deadline] = first.replies
  sound(selected, node)
  const type = textOf(sound(typeReply, node))
  const ttlMs = ttlOf(sound(ttl, node))
  const deadlineMs = deadline instanceof ErrorReply ? null : ttlOf(deadline)
  const head = { database: request.database, key: request.key, slot, shard, node, type, ttlMs, deadlineMs, atMs: nowMs }
  const encodingName = encoding instanceof ErrorReply || encoding === undefined || encoding === null ? null : textOf(encoding)
  const ask = async (...commands: Command[]) => {
    const [chosen, ...replies] = await askNode(cluster, node, [select, ...commands], 'value')
    sound(chosen, node)
    return replies.map((reply) => sound(reply, node))
  }
  const measure = sizeCommand(type, key)
  if (measure === undefined) return { ...head, encoding: encodingName, size: 0, value: { kind: 'none' }, next: null }
  const size = numberOf((await ask(measure))[0]) ?? 0
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined
  if (read === undefined) return { ...head, encoding: encodingName, size, value: { kind: 'none' }, next: null }
  const elements = type === 'string' ? 0 : await elementsPerPage(cluster, node, select, key, size)
  const page = await read({ key, offset: request.offset, back: request.back, elements, size, ask })
  return { ...head, encoding: encodingName, size, ...page }
}

const readers: Readonly<Record<string, (reading: Reading) => Promise<Page>>> = {
  string: async ({ key, offset, size, ask }) => {
    const from = indexOf(offset)
    const [bytes] = await ask(['GETRANGE', key, String(from), String(from + PAGE_BYTES - 1)])
    const end = from + bytesOf(bytes).length
    return { value: { kind: 'string', bytes: base64url(bytes), truncated: end < size }, next: nextIndex(end, size) }
  },
  list: async ({ key, offset, elements, size, ask }) => {
    const from = indexOf(offset)
    const [items] = await ask(['LRANGE', key, String(from), String(from + elements - 1)])
    const kept = listOf(items).map(base64url)
    return { value: { kind: 'list', items: kept }, next: kept.length === 0 ? null : nextIndex(from + kept.length, size) }
  },
  set: async ({ key, offset, elements, ask }) => {
    const [reply] = await ask(['SSCAN', key, cursorOf(offset), 'COUNT', String(elements)])
    const [cursor, members] = listOf(reply)
    return { value: { kind: 'set', items: listOf(members).map(base64url) }, next: nextCursor(cursor) }
  },
  // By rank, so that pages are in order of score; ZSCAN would be in order of nothing.
  zset: async ({ key, offset, elements, size, ask }) => {
    const from = indexOf(offset)
    const [reply] = await ask(['ZRANGE', key, String(from), String(from + elements - 1), 'WITHSCORES'])
    const items = pairsOf(reply).map(([member, score]) => ({ member: base64url(member), score: scoreOf(score) }))
    return { value: { kind: 'zset', items }, next: items.length === 0 ? null : nextIndex(from + items.length, size) }
  },
  hash: async ({ key, offset, elements, ask }) => {
    const [reply] = await ask(['HSCAN', key, cursorOf(offset), 'COUNT', String(elements)])
    const [cursor, entries] = listOf(reply)
    const fields = pairsOf(entries)
    const deadlines = await deadlinesOf(key, fields, ask)
    const items = fields.map(([field, value], index) => ({
      field: base64url(field),
      value: base64url(value),
      deadlineMs: deadlines[index] ?? null
    }))
    return { value: { kind: 'hash', items }, next: nextCursor(cursor) }
  },
  stream: async ({ key, offset, back, elements, ask }) => {
    const from = offset === null ? (back ? '+' : '-') : `(${entryIdOf(offset)}`
    const [reply] = await ask([...(back ? ['XREVRANGE', key, from, '-'] : ['XRANGE', key, from, '+']), 'COUNT', String(elements)])
    const items = listOf(reply).map((entry) => {
      const [id, fields] = listOf(entry)
      return { id: textOf(id), fields: pairsOf(fields).map(([field, value]) => [base64url(field), base64url(value)] as const) }
    })
    return { value: { kind: 'stream', items }, next: items.length < elements ? null : (items.at(-1)?.id ?? null) }
  }
}

/** Deadlines of the fields in wall-clock milliseconds. Servers before 9.0 have none: then every field is without. */
async function deadlinesOf(
  key: Uint8Array,
  fields: readonly (readonly [Reply, Reply])[],
  ask: Reading['ask']
): Promise<readonly (number | null)[]> {
  if (fields.length === 0) return []
  try {
    const [reply] = await ask(['HPEXPIRETIME', key, 'FIELDS', String(fields.length), ...fields.map(([field]) => bytesOf(field))])
    return listOf(reply).map((deadline) => {
      const atMs = numberOf(deadline)
      return atMs === null || atMs < 0 ? null : atMs
    })
  } catch (error) {
    if (error instanceof ApiFailure && error.message.startsWith('ERR unknown command')) return []
    throw error
  }
}

/**
 * How many elements make a page, from the server's own estimate of the value's memory. Where that is denied or unknown, the count
 * alone limits the page.
 */
async function elementsPerPage(cluster: AskedCluster, node: string, select: Command, key: Uint8Array, size: number): Promise<number> {
  const [, usage] = await askNode(cluster, node, [select, ['MEMORY', 'USAGE', key, 'SAMPLES', '5']], 'value')
  const bytes = usage instanceof ErrorReply ? null : numberOf(usage)
  if (bytes === null || bytes === 0 || size === 0) return PAGE_ELEMENTS
  return Math.max(1, Math.min(PAGE_ELEMENTS, Math.floor((PAGE_BYTES * size) / bytes)))
}

function indexOf(offset: string | null): number {
  if (offset === null) return 0
  if (!/^\d{1,15}$/.test(offset)) throw new ApiFailure('BAD_REQUEST', 'the offset is not one that a page of this value answered')
  return Number(offset)
}

function nextIndex(end: number, size: number): string | null {
  return end < size ? String(end) : null
}

function cursorOf(offset: string | null): string {
  if (offset === null) return '0'
  if (!/^\d{1,20}$/.test(offset)) throw new ApiFailure('BAD_REQUEST', 'the offset is not one that a page of this value answered')
  return offset
}

/** The last entry of the page before. */
export function entryIdOf(offset: string): string {
  if (!/^\d{1,20}-\d{1,20}$/.test(offset)) throw new ApiFailure('BAD_REQUEST', 'the offset is not one that a page of this stream answered')
  return offset
}

function nextCursor(cursor: Reply | undefined): string | null {
  const text = textOf(cursor)
  return text === '0' || text === '' ? null : text
}
