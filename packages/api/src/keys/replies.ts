import type { Reply } from '@slotscope/observer'

/** The replies of key commands as plain values. A shape that is not expected reads as absent. */

/** A status or bulk reply as text. */
export function textOf(reply: Reply | undefined): string {
  if (typeof reply === 'string') return reply
  return reply instanceof Uint8Array ? Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString() : ''
}

export function numberOf(reply: Reply | undefined): number | null {
  if (typeof reply === 'number') return reply
  if (typeof reply === 'bigint') return Number(reply)
  const text = textOf(reply)
  return text === '' || Number.isNaN(Number(text)) ? null : Number(text)
}

export function listOf(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : []
}

/** Members with scores, fields with values, names with facts: flat in RESP2 and as a map, nested as pairs in RESP3. */
export function pairsOf(reply: Reply | undefined): (readonly [Reply, Reply])[] {
  const list = listOf(reply)
  if (Array.isArray(list[0])) return list.map((pair) => [listOf(pair)[0] ?? null, listOf(pair)[1] ?? null] as const)
  return Array.from({ length: Math.floor(list.length / 2) }, (_, index) => [list[2 * index] ?? null, list[2 * index + 1] ?? null] as const)
}

/** A score: a number in RESP3, text in RESP2. */
export function scoreOf(reply: Reply): string {
  return typeof reply === 'number' ? String(reply) : textOf(reply)
}

/** The same by name, where the names are text. */
export function mapOf(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  return new Map(pairsOf(reply).map(([name, value]) => [textOf(name), value]))
}

export function bytesOf(reply: Reply | undefined): Uint8Array {
  if (reply instanceof Uint8Array) return reply
  if (typeof reply === 'string' || typeof reply === 'number' || typeof reply === 'bigint') return Buffer.from(String(reply))
  return new Uint8Array()
}

/** Bytes as the api writes them in JSON. */
export function base64url(reply: Reply | undefined): string {
  const bytes = bytesOf(reply)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** The numbers of the databases that hold keys, ascending, with their keys, from `INFO keyspace`. */
export function databasesOf(info: Reply | undefined): { readonly database: number; readonly keys: number }[] {
  const found: { database: number; keys: number }[] = []
  for (const line of textOf(info).split('\r\n')) {
    const match = /^db(\d+):keys=(\d+)/.exec(line)
    if (match) found.push({ database: Number(match[1]), keys: Number(match[2]) })
  }
  return found.sort((a, b) => a.database - b.database)
}

/** PTTL: milliseconds, or null for a key without expiry or without being (-1, -2). */
export function ttlOf(reply: Reply | undefined): number | null {
  const ttl = numberOf(reply)
  return ttl === null || ttl < 0 ? null : ttl
}

/** The command that answers the size of a value of this type; undefined for types we do not know. */
export function sizeCommand(type: string, key: Uint8Array): readonly [string, Uint8Array] | undefined {
  const name = Object.hasOwn(sizeCommands, type) ? sizeCommands[type] : undefined
  return name === undefined ? undefined : [name, key]
}

const sizeCommands: Readonly<Record<string, string>> = {
  string: 'STRLEN',
  list: 'LLEN',
  set: 'SCARD',
  zset: 'ZCARD',
  hash: 'HLEN',
  stream: 'XLEN'
}
