/**
 * Many keys at once: exported, deleted and imported part by part, so that whoever asks sees how far it is, and stops between two parts.
 * Keys, values and payloads are base64url.
 */
import type { NewValue } from './key-questions.ts'
import type { KeyType } from './questions.ts'

/** A value as it stands in a file: readable where it is small, else as DUMP serialises it. */
export type PortableKey = {
  readonly key: string
  readonly type: KeyType | string
  /** Wall-clock milliseconds; null: no expiry. Deadlines of fields are in the payload or the value. */
  readonly deadlineMs: number | null
} & ({ readonly dump: string } | { readonly value: NewValue })

/**
 * POST /api/clusters/:cluster/keys/export : at most 200 keys. `form` json writes readable values of at most 1,000 elements and 64 KiB;
 * streams and larger values are dumped all the same. The answer ends early when it is large: `taken` says how many keys it is about.
 */
export type ExportRequest = { readonly database: number; readonly keys: readonly string[]; readonly form: 'dump' | 'json' }
export type ExportAnswer = {
  readonly items: readonly PortableKey[]
  /** Keys that are not there any more. */
  readonly gone: number
  readonly problems: readonly KeyProblem[]
  readonly taken: number
  readonly valkeyVersion: string | null
  readonly atMs: number
}
export type KeyProblem = { readonly key: string; readonly words: string }

/** POST /api/clusters/:cluster/keys/deletion : what has to be typed and given back to delete so many keys of a database. */
export type DeletionRequest = { readonly database: number; readonly count: number }
export type DeletionConfirmation = DeletionRequest & {
  readonly nonce: string
  readonly expiresInMs: number
  /** The name of the cluster. */
  readonly typedName: string
}

/**
 * POST /api/clusters/:cluster/keys/delete : at most 1,000 keys with UNLINK. The first part carries what was confirmed, and is answered with
 * the name of the run; the further ones carry that name. A run deletes no more keys than were confirmed, and ends when a minute passes
 * between two parts. 409 `NOT_CONFIRMED`.
 */
export type DeleteKeysRequest = {
  readonly database: number
  readonly keys: readonly string[]
} & ({ readonly nonce: string; readonly typedName: string; readonly count: number } | { readonly run: string })
export type DeleteKeysAnswer = {
  readonly run: string
  readonly deleted: number
  /** Keys that were not there any more. */
  readonly gone: number
  readonly problems: readonly KeyProblem[]
  readonly atMs: number
}

/**
 * POST /api/clusters/:cluster/keys/import : at most 200 keys and 16 MiB. What is there already is kept, or replaced. A key whose deadline
 * has passed is not made, as RESTORE would not.
 */
export type ImportRequest = { readonly database: number; readonly items: readonly PortableKey[]; readonly existing: 'keep' | 'replace' }
export type ImportAnswer = {
  readonly imported: number
  readonly kept: number
  readonly expired: number
  readonly problems: readonly KeyProblem[]
  readonly atMs: number
}
