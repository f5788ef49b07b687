import type {
  DumpAnswer,
  EditAnswer,
  EverywhereAnswer,
  FieldExpiryAnswer,
  KeyDetailsAnswer,
  KeySampleAnswer,
  PendingAnswer,
  ScanAnswer,
  SlotAnswer,
  SlotKeysAnswer,
  StreamAnswer,
  ValueAnswer
} from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { closed, count, flag, instant, number, oneOf, orNull, schemaOf, text, texts } from './answer.ts'

export const slotContents = schemaOf<SlotAnswer>()(
  closed({
    slot: count,
    node: text,
    keysByDatabase: Type.Array(closed({ database: count, keys: count })),
    sampleKeys: Type.Array(closed({ database: count, key: text })),
    atMs: instant
  })
)

export const slotKeys = schemaOf<SlotKeysAnswer>()(
  closed({ rows: Type.Array(Type.Tuple([count, count, count])), counts: count, atMs: instant })
)

const row = closed({ key: text, type: text, slot: count, shard: text, detailed: flag, ttlMs: orNull(number), size: orNull(count) })

export const scanned = schemaOf<ScanAnswer>()(
  closed({ keys: Type.Array(row), cursor: orNull(text), walked: count, total: count, commands: count, atMs: instant })
)

export const details = schemaOf<KeyDetailsAnswer>()(closed({ keys: Type.Array(row), commands: count, atMs: instant }))

export const sampled = schemaOf<KeySampleAnswer>()(
  closed({
    keys: Type.Array(closed({ key: text, type: text, shard: text, bytes: count, size: orNull(count) })),
    total: count,
    commands: count,
    atMs: instant
  })
)

const pairs = Type.Array(Type.Tuple([text, text]))

export const value = schemaOf<ValueAnswer>()(
  closed({
    database: count,
    key: text,
    slot: count,
    shard: text,
    node: text,
    type: text,
    encoding: orNull(text),
    size: count,
    ttlMs: orNull(number),
    deadlineMs: orNull(instant),
    value: Type.Union([
      closed({ kind: Type.Literal('string'), bytes: text, truncated: flag }),
      closed({ kind: oneOf('list', 'set'), items: texts }),
      closed({ kind: Type.Literal('zset'), items: Type.Array(closed({ member: text, score: text })) }),
      closed({ kind: Type.Literal('hash'), items: Type.Array(closed({ field: text, value: text, deadlineMs: orNull(number) })) }),
      closed({ kind: Type.Literal('stream'), items: Type.Array(closed({ id: text, fields: pairs })) }),
      closed({ kind: Type.Literal('none') })
    ]),
    next: orNull(text),
    atMs: instant
  })
)

export const stream = schemaOf<StreamAnswer>()(
  closed({
    length: count,
    firstId: orNull(text),
    lastId: text,
    entriesAdded: orNull(count),
    groups: Type.Array(
      closed({
        name: text,
        lastDeliveredId: text,
        pending: count,
        lag: orNull(count),
        consumers: Type.Array(closed({ name: text, pending: count, idleMs: number }))
      })
    ),
    moreGroups: count,
    atMs: instant
  })
)

export const pending = schemaOf<PendingAnswer>()(
  closed({
    items: Type.Array(closed({ id: text, consumer: text, idleMs: number, deliveries: count })),
    next: orNull(text),
    atMs: instant
  })
)

export const everywhere = schemaOf<EverywhereAnswer>()(
  closed({
    slot: count,
    shard: text,
    rows: Type.Array(closed({ database: count, type: text, size: orNull(count), ttlMs: orNull(number) })),
    atMs: instant
  })
)

export const edited = schemaOf<EditAnswer>()(
  closed({
    slot: count,
    shard: text,
    node: text,
    commands: Type.Array(texts),
    effects: Type.Array(closed({ command: texts, reply: text })),
    warnings: texts,
    after: closed({ type: text, size: orNull(count), deadlineMs: orNull(instant) })
  })
)

export const dumped = schemaOf<DumpAnswer>()(
  closed({
    database: count,
    key: text,
    type: text,
    dump: text,
    deadlineMs: orNull(instant),
    valkeyVersion: orNull(text),
    atMs: instant
  })
)

export const fieldExpiry = schemaOf<FieldExpiryAnswer>()(closed({ reply: count, command: texts, node: text }))
