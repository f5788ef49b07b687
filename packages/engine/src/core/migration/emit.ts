import type { ByteBuffer } from '../byte-buffer.ts'
import { formatDouble } from '../bytes.ts'
import { type Holding, NEVER } from '../keyspace/entry.ts'
import { writeCommand } from '../resp/reply-writer.ts'
import { emitStream } from './emit-stream.ts'

/** Elements per command, as the reference's rewrite has them (`AOF_REWRITE_ITEMS_PER_CMD`). */
const CHUNK = 64

/**
 * A key as the commands that make it anew (atomic slot migration specification, section 5): what a real target understands
 * and what any implementation may replay. Deadlines are absolute; what has passed its deadline is sent too.
 */
export function emitKey(out: ByteBuffer, key: Uint8Array, entry: Holding): void {
  const { value } = entry
  switch (value.type) {
    case 'string':
      writeCommand(out, ['SET', key, value.bytes])
      break
    case 'list':
      emitChunks(out, 'RPUSH', key, value.items(0, value.length - 1), 1)
      break
    case 'set':
      emitChunks(out, 'SADD', key, value.members(), 1)
      break
    case 'zset':
      emitChunks(out, 'ZADD', key, scorePairs(value.entries()), 2)
      break
    case 'hash': {
      const plain: Uint8Array[] = []
      for (const [field, bytes, deadlineMs] of value.entries()) {
        if (deadlineMs === NEVER) plain.push(field, bytes)
        else writeCommand(out, ['HSETEX', key, 'PXAT', String(deadlineMs), 'FIELDS', '1', field, bytes])
      }
      emitChunks(out, 'HMSET', key, plain, 2)
      break
    }
    case 'stream':
      emitStream(out, key, value)
      break
  }
  if (entry.deadlineMs !== NEVER) writeCommand(out, ['PEXPIREAT', key, String(entry.deadlineMs)])
}

function emitChunks(out: ByteBuffer, name: string, key: Uint8Array, items: Iterable<Uint8Array | string>, perElement: number): void {
  let chunk: (Uint8Array | string)[] = [name, key]
  for (const item of items) {
    chunk.push(item)
    if (chunk.length === CHUNK * perElement + 2) {
      writeCommand(out, chunk)
      chunk = [name, key]
    }
  }
  if (chunk.length > 2) writeCommand(out, chunk)
}

function* scorePairs(entries: Iterable<readonly [Uint8Array, number]>): Generator<Uint8Array | string> {
  for (const [member, score] of entries) {
    yield formatDouble(score)
    yield member
  }
}
