import type { Ask } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { Check } from 'typebox/value'
import { topicPattern } from './topic-rules.ts'

/** Topics that one viewer may follow at once. */
const MOST_TOPICS = 32

const topic = Type.String({ maxLength: 16_000, pattern: topicPattern })
const version = Type.Integer({ minimum: 0 })

const askSchema = Type.Union([
  Type.Object({
    type: Type.Literal('watch'),
    topics: Type.Array(topic, { maxItems: MOST_TOPICS }),
    visible: Type.Boolean()
  }),
  Type.Object({ type: Type.Literal('resume'), topic, version }),
  Type.Object({ type: Type.Literal('ack'), topic, version })
])

/** Reads what a viewer sent; undefined when it is not an ask. */
export function parseAsk(text: string): Ask | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return Check(askSchema, value) ? (value as Ask) : undefined
}
