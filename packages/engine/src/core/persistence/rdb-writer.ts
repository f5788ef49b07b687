import { ByteBuffer } from '../byte-buffer.ts'
import { latin1Bytes } from '../bytes.ts'
import type { SlotRange } from '../cluster/slot.ts'
import { type Holding, NEVER, type Value } from '../keyspace/entry.ts'
import { Crc64 } from './crc64.ts'
import { writeDouble, writeInt64, writeRdbLength, writeRdbString } from './rdb-output.ts'
import { RDB_VERSION } from './rdb-reader.ts'
import { writeRdbStream } from './rdb-stream-writer.ts'
import { RdbType } from './rdb-value.ts'

/** A slice of a picture that is read at full speed: memory for so much is not given back between two slices. */
const KEPT_BYTES = 1_048_576

/**
 * Writes an RDB of plain encodings, which every server of 9.x loads and packs as it likes. `take` hands out what has been
 * written, so that a picture leaves in pieces and is never held as a whole.
 */
export class RdbWriter {
  readonly #out = new ByteBuffer(4096)
  readonly #crc = new Crc64()
  #database = -1
  /** What is pending is in the sum already. */
  #hasEnded = false

  constructor() {
    this.#out.latin1(`VALKEY${String(RDB_VERSION).padStart(3, '0')}`)
  }

  /** Bytes written and not yet taken. */
  get pending(): number {
    return this.#out.length
  }

  auxiliary(name: string, value: string): void {
    this.#out.byte(0xfa)
    writeRdbString(this.#out, latin1Bytes(name))
    writeRdbString(this.#out, latin1Bytes(value))
  }

  /** An unfinished import: a reader keeps the keys of these slots aside. */
  slotImport(job: string, ranges: readonly SlotRange[]): void {
    this.#out.byte(0xf3)
    writeRdbString(this.#out, latin1Bytes(job))
    writeRdbLength(this.#out, ranges.length)
    for (const [first, last] of ranges) {
      writeRdbLength(this.#out, first)
      writeRdbLength(this.#out, last)
    }
  }

  /** One key; the database is named whenever it differs from the key's before. */
  key(database: number, key: Uint8Array, entry: Holding): void {
    const out = this.#out
    if (database !== this.#database) {
      this.#database = database
      out.byte(0xfe)
      writeRdbLength(out, database)
    }
    if (entry.deadlineMs !== NEVER) {
      out.byte(0xfc)
      writeInt64(out, entry.deadlineMs)
    }
    out.byte(rdbTypeOf(entry.value))
    writeRdbString(out, key)
    writeRdbValue(out, entry.value)
  }

  /** Ends the file; only `take` may follow. */
  end(): void {
    this.#out.byte(0xff)
    this.#crc.update(this.#out.view())
    this.#out.bytes(this.#crc.bytes())
    this.#hasEnded = true
  }

  /** Appends everything written since the last call to `target`. */
  take(target: ByteBuffer): void {
    const bytes = this.#out.view()
    if (!this.#hasEnded) this.#crc.update(bytes)
    target.bytes(bytes)
    this.#out.clear(KEPT_BYTES)
  }
}

/** The type under which a value is written. */
export function rdbTypeOf(value: Value): number {
  switch (value.type) {
    case 'string':
      return RdbType.string
    case 'list':
      return RdbType.list
    case 'set':
      return RdbType.set
    case 'zset':
      return RdbType.zset2
    case 'hash':
      return value.volatileCount > 0 ? RdbType.hash2 : RdbType.hash
    case 'stream':
      return RdbType.stream3
  }
}

/** A value without its type: what follows the key in a file, or the type in a DUMP payload. */
export function writeRdbValue(out: ByteBuffer, value: Value): void {
  switch (value.type) {
    case 'string':
      return writeRdbString(out, value.bytes)
    case 'list':
      writeRdbLength(out, value.length)
      for (const element of value.items()) writeRdbString(out, element)
      return
    case 'set':
      writeRdbLength(out, value.size)
      for (const member of value.members()) writeRdbString(out, member)
      return
    case 'hash': {
      const timed = value.volatileCount > 0
      writeRdbLength(out, value.size)
      for (const [field, content, deadlineMs] of value.entries()) {
        writeRdbString(out, field)
        writeRdbString(out, content)
        if (timed) writeInt64(out, deadlineMs === NEVER ? -1 : deadlineMs)
      }
      return
    }
    case 'zset':
      writeRdbLength(out, value.size)
      // Greatest first: a reader that inserts at the front of an ordered structure then never searches.
      value.visit(value.size - 1, value.size, true, (member, score) => {
        writeRdbString(out, member)
        writeDouble(out, score)
        return true
      })
      return
    case 'stream':
      writeRdbStream(out, value)
  }
}
