import type { JsonTopic, SlotsTopic, Topic } from '@slotscope/observer/stream'
import type { Verb } from '../security/authorise.ts'

type TopicKind = Exclude<JsonTopic, `hash:${string}`> | SlotsTopic | 'hash'

/**
 * What watching a topic is: `see` the cluster's figures, or `browse` somebody's data. A topic of the stream that is not here does not
 * compile, and cannot be asked for.
 */
export const topicRules = {
  core: 'see',
  databases: 'see',
  expiry: 'see',
  traffic: 'see',
  playback: 'see',
  'slots:keys': 'see',
  'slots:cpu': 'see',
  'slots:bytes-in': 'see',
  'slots:bytes-out': 'see',
  hash: 'browse'
} as const satisfies Record<TopicKind, Verb>

const fixed = Object.keys(topicRules).filter((kind) => kind !== 'hash')

/** Every topic that can be asked for. */
export const topicPattern = `^(${fixed.join('|')}|hash:[0-9]{1,9}:[A-Za-z0-9_-]*)$`

/** The verb of a topic; undefined for one without a rule, which nobody may watch. */
export function verbFor(topic: Topic): Verb | undefined {
  const kind = topic.startsWith('hash:') ? 'hash' : topic
  return Object.hasOwn(topicRules, kind) ? topicRules[kind as TopicKind] : undefined
}
