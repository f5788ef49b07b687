/** Where a cluster is found. */
export type Seed = { readonly host: string; readonly port: number }

/** What EXPIRE and GETEX of hash fields answered: field `a` was given 100 s, then read and kept for good. */
export type FieldStory = {
  readonly expire: readonly number[]
  readonly secondsLeft: number
  readonly read: readonly (string | null)[]
  readonly afterwards: number
}

/** One entry that a group read, and what was left after its acknowledgement. */
export type GroupStory = { readonly entries: readonly (readonly string[])[]; readonly acknowledged: number; readonly pending: number }

/**
 * What an application does on a working day, each in the words of one library's cluster client, with answers brought to one shape.
 * The library is used as published, with the options that its own manual gives for a cluster.
 */
export type EverydayClient = {
  /** The library and its protocol. */
  readonly title: string
  /** Whether one call with keys of many slots is split by the library; otherwise its caller sees CROSSSLOT. */
  readonly splitsKeys: boolean
  /** False where the library refuses to subscribe with this protocol. */
  readonly subscribes: boolean
  set(key: string, value: string): Promise<unknown>
  get(key: string): Promise<string | null>
  increment(key: string): Promise<number>
  getMany(keys: readonly string[]): Promise<readonly (string | null)[]>
  push(key: string, value: string): Promise<number>
  /** BLPOP with 5 s of patience. */
  blockingPop(key: string): Promise<string | null>
  /** INCR, INCR and GET without waiting between. */
  pipeline(key: string): Promise<readonly unknown[]>
  /** The same three between MULTI and EXEC. */
  transaction(key: string): Promise<readonly unknown[]>
  fields(key: string): Promise<FieldStory>
  /** Members a to c with scores 1 to 3, the highest two with their scores. */
  ranking(key: string): Promise<readonly (readonly [string, number])[]>
  /** One entry {n: '1'}, read and acknowledged by a consumer of a group. */
  group(key: string): Promise<GroupStory>
  /** Resolves when subscribed. */
  listen(channel: string, sharded: boolean, heard: (message: string) => void): Promise<void>
  publish(channel: string, message: string, sharded: boolean): Promise<unknown>
  /** Every key of the cluster that matches. */
  scan(match: string): Promise<readonly string[]>
  /** Writes the key in the database of that number, and reads it there. */
  inDatabase(database: number, key: string, value: string): Promise<string | null>
  close(): Promise<void>
}
