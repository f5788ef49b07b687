import type {
  ClientsAnswer,
  CommandLogAnswer,
  CommandStatsAnswer,
  HeardAnswer,
  KillClientsAnswer,
  LatencyAnswer,
  LatencyHistoryAnswer,
  ListenAnswer,
  MemoryAnswer,
  PubSubAnswer,
  ResetLogAnswer
} from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { closed, count, flag, instant, number, oneOf, orNull, schemaOf, text, texts } from './answer.ts'
import { asked } from './node-answers.ts'

export const clients = schemaOf<ClientsAnswer>()(
  closed({
    nodes: asked,
    clients: Type.Array(
      closed({
        node: text,
        id: count,
        address: text,
        name: text,
        user: orNull(text),
        kind: oneOf('normal', 'pubsub', 'replica', 'primary', 'migration'),
        isOurs: flag,
        flags: text,
        database: orNull(number),
        ageSeconds: orNull(number),
        idleSeconds: orNull(number),
        subscriptions: count,
        outputBytes: orNull(number),
        queryBytes: orNull(number),
        memoryBytes: orNull(number),
        command: text,
        commands: orNull(number),
        bytesIn: orNull(number),
        bytesOut: orNull(number),
        library: text,
        libraryVersion: text,
        protocol: orNull(number)
      })
    ),
    leftOut: count
  })
)

export const killed = schemaOf<KillClientsAnswer>()(
  closed({
    results: Type.Array(
      closed({
        node: text,
        id: count,
        address: text,
        outcome: oneOf('killed', 'gone', 'other', 'guarded', 'failed'),
        words: orNull(text),
        command: orNull(texts)
      })
    ),
    atMs: instant
  })
)

export const commandLog = schemaOf<CommandLogAnswer>()(
  closed({
    kind: oneOf('slow', 'large-request', 'large-reply'),
    nodes: Type.Array(
      closed({ node: text, atMs: instant, error: orNull(text), threshold: orNull(number), mostEntries: orNull(number), isCut: flag })
    ),
    entries: Type.Array(
      closed({
        node: text,
        id: count,
        atMs: instant,
        value: number,
        arguments: texts,
        address: orNull(text),
        clientName: orNull(text)
      })
    )
  })
)

export const logReset = schemaOf<ResetLogAnswer>()(
  closed({ results: Type.Array(closed({ node: text, atMs: instant, error: orNull(text), command: texts })) })
)

const counts = Type.Array(orNull(Type.Array(number)))

export const commandStats = schemaOf<CommandStatsAnswer>()(
  closed({ nodes: asked, commands: texts, figures: counts, errors: texts, errorCounts: counts })
)

export const latency = schemaOf<LatencyAnswer>()(
  closed({
    nodes: Type.Array(closed({ node: text, atMs: instant, error: orNull(text), isTracking: orNull(flag), eventsFromMs: orNull(number) })),
    histograms: Type.Array(closed({ command: text, calls: count, buckets: Type.Array(Type.Tuple([number, count])) })),
    events: Type.Array(closed({ node: text, event: text, atMs: instant, latestMs: number, mostMs: number }))
  })
)

export const latencyHistory = schemaOf<LatencyHistoryAnswer>()(closed({ points: Type.Array(closed({ atMs: instant, tookMs: number })) }))

const bytesOfPart = Type.Optional(number)

export const memory = schemaOf<MemoryAnswer>()(
  closed({
    nodes: asked,
    memory: Type.Array(
      closed({
        node: text,
        usedBytes: number,
        peakBytes: orNull(number),
        limitBytes: orNull(number),
        residentBytes: orNull(number),
        keys: orNull(number),
        parts: closed({
          dataset: bytesOfPart,
          tables: bytesOfPart,
          clients: bytesOfPart,
          replicas: bytesOfPart,
          backlog: bytesOfPart,
          links: bytesOfPart,
          moves: bytesOfPart,
          'append-only': bytesOfPart,
          scripts: bytesOfPart,
          start: bytesOfPart,
          other: bytesOfPart
        }),
        databases: Type.Array(closed({ database: count, bytes: number })),
        fragmentation: orNull(number),
        allocatorLostBytes: orNull(number),
        allocatorKeptBytes: orNull(number),
        besideAllocatorBytes: orNull(number)
      })
    )
  })
)

export const pubSub = schemaOf<PubSubAnswer>()(
  closed({
    nodes: asked,
    channels: Type.Array(closed({ name: text, kind: oneOf('channel', 'sharded'), subscribers: count, nodes: count })),
    leftOut: count,
    patterns: count
  })
)

export const listens = schemaOf<ListenAnswer>()(closed({ listener: text, node: text, command: Type.Tuple([text, text]) }))

export const heard = schemaOf<HeardAnswer>()(
  closed({
    messages: Type.Array(closed({ sequence: count, atMs: instant, channel: text, payload: text, sizeBytes: count })),
    received: count,
    receivedBytes: count,
    perSecond: number,
    ended: orNull(text)
  })
)
