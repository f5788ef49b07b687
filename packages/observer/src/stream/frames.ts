import type { CoreState } from './core-state.ts'
import type { DatabasesState, ExpiryState, HashState, PlaybackState, TrafficState } from './figures.ts'

/** Raised whenever the shape of a frame or of a topic's state changes. */
export const STREAM_VERSION = 2

/**
 * A per-slot figure. `keys` is a count over all databases; the others are rates per second (microseconds of processor time, bytes)
 * taken from the counters of CLUSTER SLOT-STATS, NaN until two readings. The header of a frame says which (`perSecond`).
 */
export type SlotFigure = 'keys' | 'cpu' | 'bytes-in' | 'bytes-out'

/**
 * `hash:<database>:<key in base64url>` follows the field deadlines of one hash while somebody looks at it. `playback` is there where a
 * recording is played.
 */
export type JsonTopic = 'core' | 'databases' | 'expiry' | 'traffic' | 'playback' | `hash:${number}:${string}`
export type SlotsTopic = `slots:${SlotFigure}`
export type Topic = JsonTopic | SlotsTopic

export type TopicState<T extends JsonTopic = JsonTopic> = T extends 'core'
  ? CoreState
  : T extends 'databases'
    ? DatabasesState
    : T extends 'expiry'
      ? ExpiryState
      : T extends 'traffic'
        ? TrafficState
        : T extends 'playback'
          ? PlaybackState
          : HashState

/**
 * What a cluster, or the one who is watching, can do; absent means the console does not offer it. `recorded`: this is a recording that is
 * played, with all that was there, and nothing in it can be changed.
 */
export type Capability = 'atomic-migration' | 'slot-stats' | 'node-host' | 'probe' | 'recorded'

export type ByeReason = 'logged-out' | 'slow-viewer' | 'cluster-removed' | 'server-stopping' | 'forbidden'

/**
 * One change inside a topic's state. `path` walks object keys from the root.
 * `push` appends to an array and keeps only its last `keep` elements. `merge` sets several keys of one object.
 */
export type Op =
  | { readonly op: 'set'; readonly path: readonly string[]; readonly value: unknown }
  | { readonly op: 'merge'; readonly path: readonly string[]; readonly values: Readonly<Record<string, unknown>> }
  | { readonly op: 'remove'; readonly path: readonly string[] }
  | { readonly op: 'push'; readonly path: readonly string[]; readonly values: readonly unknown[]; readonly keep: number }

/** `atMs` is the api's wall clock, in milliseconds, when the frame was made. */
export type Frame =
  | {
      readonly type: 'hello'
      readonly streamVersion: number
      /** Changes when the api restarts: every held version is void then. */
      readonly feedId: string
      readonly clusterId: string
      readonly capabilities: readonly Capability[]
      readonly atMs: number
    }
  | { readonly type: 'snapshot'; readonly topic: JsonTopic; readonly version: number; readonly atMs: number; readonly state: TopicState }
  | {
      readonly type: 'patch'
      readonly topic: JsonTopic
      readonly base: number
      readonly version: number
      readonly atMs: number
      readonly ops: readonly Op[]
    }
  /**
   * Nothing else was sent for `BEAT_MS`, or nothing of this kind for a while. `versions`: what of each topic was sent last, so that a
   * viewer who lacks it, and would hear nothing more of a topic that stands still, asks for it.
   */
  | { readonly type: 'beat'; readonly atMs: number; readonly versions?: Readonly<Partial<Record<Topic, number>>> }
  | { readonly type: 'bye'; readonly reason: ByeReason }

/** A viewer hears at least so often, give or take a second, while the cluster is being watched. */
export const BEAT_MS = 2_000

/** What a viewer may ask on the socket. `watch` replaces the set of topics that it follows. */
export type Ask =
  | { readonly type: 'watch'; readonly topics: readonly Topic[]; readonly visible: boolean }
  | { readonly type: 'resume'; readonly topic: Topic; readonly version: number }
  | { readonly type: 'ack'; readonly topic: Topic; readonly version: number }

/**
 * Slot figures travel as binary frames: the header's length (uint32, little endian), the header as JSON, padding to a
 * multiple of 8 bytes, then the body. Body of a snapshot: 16,384 float64 (NaN: not known). Body of a patch: `count`
 * float64 values followed by `count` uint16 slot numbers.
 */
export type SlotsHeader =
  | {
      readonly type: 'slots-snapshot'
      readonly topic: SlotsTopic
      readonly version: number
      readonly atMs: number
      readonly perSecond: boolean
    }
  | {
      readonly type: 'slots-patch'
      readonly topic: SlotsTopic
      readonly base: number
      readonly version: number
      readonly atMs: number
      readonly count: number
      readonly perSecond: boolean
    }
