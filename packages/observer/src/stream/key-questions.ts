/**
 * Changing keys over HTTP. POST /api/clusters/:cluster/keys/edit/<kind> with one of these bodies -> `EditAnswer`. Bytes are base64url.
 *
 * Every edit carries what the person saw (`expected`): the api watches the key, reads it again and changes it in one transaction, so
 * that nothing that came between is overwritten. What is not as it was seen is refused: 409 `CHANGED_MEANWHILE` with both
 * (`ChangedDetails`). The key's time to live and the deadlines of fields stay as they are unless an edit is about them.
 */
import type { KeyType } from './questions.ts'

export type KeyPlace = { readonly database: number; readonly key: string }

/** By kind, which is the last part of the address. */
export type KeyEdits = {
  'string-set': KeyPlace & { readonly expected: string; readonly value: string }
  /** Replaces the bytes from `offset` that were `expected`. Of another length only in values up to 4 MiB, which are written anew. */
  'string-range': KeyPlace & { readonly offset: number; readonly expected: string; readonly value: string }
  /** `expected` null: there was no such field. The field's deadline stays. */
  'hash-set': KeyPlace & { readonly field: string; readonly expected: string | null; readonly value: string }
  'hash-delete': KeyPlace & { readonly fields: readonly { readonly field: string; readonly expected: string }[] }
  /** One deadline for many fields, or none (null): all of them or nothing. */
  'hash-deadlines': KeyPlace & {
    readonly fields: readonly { readonly field: string; readonly expectedMs: number | null }[]
    readonly deadlineMs: number | null
  }
  'list-set': KeyPlace & { readonly index: number; readonly expected: string; readonly value: string }
  'list-push': KeyPlace & { readonly side: 'left' | 'right'; readonly values: readonly string[] }
  'list-remove': KeyPlace & { readonly index: number; readonly expected: string }
  /** As LREM: the first `count` from the left, from the right when negative, all when 0. */
  'list-remove-value': KeyPlace & { readonly value: string; readonly count: number }
  'set-add': KeyPlace & { readonly members: readonly string[] }
  'set-remove': KeyPlace & { readonly members: readonly string[] }
  'set-replace': KeyPlace & { readonly expected: string; readonly value: string }
  /** Scores are numbers as text, `inf` and `-inf` too. `expected` null: it was no member. */
  'zset-set': KeyPlace & { readonly member: string; readonly expected: string | null; readonly score: string }
  'zset-remove': KeyPlace & { readonly members: readonly { readonly member: string; readonly expected: string }[] }
  /** `id`: `*`, or as XADD takes it. Fields and values, in order. */
  'stream-add': KeyPlace & { readonly id: string; readonly fields: readonly (readonly [string, string])[] }
  'stream-delete': KeyPlace & { readonly ids: readonly string[] }
  /** XACK: takes entries off what the consumers of a group hold. Refused when one of them is not pending any more. */
  'stream-ack': KeyPlace & { readonly group: string; readonly ids: readonly string[] }
  /** `startId`: entries after this id are given to it; `$`: only those that come from now on. Refused when there is such a group. */
  'stream-group-create': KeyPlace & { readonly group: string; readonly startId: string }
  /** XGROUP SETID: the group goes on after `startId`. `expected`: its last delivered id as it was seen. */
  'stream-group-start': KeyPlace & { readonly group: string; readonly expected: string; readonly startId: string }
  /** The group goes, with what its consumers hold. `expected`: how many entries were seen pending. */
  'stream-group-destroy': KeyPlace & { readonly group: string; readonly expected: number }
  /** The consumer goes, with what it holds: nobody is given those entries again. `expected`: how many were seen pending. */
  'stream-consumer-delete': KeyPlace & { readonly group: string; readonly consumer: string; readonly expected: number }
  /** Refused when the key is there. `deadlineMs`: of the key, in wall-clock milliseconds; null: none. */
  create: KeyPlace & { readonly value: NewValue; readonly deadlineMs: number | null }
  delete: KeyPlace & { readonly expected: { readonly type: string; readonly size: number | null } }
  /** The key's deadline; null: none. */
  expiry: KeyPlace & { readonly expectedMs: number | null; readonly deadlineMs: number | null }
  /** Within one slot only. Refused when the new name is taken. */
  rename: KeyPlace & { readonly expected: { readonly type: string }; readonly to: string }
  /** To another database of the same shard, under the same name; `move` takes it away here. `replace`: what is there goes. */
  copy: KeyPlace & {
    readonly expected: { readonly type: string }
    readonly toDatabase: number
    readonly move: boolean
    readonly replace: boolean
  }
  /** `dump` as `DumpAnswer` has it. `expected` null: there was no key; otherwise its type, and it is replaced. */
  import: KeyPlace & { readonly dump: string; readonly deadlineMs: number | null; readonly expected: { readonly type: string } | null }
}
export type KeyEditKind = keyof KeyEdits

export type NewValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'list' | 'set'; readonly items: readonly string[] }
  | { readonly type: 'zset'; readonly items: readonly { readonly member: string; readonly score: string }[] }
  | {
      readonly type: 'hash'
      readonly items: readonly { readonly field: string; readonly value: string; readonly deadlineMs: number | null }[]
    }
  | { readonly type: 'stream'; readonly fields: readonly (readonly [string, string])[] }

export type EditAnswer = {
  readonly slot: number
  readonly shard: string
  /** The node that everything was sent to. */
  readonly node: string
  /** All that was sent, in order, with bytes that are no text as `\xNN` and long arguments cut. */
  readonly commands: readonly (readonly string[])[]
  /** Those of them that change something, and their replies as text. */
  readonly effects: readonly { readonly command: readonly string[]; readonly reply: string }[]
  readonly warnings: readonly string[]
  /** The key after the edit, read in the same transaction; of a rename, the new one. Type `none`: it is gone. */
  readonly after: { readonly type: string; readonly size: number | null; readonly deadlineMs: number | null }
}

/** In `details` of `CHANGED_MEANWHILE`. Values are what the edit calls `expected`; null: not there. Long ones are cut at 64 KiB. */
export type ChangedDetails = { readonly expected: unknown; readonly current: unknown }

/**
 * GET /api/clusters/:cluster/keys/dump?database=&key= : a value as DUMP serialises it, at most 16 MiB of memory, for `import` here or
 * elsewhere. `deadlineMs` is the key's own; deadlines of fields are in the payload.
 */
export type DumpAnswer = KeyPlace & {
  readonly type: KeyType | string
  readonly dump: string
  readonly deadlineMs: number | null
  readonly valkeyVersion: string | null
  readonly atMs: number
}
