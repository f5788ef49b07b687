import type { KeyEditKind, KeyEdits } from '@slotscope/observer/stream'
import { readableBytes } from './bytes.ts'
import { bytesOfText, quoted } from './typed-bytes.ts'
import { plainText } from './value-text.ts'

/** What can be edited of a value, as it was seen: the whole of a string, or one element. Bytes are base64url, scores are text. */
export type Editable =
  | { readonly type: 'string'; readonly seen: string }
  | { readonly type: 'hash'; readonly field: string; readonly seen: string }
  | { readonly type: 'list'; readonly index: number; readonly seen: string }
  | { readonly type: 'set'; readonly seen: string }
  /** Its score. */
  | { readonly type: 'zset'; readonly member: string; readonly seen: string }

type Place = { readonly database: number; readonly key: string }
/** An address under `keys/edit/`, and its body. */
export type EditRequest = { readonly [Kind in KeyEditKind]: { readonly kind: Kind; readonly body: KeyEdits[Kind] } }[KeyEditKind]

/** The request that makes it `value`. */
export function setRequest(place: Place, editable: Editable, value: string): EditRequest {
  const { seen: expected } = editable
  switch (editable.type) {
    case 'string':
      return { kind: 'string-set', body: { ...place, expected, value } }
    case 'hash':
      return { kind: 'hash-set', body: { ...place, field: editable.field, expected, value } }
    case 'list':
      return { kind: 'list-set', body: { ...place, index: editable.index, expected, value } }
    case 'set':
      return { kind: 'set-replace', body: { ...place, expected, value } }
    case 'zset':
      return { kind: 'zset-set', body: { ...place, member: editable.member, expected, score: value } }
  }
}

/** The request that takes an element away; a string is deleted as a key. */
export function removeRequest(place: Place, editable: Exclude<Editable, { type: 'string' }>): EditRequest {
  const { seen: expected } = editable
  switch (editable.type) {
    case 'hash':
      return { kind: 'hash-delete', body: { ...place, fields: [{ field: editable.field, expected }] } }
    case 'list':
      return { kind: 'list-remove', body: { ...place, index: editable.index, expected } }
    case 'set':
      return { kind: 'set-remove', body: { ...place, members: [expected] } }
    case 'zset':
      return { kind: 'zset-remove', body: { ...place, members: [{ member: editable.member, expected }] } }
  }
}

/** With what it will be saved, and what stays. */
export function savedWith(key: string, editable: Editable): { readonly command: string; readonly keeps: string } {
  const name = quoted(key)
  switch (editable.type) {
    case 'string':
      return { command: `SET ${name} … KEEPTTL`, keeps: "The key's expiry stays." }
    case 'hash':
      return {
        command: `HSETEX ${name} KEEPTTL FIELDS 1 ${quoted(editable.field)} …`,
        keeps: "The field's deadline and the key's expiry stay."
      }
    case 'list':
      return { command: `LSET ${name} ${editable.index} …`, keeps: "The key's expiry stays." }
    case 'set':
      return { command: `SREM ${name} ${quoted(editable.seen)} · SADD ${name} …`, keeps: "One transaction; the key's expiry stays." }
    case 'zset':
      return { command: `ZADD ${name} … ${quoted(editable.member)}`, keeps: "The key's expiry stays." }
  }
}

/** Bytes as a person edits them: as they read, or escaped where a text field would change them (control characters, CR, no UTF-8). */
export type EditText = { readonly text: string; readonly escaped: boolean }

export function editText(bytes: Uint8Array): EditText {
  const plain = plainText(bytes)
  return plain === null || plain.includes('\r') ? { text: readableBytes(bytes), escaped: true } : { text: plain, escaped: false }
}

/** The bytes of what was edited; of an untouched text exactly those that it was made from. */
export function editedBytes({ text, escaped }: EditText): Uint8Array {
  return escaped ? bytesOfText(text) : new TextEncoder().encode(text)
}
