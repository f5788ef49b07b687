import type { AskedNode } from './node-questions.ts'

/**
 * Questions of the traffic room. Each goes to every node when somebody asks it, and never by itself: the lists are long, and they show
 * who uses the servers and how.
 */

/** GET /api/clusters/:cluster/clients : CLIENT LIST of every node. */
export type ClientsAnswer = {
  readonly nodes: readonly AskedNode[]
  /** In the order of `nodes`, of each node in its own order. */
  readonly clients: readonly ClientState[]
  /** Connections that are not in `clients`, because one answer holds only so many. */
  readonly leftOut: number
}

/** What a connection is for, by its flags. `migration`: another node moves slots over it. */
export type ClientKind = 'normal' | 'pubsub' | 'replica' | 'primary' | 'migration'

/** One connection as its node describes it; null: this server does not tell. */
export type ClientState = {
  readonly node: string
  /** Counts up over the life of a node and begins anew with it. */
  readonly id: number
  /** Where it comes from, as the node sees it: `127.0.0.1:47260`, or the path of a socket. */
  readonly address: string
  readonly name: string
  readonly user: string | null
  readonly kind: ClientKind
  /** It is a connection of Slotscope, of this one or of another: told by its name. */
  readonly isOurs: boolean
  /** Letters as the server gives them; `N`: none. */
  readonly flags: string
  readonly database: number | null
  /** Since it connected, and since its last command. */
  readonly ageSeconds: number | null
  readonly idleSeconds: number | null
  /** Channels, sharded channels and patterns that it listens to. */
  readonly subscriptions: number
  /** Replies that wait to be sent. */
  readonly outputBytes: number | null
  readonly queryBytes: number | null
  /** All that the connection takes. */
  readonly memoryBytes: number | null
  /** The last one, in lower case: `client|list`. */
  readonly command: string
  readonly commands: number | null
  readonly bytesIn: number | null
  readonly bytesOut: number | null
  readonly library: string
  readonly libraryVersion: string
  /** Of RESP. */
  readonly protocol: number | null
}

/** Connections that are ended only by whoever types their address: what breaks with them is not one client's own affair. */
export function isGuardedClient({ kind, isOurs }: Pick<ClientState, 'kind' | 'isOurs'>): boolean {
  return isOurs || (kind !== 'normal' && kind !== 'pubsub')
}

/** POST /api/clusters/:cluster/clients/kill */
export type KillClientsRequest = { readonly clients: readonly ClientToKill[] }

/** `typedAddress`: its address, typed by the person; needed for what `isGuardedClient` tells. */
export type ClientToKill = { readonly node: string; readonly id: number; readonly address: string; readonly typedAddress?: string }

export type KillClientsAnswer = { readonly results: readonly KilledClient[]; readonly atMs: number }

/**
 * `gone`: it had ended before. `other`: the node has begun anew, and another connection has this number now. `guarded`: it was not named.
 * `failed`: `words` has why.
 */
export type KilledClient = {
  readonly node: string
  readonly id: number
  readonly address: string
  readonly outcome: 'killed' | 'gone' | 'other' | 'guarded' | 'failed'
  readonly words: string | null
  /** What was sent to the node; null: nothing. */
  readonly command: readonly string[] | null
}

/** The command that ends this connection and no other: after a restart of the node its number may belong to somebody else. */
export function killCommand({ id, address }: Pick<ClientState, 'id' | 'address'>): readonly string[] {
  return ['CLIENT', 'KILL', 'ID', String(id), 'ADDR', address]
}

/** Which log of commands: those that took long, that came large, or that were answered with much. */
export type CommandLogKind = 'slow' | 'large-request' | 'large-reply'

/** GET /api/clusters/:cluster/command-logs?kind=slow : COMMANDLOG GET of every node, newest first; SLOWLOG GET where there is no other. */
export type CommandLogAnswer = {
  readonly kind: CommandLogKind
  readonly nodes: readonly LoggingNode[]
  readonly entries: readonly LoggedCommand[]
}

/** A node that was asked, and what it writes down. */
export type LoggingNode = AskedNode & {
  /** Microseconds, or bytes for the large ones; 0: everything, -1: nothing. Null: it does not tell. */
  readonly threshold: number | null
  /** So many are kept. */
  readonly mostEntries: number | null
  /** It has more than it was asked for: the oldest are not in the answer. */
  readonly isCut: boolean
}

export type LoggedCommand = {
  readonly node: string
  /** Counts up over the life of the node, in each log by itself. */
  readonly id: number
  /** By the node's clock, in whole seconds. */
  readonly atMs: number
  /** Microseconds, or bytes for the large ones. */
  readonly value: number
  /** base64url; the server cuts them (32 of 128 bytes each), and `(redacted)` stands for secrets. */
  readonly arguments: readonly string[]
  /** Null: an older server does not tell. */
  readonly address: string | null
  readonly clientName: string | null
}

/** POST /api/clusters/:cluster/command-logs/reset : empties one of the logs of every node. */
export type ResetLogRequest = { readonly kind: CommandLogKind }

/** `command`: what was sent to it last. */
export type ResetLogAnswer = { readonly results: readonly (AskedNode & { readonly command: readonly string[] })[] }

/** The command that empties a log. */
export function resetCommand(kind: CommandLogKind): readonly string[] {
  return ['COMMANDLOG', 'RESET', kind]
}

/**
 * GET /api/clusters/:cluster/command-stats : INFO commandstats and errorstats of every node, counted since each began or was reset.
 * Figures stand in rows of numbers: of 2,000 nodes there are many.
 */
export type CommandStatsAnswer = {
  readonly nodes: readonly AskedNode[]
  /** As INFO names them: `get`, `client|list`. */
  readonly commands: readonly string[]
  /** By place in `nodes`: calls, microseconds, rejected and failed calls of each command in turn. Null: the node did not answer. */
  readonly figures: readonly (readonly number[] | null)[]
  /** First words of errors: `ERR`, `MOVED`. */
  readonly errors: readonly string[]
  /** By place in `nodes`: how often each was answered. */
  readonly errorCounts: readonly (readonly number[] | null)[]
}

/** GET /api/clusters/:cluster/latency, of one node with `?node=` : LATENCY HISTOGRAM of the nodes added up, and LATENCY LATEST. */
export type LatencyAnswer = {
  readonly nodes: readonly LatencyNode[]
  /** By number of calls. */
  readonly histograms: readonly CommandLatency[]
  readonly events: readonly LatencyEvent[]
}

export type LatencyNode = AskedNode & {
  /** `latency-tracking`: without it there are no histograms. Null: it does not tell. */
  readonly isTracking: boolean | null
  /** `latency-monitor-threshold` in milliseconds; 0: it notes no events. */
  readonly eventsFromMs: number | null
}

export type CommandLatency = {
  readonly command: string
  readonly calls: number
  /** Calls that took at most so many microseconds and longer than the bucket before, ascending; each about twice the last. */
  readonly buckets: readonly (readonly [atMostUs: number, calls: number])[]
}

/** Something that held a node up: `command`, `fork`, `expire-cycle`. */
export type LatencyEvent = {
  readonly node: string
  readonly event: string
  readonly atMs: number
  readonly latestMs: number
  readonly mostMs: number
}

/** GET /api/clusters/:cluster/latency/history?node=&event= : LATENCY HISTORY, oldest first. */
export type LatencyHistoryAnswer = { readonly points: readonly { readonly atMs: number; readonly tookMs: number }[] }

/** GET /api/clusters/:cluster/memory : MEMORY STATS and INFO memory of every node. */
export type MemoryAnswer = { readonly nodes: readonly AskedNode[]; readonly memory: readonly NodeMemory[] }

/**
 * What memory is for. `tables`: the hash tables of databases and what else they need beside their keys and values. `links`: of the cluster bus.
 * `moves`: slots on their way in or out. `start`: what the process took before it had data. `other`: counted by the node and not told apart.
 */
export type MemoryPart =
  | 'dataset'
  | 'tables'
  | 'clients'
  | 'replicas'
  | 'backlog'
  | 'links'
  | 'moves'
  | 'append-only'
  | 'scripts'
  | 'start'
  | 'other'

/** In bytes; null: this server does not tell. */
export type NodeMemory = {
  readonly node: string
  /** All that it has allocated: the sum of the parts. */
  readonly usedBytes: number
  readonly peakBytes: number | null
  /** `maxmemory`; 0: there is no limit. */
  readonly limitBytes: number | null
  /** What the system counts for the process. */
  readonly residentBytes: number | null
  readonly keys: number | null
  readonly parts: Readonly<Partial<Record<MemoryPart, number>>>
  /** Hash tables by database. */
  readonly databases: readonly { readonly database: number; readonly bytes: number }[]
  /** Resident by used. */
  readonly fragmentation: number | null
  /** Lost in the allocator's pages; kept by it for later; and what the process takes beside it. */
  readonly allocatorLostBytes: number | null
  readonly allocatorKeptBytes: number | null
  readonly besideAllocatorBytes: number | null
}

/** GET /api/clusters/:cluster/pubsub : PUBSUB CHANNELS, SHARDCHANNELS and their subscribers, over all nodes. */
export type PubSubAnswer = {
  readonly nodes: readonly AskedNode[]
  /** Most subscribers first. */
  readonly channels: readonly ChannelState[]
  /** Channels that are not in `channels`, because one answer holds only so many. */
  readonly leftOut: number
  /** Different patterns, counted node by node. */
  readonly patterns: number
}

/** `sharded`: its messages stay in the shard that owns its slot. */
export type ChannelKind = 'channel' | 'sharded'

export type ChannelState = {
  /** base64url */
  readonly name: string
  readonly kind: ChannelKind
  /** Those who listen by a pattern are not counted. */
  readonly subscribers: number
  /** On how many nodes somebody listens. */
  readonly nodes: number
}

/** POST /api/clusters/:cluster/pubsub/listeners : begins to listen, on a connection of its own. One session listens to one thing. */
export type ListenRequest = { readonly kind: ChannelKind | 'pattern' /** base64url */; readonly name: string }

export type ListenAnswer = {
  readonly listener: string
  readonly node: string
  /** As it was sent; the name in base64url. */
  readonly command: readonly [name: string, argument: string]
}

/** GET /api/clusters/:cluster/pubsub/listeners/:listener?after= : what has come since. Whoever does not ask for 15 seconds is gone. */
export type HeardAnswer = {
  /** The latest, oldest first; each newer than `after`. */
  readonly messages: readonly HeardMessage[]
  /** Since it began; more than were told, where they come faster than they are asked for. */
  readonly received: number
  readonly receivedBytes: number
  /** Over the last five seconds. */
  readonly perSecond: number
  /** Why nothing more comes; null: it goes on. */
  readonly ended: string | null
}

export type HeardMessage = {
  /** Counts up from 1. */
  readonly sequence: number
  readonly atMs: number
  /** base64url */
  readonly channel: string
  /** base64url; cut where it is long. */
  readonly payload: string
  readonly sizeBytes: number
}
