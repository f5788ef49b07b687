import { ByteBuffer } from '../byte-buffer.ts'
import type { Consumer, ConsumerGroup } from '../keyspace/values/consumer-group.ts'
import type { StreamValue } from '../keyspace/values/stream.ts'
import { msOf, type StreamId, sequenceOf } from '../keyspace/values/stream-id.ts'
import { writeInt64, writeRdbLength, writeRdbString, writeRdbWideLength } from './rdb-output.ts'

/** A stream in its newest form: nodes as they are packed, counters, groups with what is pending, consumers (`rdbSaveObject`). */
export function writeRdbStream(out: ByteBuffer, stream: StreamValue): void {
  writeRdbLength(out, stream.nodes.size)
  const pack = new ByteBuffer()
  for (const [first, node] of stream.nodes.ascending()) {
    writeRdbLength(out, 16)
    writeRawId(out, first)
    pack.clear()
    node.writePack(pack)
    writeRdbString(out, pack.view())
  }
  writeRdbLength(out, stream.length)
  for (const id of [stream.lastId, stream.firstId, stream.maxDeletedId]) writeId(out, id)
  writeRdbWideLength(out, stream.entriesAdded)
  const { groups } = stream
  writeRdbLength(out, groups.length)
  for (const group of groups) writeGroup(out, group)
}

function writeGroup(out: ByteBuffer, group: ConsumerGroup): void {
  writeRdbString(out, group.name)
  writeId(out, group.lastId)
  writeRdbWideLength(out, BigInt.asUintN(64, group.entriesRead))
  writeRdbLength(out, group.pending.size)
  for (const [id, { deliveredAtMs, deliveries }] of group.pending.ascending()) {
    writeRawId(out, id)
    writeInt64(out, deliveredAtMs)
    writeRdbWideLength(out, BigInt.asUintN(64, deliveries))
  }
  const { consumers } = group
  writeRdbLength(out, consumers.length)
  for (const consumer of consumers) writeConsumer(out, consumer)
}

function writeConsumer(out: ByteBuffer, consumer: Consumer): void {
  writeRdbString(out, consumer.name)
  writeInt64(out, consumer.seenAtMs)
  writeInt64(out, consumer.activeAtMs)
  writeRdbLength(out, consumer.pending.size)
  for (const [id] of consumer.pending.ascending()) writeRawId(out, id)
}

/** Both parts as lengths. */
function writeId(out: ByteBuffer, id: StreamId): void {
  writeRdbWideLength(out, msOf(id))
  writeRdbWideLength(out, sequenceOf(id))
}

/** 16 bytes, big endian. */
function writeRawId(out: ByteBuffer, id: StreamId): void {
  for (let shift = 96n; shift >= 0n; shift -= 32n) out.uint32(Number((id >> shift) & 0xffff_ffffn))
}
