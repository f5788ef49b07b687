import { decodeUtf8 } from '../bytes.ts'
import { ErrorReply, type Reply } from '../caller.ts'

/**
 * What a reply turned out to be. A reply is parsed once, here; nothing behind this folder looks at RESP. Maps may come
 * as `Map`s (RESP3) or flat arrays (RESP2), texts as strings or bytes, integers as numbers, bigints or digits.
 */
export type Parsed<T> = { readonly value: T } | { readonly error: string }

/** The error for a reply that is not what the command promises; an error reply speaks for itself. */
export function malformed(command: string, reply: Reply | undefined, expected: string): { readonly error: string } {
  if (reply instanceof ErrorReply) return { error: reply.message }
  return { error: `${command}: expected ${expected}, got ${describe(reply)}` }
}

function describe(reply: Reply | undefined): string {
  if (reply === undefined) return 'no reply'
  if (reply === null) return 'nil'
  const text = textOf(reply)
  if (text !== undefined) return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text)
  if (isMap(reply)) return `a map of ${reply.size}`
  if (Array.isArray(reply)) return `an array of ${reply.length}`
  return typeof reply
}

/** Text of a string, of bytes or of a number; undefined for everything else. */
export function textOf(reply: Reply | undefined): string | undefined {
  if (typeof reply === 'string') return reply
  if (reply instanceof Uint8Array) return decodeUtf8(reply)
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply)
  return undefined
}

/** True for what nodes are named by: 40 hex digits. */
export function isNodeId(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{40}$/.test(text)
}

/** True for a name (of a shard, of a job) that may become a key of an object: a hostile one would reach into the prototype. */
export function isName(text: string | undefined): text is string {
  return text !== undefined && /^[\w-]{1,64}$/.test(text) && !(text in Object.prototype)
}

/** A long text: a verbatim string may still carry its `txt:` mark. */
export function bodyOf(reply: Reply | undefined): string | undefined {
  const text = typeof reply === 'number' || typeof reply === 'bigint' ? undefined : textOf(reply)
  return text?.startsWith('txt:') ? text.slice(4) : text
}

/** A safe integer, also from digits; undefined for everything else. */
export function integerOf(reply: Reply | undefined): number | undefined {
  if (typeof reply === 'number') return Number.isSafeInteger(reply) ? reply : undefined
  const text = textOf(reply)
  if (text === undefined || !/^-?\d{1,19}$/.test(text)) return undefined
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : undefined
}

/** A list; a flat array that stands for a map is one too. */
export function listOf(reply: Reply | undefined): readonly Reply[] | undefined {
  return Array.isArray(reply) ? reply : undefined
}

/** A map with text keys, from either protocol; undefined when it is no map. */
export function fieldsOf(reply: Reply | undefined): ReadonlyMap<string, Reply> | undefined {
  const fields = new Map<string, Reply>()
  if (isMap(reply)) {
    for (const [key, value] of reply) {
      const name = textOf(key)
      if (name === undefined) return undefined
      fields.set(name, value)
    }
    return fields
  }
  const list = listOf(reply)
  if (!list || list.length % 2 !== 0) return undefined
  for (let i = 0; i < list.length; i += 2) {
    const name = textOf(list[i])
    if (name === undefined) return undefined
    fields.set(name, list[i + 1] as Reply)
  }
  return fields
}

/** Bytes of a name or a value: a key is never taken for text. */
export function bytesOf(reply: Reply | undefined, encode: (text: string) => Uint8Array): Uint8Array | undefined {
  if (reply instanceof Uint8Array) return reply
  const text = textOf(reply)
  return text === undefined ? undefined : encode(text)
}

function isMap(reply: Reply | undefined): reply is ReadonlyMap<Reply, Reply> {
  return reply instanceof Map
}
