import { latin1Text } from '../../../core/bytes.ts'
import type { Value } from '../../../core/keyspace/entry.ts'
import type { Keyspace } from '../../../core/keyspace/keyspace.ts'

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
  }
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
