import type { KeyPlace } from '@slotscope/observer/stream'

/** Bytes of a request. */
export function decoded(text: string): Buffer {
  return Buffer.from(text, 'base64url')
}

export function keyOf(edit: KeyPlace): { readonly key: Buffer; readonly database: number } {
  return { key: decoded(edit.key), database: edit.database }
}
