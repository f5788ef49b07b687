import type { DeleteKeysAnswer, DeletionConfirmation, ExportAnswer, ImportAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { closed, count, instant, number, orNull, schemaOf, text, texts } from './answer.ts'

const problems = Type.Array(closed({ key: text, words: text }))
const deadlineMs = orNull(instant)
const newValue = Type.Union([
  closed({ type: Type.Literal('string'), value: text }),
  closed({ type: Type.Union([Type.Literal('list'), Type.Literal('set')]), items: texts }),
  closed({ type: Type.Literal('zset'), items: Type.Array(closed({ member: text, score: text })) }),
  closed({ type: Type.Literal('hash'), items: Type.Array(closed({ field: text, value: text, deadlineMs })) }),
  closed({ type: Type.Literal('stream'), fields: Type.Array(Type.Tuple([text, text])) })
])

export const exported = schemaOf<ExportAnswer>()(
  closed({
    items: Type.Array(
      Type.Union([
        closed({ key: text, type: text, deadlineMs, dump: text }),
        closed({ key: text, type: text, deadlineMs, value: newValue })
      ])
    ),
    gone: count,
    problems,
    taken: count,
    valkeyVersion: orNull(text),
    atMs: instant
  })
)

export const deletion = schemaOf<DeletionConfirmation>()(
  closed({ database: count, count, nonce: text, expiresInMs: number, typedName: text })
)

export const deleted = schemaOf<DeleteKeysAnswer>()(closed({ run: text, deleted: count, gone: count, problems, atMs: instant }))

export const imported = schemaOf<ImportAnswer>()(closed({ imported: count, kept: count, expired: count, problems, atMs: instant }))
