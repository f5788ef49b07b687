import { ByteBuffer } from '../byte-buffer.ts'
import { latin1Bytes, parseInteger } from '../bytes.ts'
import type { SlotRange } from '../cluster/slot.ts'
import { type Holding, NEVER, type Value } from '../keyspace/entry.ts'
import { Crc64 } from './crc64.ts'
import { RDB_VERSION } from './rdb-reader.ts'
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
  }
}

/** A length >= 0 in 1, 2, 5 or 9 bytes. */
export function writeRdbLength(out: ByteBuffer, length: number): void {
  if (length < 64) out.byte(length)
  else if (length < 16_384) out.uint16(0x4000 | length)
  else if (length < 4_294_967_296) {
    out.byte(0x80)
    out.uint32(length)
  } else {
    out.byte(0x81)
    out.uint64(length)
  }
}

/** A string as it is, or as 1, 2 or 4 bytes when it is the text of an integer that fits. */
export function writeRdbString(out: ByteBuffer, bytes: Uint8Array): void {
  const integer = bytes.length <= 11 ? parseInteger(bytes) : undefined
  if (typeof integer === 'number' && integer === (integer | 0)) {
    const size = integer >= -128 && integer < 128 ? 1 : integer >= -32_768 && integer < 32_768 ? 2 : 4
    out.byte(size === 1 ? 0xc0 : size === 2 ? 0xc1 : 0xc2)
    for (let i = 0; i < size; i++) out.byte((integer >> (8 * i)) & 255)
    return
  }
  writeRdbLength(out, bytes.length)
  out.bytes(bytes)
}

/** Little endian, signed; a safe integer. */
function writeInt64(out: ByteBuffer, value: number): void {
  const high = Math.floor(value / 4_294_967_296)
  writeLittle32(out, value - high * 4_294_967_296)
  writeLittle32(out, high)
}

function writeLittle32(out: ByteBuffer, value: number): void {
  for (let shift = 0; shift < 32; shift += 8) out.byte((value >>> shift) & 255)
}

const scratch = new DataView(new ArrayBuffer(8))

function writeDouble(out: ByteBuffer, value: number): void {
  scratch.setFloat64(0, value, true)
  out.bytes(new Uint8Array(scratch.buffer))
}
