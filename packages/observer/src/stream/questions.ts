/**
 * What the console asks over HTTP: bodies and answers as JSON. State never travels this way; it comes off the stream.
 * Bytes (keys, fields, values) are base64url. Every request but GET carries `content-type: application/json` and the
 * header `x-slotscope: 1`. Errors are `{ error: ApiErrorCode, message, details? }` with the status of `apiErrors`.
 */
import type { PlanState, SlotRange } from './core-state.ts'
import type { RecordedEvent, RecordingGap } from './recording.ts'

export type Role = 'viewer' | 'operator' | 'admin'

export type ApiErrorCode =
  | 'BAD_REQUEST'
  | 'NOT_LOGGED_IN'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'LINK_USED'
  | 'PLAN_STALE'
  | 'PLAN_EXPIRED'
  | 'PLAN_REFUSED'
  | 'NOT_CONFIRMED'
  | 'CHANGED_MEANWHILE'
  | 'RECORDED'
  | 'CLUSTER_UNREACHABLE'
  | 'SERVER_ERROR_REPLY'
  | 'TOO_MANY_REQUESTS'
  | 'INTERNAL'

export type ApiError = { readonly error: ApiErrorCode; readonly message: string; readonly details?: unknown }

/** GET /api/session -> 200, or 401. POST /api/login {token}, POST /api/login/password {user, password} -> the same. POST /api/logout -> 204. */
export type SessionAnswer = {
  readonly user: string
  readonly role: Role
  /** Slotscope was started with --read-only: nobody changes anything in a cluster. */
  readonly readOnly: boolean
  readonly clusters: readonly ClusterEntry[]
}

/** GET /api/clusters : they come and go while Slotscope runs. */
export type ClustersAnswer = { readonly clusters: readonly ClusterEntry[] }
export type ClusterEntry = {
  readonly id: string
  readonly name: string
  readonly kind: 'embedded' | 'connected' | 'recorded'
  /** Nobody changes anything in it. */
  readonly readOnly: boolean
}

/**
 * POST /api/ticket, body {} : opens one stream, within that time, from the page that asked. It is offered as a subprotocol of the
 * WebSocket, after `slotscope`: `['slotscope', 'ticket.' + ticket]`.
 */
export type TicketAnswer = { readonly ticket: string; readonly expiresInMs: number }

/** GET /api/accounts. `kept` is false where accounts end with the api, because it has no folder for data. */
export type Account = { readonly name: string; readonly role: Role; readonly createdAtMs: number }
export type AccountsAnswer = { readonly kept: boolean; readonly accounts: readonly Account[] }

/** POST /api/accounts -> 201 `Account`. POST /api/accounts/:name/role {role} -> 204; the sessions of the account end. */
export type AccountRequest = { readonly name: string; readonly role: Role; readonly password: string }

/**
 * POST /api/accounts/:name/removal, body {} : what would be removed, and the nonce for DELETE /api/accounts/:name {nonce, typedName}
 * -> 204, or 409 `NOT_CONFIRMED`.
 */
export type RemovalAnswer = Account & { readonly sessions: number; readonly nonce: string; readonly expiresInMs: number }

/** Where the profile of a cluster stands. Only those made on screen are changed and removed there. */
export type ProfileOrigin = 'command-line' | 'file' | 'environment' | 'screen'

/**
 * How a cluster is reached. POST /api/profiles -> 201, PUT /api/profiles/:id -> 200 `ClusterProfile`. Addresses are `host:port`, or a host
 * alone for port 6379; `addressMap` leads from an announced address to one that can be reached from here.
 */
export type ProfileRequest = {
  readonly id: string
  readonly name: string
  readonly seeds: readonly string[]
  readonly username: string | null
  /** Null: none. Absent: as it was; not where addresses or TLS change, since a secret must not follow to another place unseen. */
  readonly password?: string | null
  readonly tls: ProfileTlsRequest | null
  readonly addressMap: Readonly<Record<string, string>>
  readonly readOnly: boolean
  /** What is watched while nobody looks. */
  readonly background: 'off' | 'light' | 'full'
}
/** PEM texts; null: none. `key` absent: as it was. */
export type ProfileTlsRequest = {
  readonly ca: string | null
  readonly cert: string | null
  readonly key?: string | null
  readonly servername: string | null
}
/** What is told of a profile: never a password or a key. */
export type ClusterProfile = Omit<ProfileRequest, 'password' | 'tls'> & {
  readonly origin: ProfileOrigin
  readonly hasPassword: boolean
  readonly tls: (Omit<ProfileTlsRequest, 'key'> & { readonly hasKey: boolean }) | null
}
/** GET /api/profiles. `kept` is false where those made on screen end with the api. `allowLocal`: they may lead to this machine. */
export type ProfilesAnswer = { readonly kept: boolean; readonly allowLocal: boolean; readonly profiles: readonly ClusterProfile[] }

/** POST /api/profiles/test `ProfileRequest` : tries its seeds and every node that they announce. POST /api/profiles/:id/test, body {}. */
export type ProfileTestAnswer = {
  readonly rows: readonly ProfileTestRow[]
  /** Nodes beyond the most that one test tries. */
  readonly untested: number
  /** Null where no seed answered. */
  readonly cluster: {
    readonly state: 'ok' | 'fail'
    readonly nodes: number
    readonly slots: number
    readonly version: string | null
  } | null
}
export type ProfileTestRow = {
  /** 40 hex digits; null: it did not say. */
  readonly node: string | null
  readonly seed: boolean
  /** As given, or as announced. */
  readonly address: string
  /** Where the address map leads, if elsewhere. */
  readonly mapped: string | null
  readonly outcome:
    | 'reached'
    | 'refused'
    | 'timed-out'
    | 'no-such-host'
    | 'not-allowed'
    | 'certificate'
    | 'server-error'
    | 'other-node'
    | 'lost'
  /** The server's own words, or the system's; empty when it was reached. */
  readonly words: string
  readonly elapsedMs: number
}

/**
 * POST /api/profiles/:id/removal, body {} : what ends with it, and the nonce for DELETE /api/profiles/:id {nonce, typedName} -> 204.
 * `openMoves` go on in the cluster; nobody here follows them any more.
 */
export type ProfileRemovalAnswer = {
  readonly id: string
  readonly name: string
  readonly viewers: number
  readonly openMoves: number
  readonly nonce: string
  readonly expiresInMs: number
}

/** POST /api/clusters/:cluster/plans. Nothing is sent to the cluster that changes it. */
export type PlanRequest = { readonly slots: readonly SlotRange[]; readonly targetShard: string }
/** What loads are evened out by. `bytes` are estimated: keys of each slot, times what a sample of the shard's keys takes. */
export type RebalanceLoad = 'slots' | 'keys' | 'bytes' | 'cpu'
/** To the same address: evens out a load over the shards, in few ranges, moving no more than needed. */
export type RebalanceRequest = {
  readonly kind: 'rebalance'
  readonly by: RebalanceLoad
  /** By shard; 1 where nothing is said, 0 takes every slot off it. */
  readonly weights?: Readonly<Record<string, number>>
  /** 0..1: a shard this near to its share counts as even. Default 0.02. */
  readonly tolerance?: number
}
/** To the same address: takes every slot off a shard and spreads them over the others. */
export type DrainRequest = { readonly kind: 'drain'; readonly shard: string; readonly by?: RebalanceLoad }
/** To the same address: takes the finished moves of a confirmed plan back, with today's keys and cost. */
export type MoveBackRequest = { readonly kind: 'move-back'; readonly planId: string }
export type PlanAnswer = PlanState

/**
 * POST /api/clusters/:cluster/plans/:planId/confirm, body {}. 409 `PLAN_STALE` has the difference in `details` as
 * `StaleDetail[]`. A second confirm answers the same jobs. DELETE /api/clusters/:cluster/plans/:planId -> 204.
 */
export type ConfirmAnswer = {
  readonly jobs: readonly {
    readonly sourceNode: string
    readonly name: string | null
    readonly error: string | null
    readonly command: readonly string[]
    /** Not sent yet, and why not: the queue sends it (`core.queues`). */
    readonly waitsFor?: string
  }[]
}
export type StaleDetail = { readonly slots: readonly SlotRange[]; readonly was: string; readonly is: string }

/**
 * POST /api/clusters/:cluster/queues/:planId/stop, /retry or /skip, body {} -> 204. `stop` finishes what runs and starts no more;
 * `retry` sends the moves that failed once more and goes on; `skip` leaves them out and goes on. 409 `PLAN_REFUSED` where there is
 * nothing to stop, to retry or to skip.
 */
export type QueueWish = 'stop' | 'retry' | 'skip'

/** POST /api/clusters/:cluster/nodes/:node/cancel-exports, body {}: cancels every running export of that node. */
export type CancelAnswer = { readonly cancelled: readonly string[]; readonly command: readonly string[] }

/**
 * POST /api/clusters/:cluster/probe -> 204: starts or stops a client of ours that writes and reads keys of its own (they begin with
 * `slotscope:probe:` and end within 60 s) in one slot of each shard and in slots on the move, and tells in `traffic` what it noticed. Not
 * where the capability `probe` is missing.
 */
export type ProbeRequest = { readonly on: boolean }

/** POST /api/clusters/:cluster/jobs/:name/acknowledge, body {}: an unclear outcome is taken note of -> 204. */

/** GET /api/clusters/:cluster/slots/:slot : what a hover card shows. */
export type SlotAnswer = {
  readonly slot: number
  readonly node: string
  readonly keysByDatabase: readonly { readonly database: number; readonly keys: number }[]
  /** Up to 5 per database, base64url. */
  readonly sampleKeys: readonly { readonly database: number; readonly key: string }[]
  readonly atMs: number
}

/**
 * POST /api/clusters/:cluster/slots/keys {slots} : keys by slot and database, counted now by the owners, at most 2,000 counts a second
 * and node. 400 `BAD_REQUEST` where slots times databases are more than 10,000.
 */
export type SlotKeysRequest = { readonly slots: readonly SlotRange[] }
export type SlotKeysAnswer = {
  /** Only where there are keys; by slot, then by database. */
  readonly rows: readonly (readonly [slot: number, database: number, keys: number])[]
  /** Counts that were sent for it. */
  readonly counts: number
  readonly atMs: number
}

/**
 * POST /api/clusters/:cluster/keys/scan. `cursor` is opaque: null to begin, and null in the answer when the scan is complete.
 * At most 20 commands are sent for one answer, so its rows are not `detailed`: ask /keys/details for the rows in sight. A page may
 * hold more rows than were wanted (SCAN decides), or fewer, or none while `cursor` still is not null.
 *
 * With `expiresWithinMs` only keys whose time to live is that short are listed. No server filters by that, so PTTL is asked of every key
 * that is walked over, some 200 in one answer; the rows have their `ttlMs`, and their size is still to be asked for.
 */
export type ScanRequest = {
  readonly database: number
  /** Shard key; null: all shards. */
  readonly shard: string | null
  /** Glob as SCAN MATCH takes it; empty: every key. */
  readonly pattern: string
  readonly type: KeyType | null
  /** Null or absent: whatever their time to live. */
  readonly expiresWithinMs?: number | null
  readonly cursor: string | null
  /** Keys wanted, 1..1000. */
  readonly count: number
}
export type KeyType = 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream'
export type KeyRow = {
  readonly key: string
  readonly type: KeyType | string
  readonly slot: number
  readonly shard: string
  /** False: `size` was not asked and is null, and so is `ttlMs` unless the scan was for it. */
  readonly detailed: boolean
  /** Milliseconds from the answer's `atMs`; null: no expiry. */
  readonly ttlMs: number | null
  /** Bytes of a string, elements or fields of a collection; null: not known for this type. */
  readonly size: number | null
}
export type ScanAnswer = {
  readonly keys: readonly KeyRow[]
  readonly cursor: string | null
  /** Keys walked over so far in this scan, and about how many there are. */
  readonly walked: number
  readonly total: number
  readonly commands: number
  readonly atMs: number
}

/**
 * POST /api/clusters/:cluster/keys/details : type, expiry and size of at most 100 keys (the rows in sight). A key that is gone is left
 * out of the answer.
 */
export type KeyDetailsRequest = { readonly database: number; readonly keys: readonly string[] }
export type KeyDetailsAnswer = { readonly keys: readonly KeyRow[]; readonly commands: number; readonly atMs: number }

/**
 * POST /api/clusters/:cluster/keys/sample : keys of a database, or of one of its shards (null: all), drawn at random with what each takes. Every
 * key is as likely as every other one and may be drawn twice. At most 100 in one question.
 */
export type KeySampleRequest = { readonly database: number; readonly shard: string | null; readonly count: number }
export type SampledKey = {
  /** base64url. */
  readonly key: string
  readonly type: string
  readonly shard: string
  /** MEMORY USAGE: what the key takes with its name and value, its value estimated from a few of its elements. */
  readonly bytes: number
  /** As in `KeyRow`. */
  readonly size: number | null
}
export type KeySampleAnswer = {
  readonly keys: readonly SampledKey[]
  /** Keys that there are, as the stream last heard; where it knows of none, as the nodes count them now. */
  readonly total: number
  readonly commands: number
  readonly atMs: number
}

/**
 * GET /api/clusters/:cluster/keys/value?database=&key=&offset=&back= : one page of a value. Paged by 200 elements or 64 KiB. Of a stream
 * `offset` may be any id, which itself is left out, and with `back=1` the page goes towards older entries, newest first.
 */
export type ValueAnswer = {
  readonly database: number
  readonly key: string
  readonly slot: number
  readonly shard: string
  readonly node: string
  readonly type: KeyType | 'none' | string
  readonly encoding: string | null
  readonly size: number
  readonly ttlMs: number | null
  /** The same as an instant of the server's clock, as an edit of the expiry has to name it; null: no expiry, or a server before 7.0. */
  readonly deadlineMs: number | null
  readonly value:
    | { readonly kind: 'string'; readonly bytes: string; readonly truncated: boolean }
    | { readonly kind: 'list' | 'set'; readonly items: readonly string[] }
    | { readonly kind: 'zset'; readonly items: readonly { readonly member: string; readonly score: string }[] }
    | {
        readonly kind: 'hash'
        readonly items: readonly { readonly field: string; readonly value: string; readonly deadlineMs: number | null }[]
      }
    /** Oldest first, with `back` newest first; fields and values in the order of the entry. */
    | {
        readonly kind: 'stream'
        readonly items: readonly { readonly id: string; readonly fields: readonly (readonly [string, string])[] }[]
      }
    | { readonly kind: 'none' }
  /** Opaque; null when this was the last page. */
  readonly next: string | null
  readonly atMs: number
}

/** GET /api/clusters/:cluster/keys/stream?database=&key= : what a stream holds beside its entries. Ids are as the server writes them. */
export type StreamAnswer = {
  readonly length: number
  readonly firstId: string | null
  readonly lastId: string
  readonly entriesAdded: number | null
  readonly groups: readonly {
    readonly name: string
    readonly lastDeliveredId: string
    readonly pending: number
    /** Entries that the group has not been given yet; null: the server does not know. */
    readonly lag: number | null
    readonly consumers: readonly { readonly name: string; readonly pending: number; readonly idleMs: number }[]
  }[]
  /** Groups beyond the first 100 are counted here and not listed. */
  readonly moreGroups: number
  readonly atMs: number
}

/** GET /api/clusters/:cluster/keys/stream/pending?database=&key=&group=&offset= : entries given to consumers and not acknowledged. */
export type PendingAnswer = {
  readonly items: readonly { readonly id: string; readonly consumer: string; readonly idleMs: number; readonly deliveries: number }[]
  readonly next: string | null
  readonly atMs: number
}

/** GET /api/clusters/:cluster/keys/everywhere?key= : one key looked up in every non-empty database. */
export type EverywhereAnswer = {
  readonly slot: number
  readonly shard: string
  readonly rows: readonly {
    readonly database: number
    readonly type: string
    readonly size: number | null
    readonly ttlMs: number | null
  }[]
  readonly atMs: number
}

/**
 * POST /api/clusters/:cluster/hash/expiry : changes one field's deadline with HPEXPIREAT, or HPERSIST when `deadlineMs` is null.
 * `expectedMs` is the deadline that the person saw: when the field has another one now, 409 `PLAN_STALE` with both.
 */
export type FieldExpiryRequest = {
  readonly database: number
  readonly key: string
  readonly field: string
  readonly expectedMs: number | null
  readonly deadlineMs: number | null
}
export type FieldExpiryAnswer = { readonly reply: number; readonly command: readonly string[]; readonly node: string }

/**
 * PUT /api/clusters/:cluster/databases/:database/name : what people call a database, for all who look; at most 40 characters of plain text,
 * empty: its number alone. -> 204.
 */
export type DatabaseNameRequest = { readonly name: string }

/**
 * GET /api/clusters/:cluster/recording : what there is of the past. GET .../recording/frames?from=&to=&topics= : the lines of a range
 * (`RecordedLine`, one a line of text), beginning with snapshots at or before `from` (milliseconds) and ending with `end` or `cut`.
 * GET .../recording/export?from=&to= : the same as a file, compressed.
 */
export type RecordingAnswer = {
  /** False: nothing is recorded here, and the rest is empty. */
  readonly kept: boolean
  /** Oldest and newest instant; null while there is nothing. */
  readonly fromMs: number | null
  readonly toMs: number | null
  /** Stretches in between of which nothing is known: the api was down, or nobody asked. Oldest first. */
  readonly gaps: readonly RecordingGap[]
  /** Oldest first, at most 5,000. */
  readonly events: readonly RecordedEvent[]
  readonly bytes: number
  /** The oldest is dropped beyond these; null where nothing is. */
  readonly limits: { readonly hours: number; readonly bytes: number } | null
  /** Why nothing is being recorded right now; null: it is. */
  readonly problem: string | null
}

/**
 * POST /api/clusters/:cluster/playback, where a recording is played: goes to an instant, sets the speed (0.01 to 100), pauses or goes on.
 * Everybody who looks sees the same (`PlaybackState`).
 */
export type PlaybackRequest = { readonly positionMs?: number; readonly speed?: number; readonly paused?: boolean }
