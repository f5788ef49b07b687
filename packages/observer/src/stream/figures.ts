/** Topics that hold figures: `databases`, `expiry`, `traffic` and `hash:<database>:<key>`. */

export type DatabaseCell = {
  readonly keys: number
  readonly withExpiry: number
  /** Keys (hashes) that hold at least one field with a deadline. */
  readonly withVolatileFields: number
  /** Milliseconds; 0 when no key has an expiry. */
  readonly averageTtlMs: number
  readonly atMs: number
}

export type DatabasesState = {
  /** `cluster-databases`, null where unknown. */
  readonly limit: number | null
  /** By shard key, then by database number as text. Only non-empty databases. */
  readonly shards: Readonly<Record<string, Readonly<Record<string, DatabaseCell>>>>
  /** The node that was asked, by shard key. */
  readonly readFrom?: Readonly<Record<string, string>>
}

/** A hash field, or a whole key, that is about to expire. Names are base64 of the bytes, since they may not be text. */
export type SoonestEntry = {
  readonly database: number
  readonly shard: string
  readonly key: string
  /** Null: the key itself. */
  readonly field: string | null
  readonly deadlineMs: number
}

export type ExpiryState = {
  /** Fields removed by expiry per second, all primaries; keys likewise. Null until two readings. */
  readonly expiredFieldsPerSecond: number | null
  readonly expiredKeysPerSecond: number | null
  readonly hashesWithVolatileFields: number
  readonly keysWithExpiry: number
  /** Soonest first, at most 50, found by budgeted sampling. */
  readonly soonest: readonly SoonestEntry[]
  /** How much the sample saw: hashes looked into, of about how many. */
  readonly sampledHashes: number
  readonly sampledKeys: number
  readonly sampledAtMs: number | null
  /**
   * Forecast over log time: bucket i covers from `edgesMs[i]` to `edgesMs[i+1]` after `atMs`. `fieldsPerSecond` is estimated from
   * the sample (counts times `factor`).
   */
  readonly forecast: ExpiryForecast | null
}

export type ExpiryForecast = {
  readonly atMs: number
  readonly edgesMs: readonly number[]
  /** By database number as text. */
  readonly fieldsPerSecond: Readonly<Record<string, readonly number[]>>
  readonly keysPerSecond: readonly number[]
  /** Estimated = counted x factor. */
  readonly factor: number
  /** Half width of the 95 % band, per bucket, in fields per second. */
  readonly bandPerSecond: readonly number[]
}

/** One reading of what servers report, rates per second over the interval that ends at `atMs`. */
export type ServerTrafficPoint = {
  readonly atMs: number
  readonly intervalMs: number
  readonly operationsPerSecond: number
  /** By the word of errorstats: MOVED, ASK, TRYAGAIN, CLUSTERDOWN, ... per second. */
  readonly errorsPerSecond: Readonly<Record<string, number>>
  /** p99 of the busiest command, microseconds, from latencystats; null where off. */
  readonly p99Us: number | null
  readonly pausedNodes: number
}

/** One reading of what a client of ours measured, all shards together. Milliseconds. */
export type ProbeTrafficPoint = {
  readonly atMs: number
  readonly intervalMs: number
  readonly operationsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Replies that a client notices, counted in the interval. */
  readonly moved: number
  readonly ask: number
  readonly tryAgain: number
  readonly otherErrors: number
}

export type TrafficState = {
  /** Newest last, at most 300 each. */
  readonly servers: readonly ServerTrafficPoint[]
  readonly probe: readonly ProbeTrafficPoint[]
  /** Where the probe's figures come from; null: no probe runs. */
  readonly probeSource: string | null
}

/** The fields of one hash with their deadlines, while somebody looks at it. */
export type HashState = {
  readonly database: number
  /** base64url of the key's bytes. */
  readonly key: string
  readonly slot: number
  readonly shard: string | null
  readonly node: string | null
  /** False: no such key, or not a hash (then `problem` says so). */
  readonly exists: boolean
  readonly problem: string | null
  /** HLEN: counts expired fields that wait for reclaim. */
  readonly length: number
  /** HLEN minus the fields of a complete HSCAN; null while the HSCAN is not complete. */
  readonly unnamed: number | null
  /** Deadline of the key itself, null: none. */
  readonly keyDeadlineMs: number | null
  /** By base64 of the field's name; at most 1,000 fields. */
  readonly fields: Readonly<Record<string, HashFieldState>>
  readonly truncated: boolean
  readonly atMs: number
}

export type HashFieldState = {
  readonly name: string
  /** First 256 bytes, base64. */
  readonly value: string
  readonly valueBytes: number
  /** Absolute milliseconds; null: no expiry. */
  readonly deadlineMs: number | null
  /** Seen before, passed its deadline, and no longer listed by HSCAN while HLEN still counts it. */
  readonly awaitingReclaim: boolean
}

/** How a recording is being played, the same for all who look. The `atMs` of every frame is the instant that is shown. */
export type PlaybackState = {
  /** The recording's stretch. */
  readonly fromMs: number
  readonly toMs: number
  /** The instant that is shown. It goes on from here at `speed` unless `paused`. */
  readonly positionMs: number
  /** 1 is as it was, 0.1 ten times slower. */
  readonly speed: number
  /** A person paused it, or the end is reached. */
  readonly paused: boolean
}
