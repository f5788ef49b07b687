import { ByteBuffer } from '../byte-buffer.ts'
import { sameBytes } from '../bytes.ts'
import type { Value } from '../keyspace/entry.ts'
import { crc64 } from './crc64.ts'
import { RdbInput, type RdbLimits } from './rdb-input.ts'
import { RDB_VERSION } from './rdb-reader.ts'
import { ValueReader } from './rdb-value.ts'
import { rdbTypeOf, writeRdbValue } from './rdb-writer.ts'

/** Version, 2 bytes, and checksum, 8 bytes. */
const TRAILER_BYTES = 10
/** Versions between the two families belong to other servers (`rdb-version-check strict`). */
const LAST_REDIS_VERSION = 11

/** A value as DUMP gives it: type, value, format version, checksum. The key's deadline is not part of it. */
export function encodeDump(value: Value): Uint8Array {
  const out = new ByteBuffer()
  out.byte(rdbTypeOf(value))
  writeRdbValue(out, value)
  out.byte(RDB_VERSION & 255)
  out.byte(RDB_VERSION >>> 8)
  out.bytes(crc64(out.view()))
  return out.copy()
}

export type DecodedDump = { readonly value: Value } | { readonly problem: 'trailer' | 'format' }

/** Reads what DUMP of any server up to ours has given. `trailer`: version or checksum are wrong. */
export function decodeDump(payload: Uint8Array, limits: RdbLimits): DecodedDump {
  const end = payload.length - TRAILER_BYTES
  if (end < 1) return { problem: 'trailer' }
  const version = (payload[end] as number) | ((payload[end + 1] as number) << 8)
  // Without the lower bound zeros would pass: the checksum of zeros is zero.
  if (version < 1 || (version > LAST_REDIS_VERSION && version !== RDB_VERSION)) return { problem: 'trailer' }
  if (!sameBytes(payload.subarray(end + 2), crc64(payload.subarray(0, end + 2)))) return { problem: 'trailer' }
  const input = new RdbInput(limits)
  input.push(payload.subarray(0, end))
  const reader = new ValueReader(input.byte(), input)
  while (!reader.done && !input.problem && !input.short) {
    reader.step(input)
    input.commit()
  }
  if (input.problem || input.short || !reader.value || input.pending > 0) return { problem: 'format' }
  return { value: reader.value }
}
