import { Type } from 'typebox'
import { bytes, closed, deadline, largeBytes } from './schemas.ts'

/** Pieces of the bodies that change keys, one by one or many at once. */

export const some = { minItems: 1, maxItems: 1_000 }
export const pair = Type.Tuple([bytes, bytes])
export const score = Type.String({ minLength: 1, maxLength: 64 })

export const newValue = Type.Union([
  closed({ type: Type.Literal('string'), value: largeBytes }),
  closed({ type: Type.Union([Type.Literal('list'), Type.Literal('set')]), items: Type.Array(bytes, some) }),
  closed({ type: Type.Literal('zset'), items: Type.Array(closed({ member: bytes, score }), some) }),
  closed({ type: Type.Literal('hash'), items: Type.Array(closed({ field: bytes, value: bytes, deadlineMs: deadline }), some) }),
  closed({ type: Type.Literal('stream'), fields: Type.Array(pair, some) })
])
