import { latin1Text } from '../../../core/bytes.ts'
import type { Value } from '../../../core/keyspace/entry.ts'
import type { Keyspace } from '../../../core/keyspace/keyspace.ts'
import type { StreamValue } from '../../../core/keyspace/values/stream.ts'
import { formatId, MAX_ID, MIN_ID } from '../../../core/keyspace/values/stream-id.ts'

/** A value as text: two values are equal exactly when their texts are. Fields that have expired are part of it. */
export function describeValue(value: Value): string {
  switch (value.type) {
    case 'string':
      return `string ${quoted(value.bytes)}`
    case 'list':
      return `list ${[...value.items()].map(quoted).join(' ')}`
    case 'set':
      return `set ${[...value.members()].map(quoted).sort().join(' ')}`
    case 'zset':
      return `zset ${value
        .slice({ from: 0, to: value.size })
        .map(([member, score]) => `${quoted(member)}=${score}`)
        .join(' ')}`
    case 'hash':
      return `hash ${[...value.entries()]
        .map(([field, content, deadlineMs]) => `${quoted(field)}=${quoted(content)}@${deadlineMs}`)
        .sort()
        .join(' ')}`
    case 'stream':
      return describeStream(value)
  }
}

/**
 * A stream but for what replicas need not share, since it is not passed on: when consumers were last seen, and consumers that
 * have nothing pending.
 */
function describeStream(stream: StreamValue): string {
  const entries = [...stream.ascending(MIN_ID, MAX_ID)].map(({ id, fields }) => `${formatId(id)}=${fields.map(quoted).join(',')}`)
  const ends = [stream.firstId, stream.lastId, stream.maxDeletedId].map(formatId).join(' ')
  const groups = stream.groups.map((group) => {
    const pending = [...group.pending.ascending()].map(
      ([id, { consumer, deliveries, deliveredAtMs }]) => `${formatId(id)} ${quoted(consumer.name)} ${deliveries}x ${deliveredAtMs}`
    )
    return [`group ${quoted(group.name)} ${formatId(group.lastId)} ${group.entriesRead}`, ...pending].join(' ')
  })
  return ['stream', ends, stream.entriesAdded, ...entries, ...groups].join(' ')
}

/** Every key of every database with its value, deadlines of keys and fields included, in a fixed order. */
export function describeKeyspace(keyspace: Keyspace): string[] {
  const lines: string[] = []
  for (const database of keyspace.used()) {
    for (const slot of database.occupiedSlots()) {
      for (const [key, entry] of database.entriesOf(slot)) {
        lines.push(`${database.index} ${quoted(key)} ${entry.deadlineMs} ${describeValue(entry.value)}`)
      }
    }
  }
  return lines.sort()
}

function quoted(bytes: Uint8Array): string {
  return JSON.stringify(latin1Text(bytes))
}
