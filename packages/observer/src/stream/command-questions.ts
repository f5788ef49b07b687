/**
 * The command line over HTTP: one command to one node, to the owner of a key, to all primaries or to all nodes. What a role may send is
 * decided by the api from what the server says of the command, and by a table of what nobody may send from here.
 */

/** An argument: text, or bytes as base64url. */
export type CommandArgument = string | { readonly bytes: string }

export type CommandTarget =
  | { readonly kind: 'node'; readonly node: string }
  /** The owner of the slot of this key (base64url). */
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'primaries' }
  | { readonly kind: 'nodes' }

/**
 * POST /api/clusters/:cluster/commands -> `CommandAnswer`; 403 with the reason when the role may not. What destroys is confirmed first:
 * POST .../commands/confirmation with the same body, without `nonce` and `typedName`, -> `CommandConfirmation`.
 */
export type CommandRequest = {
  readonly target: CommandTarget
  readonly database: number
  readonly argv: readonly CommandArgument[]
  readonly nonce?: string
  /** The name of the cluster, typed by the person. */
  readonly typedName?: string
}

export type CommandAnswer = { readonly results: readonly CommandResult[]; readonly atMs: number }

export type CommandResult = {
  readonly node: string
  /** Milliseconds from sending to the last byte; null: it was not sent. */
  readonly durationMs: number | null
  readonly reply: CommandReply | null
  /** The node did not answer. */
  readonly unreachable: string | null
}

/** A reply as RESP3 types it. Numbers are text, since they may have 64 bits and more. `size` counts what there was, kept or not. */
export type CommandReply =
  | { readonly type: 'status'; readonly text: string }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'integer' | 'double' | 'big-number'; readonly value: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'null' }
  /** base64url; fewer bytes than `size` when it was cut. */
  | { readonly type: 'bytes'; readonly bytes: string; readonly size: number }
  | { readonly type: 'verbatim'; readonly format: string; readonly bytes: string; readonly size: number }
  | { readonly type: 'array' | 'set' | 'push'; readonly items: readonly CommandReply[]; readonly size: number }
  | { readonly type: 'map'; readonly entries: readonly (readonly [CommandReply, CommandReply])[]; readonly size: number }

/** What is about to be destroyed. */
export type CommandConfirmation = {
  readonly nonce: string
  readonly expiresInMs: number
  /** What has to be typed. */
  readonly typedName: string
  readonly nodes: readonly string[]
  /** Keys on those nodes now, in all databases; null: not all of them answered. */
  readonly keys: number | null
}

/** GET /api/clusters/:cluster/commands : what completion needs, as the server describes it. */
export type CommandsAnswer = { readonly commands: readonly CommandDescription[]; readonly atMs: number }

export type CommandDescription = {
  /** `GET`, `CONFIG SET`. */
  readonly name: string
  /** As COMMAND has it: negative means at least so many, with the name. */
  readonly arity: number
  /** Place of the first key among the words, the name (of one or two words) included; 0: none, or it is not in one place. */
  readonly firstKey: number
  readonly summary: string
  readonly group: string
  readonly since: string
  readonly complexity: string
  readonly arguments: readonly CommandArgumentDescription[]
  /** Null: this role may send it. Otherwise why not. */
  readonly refusal: string | null
  /** It is confirmed by a nonce and the typed name of the cluster. */
  readonly confirm: boolean
}

export type CommandArgumentDescription = {
  readonly name: string
  /** `key`, `string`, `integer`, `double`, `pattern`, `unix-time`, `pure-token`, `oneof`, `block`. */
  readonly type: string
  readonly token: string | null
  readonly optional: boolean
  readonly multiple: boolean
  readonly arguments: readonly CommandArgumentDescription[]
}
