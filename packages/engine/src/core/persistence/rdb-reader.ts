import { EMPTY_BYTES, latin1Text, sameBytes } from '../bytes.ts'
import { SLOTS, type SlotRange } from '../cluster/slot.ts'
import { NEVER, type Value } from '../keyspace/entry.ts'
import { RdbInput, type RdbLimits } from './rdb-input.ts'
import { ValueReader } from './rdb-value.ts'

/** The next thing in a file. After `end` and `problem` nothing more comes. */
export type RdbItem =
  /** The rest has not arrived. */
  | { readonly kind: 'more' }
  | { readonly kind: 'auxiliary'; readonly name: string; readonly value: Uint8Array }
  /** Keys from here on are of this database. A file may come back to a database. */
  | { readonly kind: 'database'; readonly index: number }
  | { readonly kind: 'sizes'; readonly keys: number; readonly expiring: number }
  /** An unfinished import: keys of these slots are not ours yet. */
  | { readonly kind: 'slotImport'; readonly job: string; readonly ranges: readonly SlotRange[] }
  | { readonly kind: 'function'; readonly code: Uint8Array }
  | { readonly kind: 'key'; readonly key: Uint8Array; readonly value: Value; readonly deadlineMs: number }
  /** A key with an empty collection, which some old bugs could write. */
  | { readonly kind: 'emptyKey'; readonly key: Uint8Array }
  | { readonly kind: 'end' }
  | RdbProblem

/** `offset`: of the element that could not be read, in bytes from the beginning. */
export type RdbProblem = { readonly kind: 'problem'; readonly text: string; readonly offset: number }

/** Version of the format that 9.x servers write, with the magic word VALKEY. */
export const RDB_VERSION = 80
/** The last version with the magic word REDIS. */
const LAST_REDIS_VERSION = 11

const Opcode = {
  slotImport: 0xf3,
  slotInfo: 0xf4,
  function: 0xf5,
  oldFunction: 0xf6,
  moduleAuxiliary: 0xf7,
  idle: 0xf8,
  frequency: 0xf9,
  auxiliary: 0xfa,
  sizes: 0xfb,
  deadlineMs: 0xfc,
  deadlineSeconds: 0xfd,
  database: 0xfe,
  end: 0xff
} as const

const MORE: RdbItem = { kind: 'more' }

/**
 * A bounded pull parser of RDB bytes that arrive in pieces: `push` what came, call `next` until `more`, then `keep`. It reads
 * every type that our values can hold, however it was packed; what it cannot read is a `problem` with its offset, and never
 * an exception. The checksum is verified unless the file says that it has none.
 */
export class RdbReader {
  readonly #input: RdbInput
  #state: 'header' | 'body' | 'value' | 'checksum' | 'over' = 'header'
  #over: RdbItem | undefined
  /** Of the key that comes next. */
  #deadlineMs = NEVER
  #key: Uint8Array = EMPTY_BYTES
  #value: ValueReader | undefined

  constructor(limits: RdbLimits) {
    this.#input = new RdbInput(limits)
  }

  /** Takes what arrived; the bytes must stay valid until `keep`. */
  push(bytes: Uint8Array): void {
    this.#input.push(bytes)
  }

  keep(): void {
    this.#input.keep()
  }

  /** Bytes read so far: where the next element begins. */
  get offset(): number {
    return this.#input.offset
  }

  /** After `end`: what follows the file in the bytes pushed so far. A view, valid as long as those are. */
  takeRest(): Uint8Array {
    return this.#input.takeRest()
  }

  next(): RdbItem {
    for (;;) {
      if (this.#over) return this.#over
      if (!this.#input.mayHold) return MORE
      const item = this.#step()
      const { problem } = this.#input
      if (problem !== undefined) {
        this.#over = { kind: 'problem', text: problem, offset: this.#input.offset }
        return this.#over
      }
      if (this.#input.short) {
        this.#input.rewind()
        return MORE
      }
      if (this.#state === 'over') this.#over = item
      // The checksum covers everything before it.
      if (this.#state !== 'over') this.#input.commit()
      if (item) return item
    }
  }

  /** Reads one element; nothing in this object changes when the input comes out short. */
  #step(): RdbItem | undefined {
    switch (this.#state) {
      case 'header':
        return this.#header()
      case 'body':
        return this.#opcode()
      case 'value':
        return this.#valueElement()
      case 'checksum':
        return this.#checksum()
      case 'over':
        return undefined
    }
  }

  #header(): undefined {
    const input = this.#input
    const magic = latin1Text(input.take(9))
    if (input.short) return
    const redis = /^REDIS(\d{4})$/.exec(magic)
    const valkey = /^VALKEY(\d{3})$/.exec(magic)
    const version = Number((redis ?? valkey)?.[1] ?? Number.NaN)
    if (Number.isNaN(version)) return input.fail('wrong signature at the start of the RDB')
    if (redis ? version < 1 || version > LAST_REDIS_VERSION : version !== RDB_VERSION)
      return input.fail(`RDB version ${version} is not supported`)
    this.#state = 'body'
  }

  #opcode(): RdbItem | undefined {
    const input = this.#input
    const opcode = input.byte()
    if (input.short) return
    switch (opcode) {
      case Opcode.auxiliary: {
        const name = latin1Text(input.string())
        const value = input.string()
        return { kind: 'auxiliary', name, value }
      }
      case Opcode.database:
        return { kind: 'database', index: input.length() }
      case Opcode.sizes: {
        const keys = input.length()
        return { kind: 'sizes', keys, expiring: input.length() }
      }
      case Opcode.deadlineMs: {
        const deadlineMs = input.int64()
        if (!input.short) this.#deadlineMs = deadlineMs === -1 ? NEVER : deadlineMs
        return
      }
      case Opcode.deadlineSeconds: {
        const seconds = input.uint32() | 0
        if (!input.short) this.#deadlineMs = seconds === -1 ? NEVER : seconds * 1000
        return
      }
      case Opcode.idle:
        input.length()
        return
      case Opcode.frequency:
        input.byte()
        return
      case Opcode.slotImport:
        return this.#slotImport()
      case Opcode.slotInfo:
        for (let i = 0; i < 3; i++) input.length()
        return
      case Opcode.function:
        return { kind: 'function', code: input.string() }
      case Opcode.oldFunction:
        return input.fail('functions in a form that was never released')
      case Opcode.moduleAuxiliary:
        return input.fail('data of a module, which is not supported')
      case Opcode.end:
        this.#state = 'checksum'
        return
      default:
        return this.#beginKey(opcode)
    }
  }

  #beginKey(type: number): undefined {
    const value = new ValueReader(type, this.#input)
    const key = this.#input.string()
    if (this.#input.short || this.#input.problem) return
    this.#key = key
    this.#value = value
    this.#state = 'value'
  }

  #valueElement(): RdbItem | undefined {
    const reader = this.#value as ValueReader
    reader.step(this.#input)
    if (this.#input.short || this.#input.problem || !reader.done) return
    const { value } = reader
    const deadlineMs = this.#deadlineMs
    this.#state = 'body'
    this.#value = undefined
    this.#deadlineMs = NEVER
    return value ? { kind: 'key', key: this.#key, value, deadlineMs } : { kind: 'emptyKey', key: this.#key }
  }

  #slotImport(): RdbItem {
    const input = this.#input
    const job = latin1Text(input.string())
    const count = input.length()
    if (count > SLOTS) input.fail('an import of more ranges than there are slots')
    const ranges: SlotRange[] = []
    for (let i = 0; i < count && !input.short && !input.problem; i++) {
      const first = input.length()
      const last = input.length()
      if (first > last || last >= SLOTS) input.fail('an import of slots that do not exist')
      ranges.push([first, last])
    }
    if (job.length !== 40) input.fail('an import whose name has not 40 characters')
    return { kind: 'slotImport', job, ranges }
  }

  #checksum(): RdbItem | undefined {
    const input = this.#input
    const expected = input.checksum()
    const found = input.take(8)
    if (input.short) return
    if (!sameBytes(found, expected) && found.some((byte) => byte !== 0)) return input.fail('wrong checksum')
    // The sum itself is read, so that what follows begins after it.
    input.commit()
    this.#state = 'over'
    return { kind: 'end' }
  }
}
