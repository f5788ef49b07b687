import type { ByteBuffer } from '../byte-buffer.ts'
import type { ConsumerGroup } from '../keyspace/values/consumer-group.ts'
import type { StreamValue } from '../keyspace/values/stream.ts'
import { formatId, MAX_ID, MIN_ID } from '../keyspace/values/stream-id.ts'
import { writeCommand } from '../resp/reply-writer.ts'

/**
 * A stream as the commands that make it anew (`rewriteStreamObject`). Entries that are pending and were deleted are not told of:
 * no command could make them.
 */
export function emitStream(out: ByteBuffer, key: Uint8Array, stream: StreamValue): void {
  for (const { id, fields } of stream.ascending(MIN_ID, MAX_ID)) writeCommand(out, ['XADD', key, formatId(id), ...fields])
  // The only way to an empty stream: add an entry and trim it away at once.
  if (stream.length === 0) writeCommand(out, ['XADD', key, 'MAXLEN', '0', '0-1', 'x', 'y'])
  writeCommand(out, [
    'XSETID',
    key,
    formatId(stream.lastId),
    'ENTRIESADDED',
    stream.entriesAdded.toString(),
    'MAXDELETEDID',
    formatId(stream.maxDeletedId)
  ])
  for (const group of stream.groups) emitGroup(out, key, group)
}

function emitGroup(out: ByteBuffer, key: Uint8Array, group: ConsumerGroup): void {
  const { name } = group
  writeCommand(out, ['XGROUP', 'CREATE', key, name, formatId(group.lastId), 'ENTRIESREAD', group.entriesRead.toString()])
  for (const consumer of group.consumers) {
    if (consumer.pending.size === 0) writeCommand(out, ['XGROUP', 'CREATECONSUMER', key, name, consumer.name])
    for (const [id, { deliveredAtMs, deliveries }] of consumer.pending.ascending()) {
      const when = ['TIME', String(deliveredAtMs), 'RETRYCOUNT', deliveries.toString()]
      writeCommand(out, ['XCLAIM', key, name, consumer.name, '0', formatId(id), ...when, 'JUSTID', 'FORCE'])
    }
  }
}
