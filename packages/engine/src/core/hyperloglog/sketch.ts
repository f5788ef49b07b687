import { estimate, MOST, placeOf, REGISTERS } from './registers.ts'

/**
 * A HyperLogLog as the string that holds it, byte for byte as the reference lays it out (`hyperloglog.c`):
 *
 *     HYLL  form  3 unused  8 of the last count, little endian (highest bit set: not known)  registers
 *
 * The dense form has 6 bits per register, the first in the lowest bits. The sparse form is a list of runs:
 *
 *     00nnnnnn           n + 1 registers of 0
 *     01nnnnnn nnnnnnnn  n + 1 registers of 0
 *     1vvvvvnn           n + 1 registers of v + 1
 */
const HEADER = 16
const DENSE = 0
const SPARSE = 1
const DENSE_BYTES = HEADER + (REGISTERS * 6) / 8
const MAGIC = [0x48, 0x59, 0x4c, 0x4c] as const
/** A run holds no more than that; a sketch with a greater value is dense. */
const MOST_SPARSE_VALUE = 32
const MOST_VALUE_RUN = 4
const MOST_SHORT_ZEROS = 64

/** Are these bytes a sketch? What its runs say is not looked at. */
export function isSketch(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER || MAGIC.some((byte, index) => bytes[index] !== byte)) return false
  const form = bytes[4] as number
  return form === SPARSE || (form === DENSE && bytes.length === DENSE_BYTES)
}

type Run = { readonly at: number; readonly size: number; readonly first: number; readonly length: number; readonly value: number }

/** A sketch that is worked on: its own copy of the bytes. */
export class Sketch {
  #bytes: Uint8Array
  /** Bytes in use; a sparse sketch may have room behind them. */
  #length: number

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#length = bytes.length
  }

  /** Nothing counted: one run of zeros. */
  static empty(): Sketch {
    const bytes = new Uint8Array(HEADER + 2)
    bytes.set(MAGIC)
    bytes[4] = SPARSE
    writeZeros(bytes, HEADER, REGISTERS)
    return new Sketch(bytes)
  }

  /** Throws nothing; `isSketch` says whether it is one. */
  static of(bytes: Uint8Array): Sketch {
    return new Sketch(bytes.slice())
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  get isDense(): boolean {
    return this.#bytes[4] === DENSE
  }

  /** The count that was taken last, if nothing has come since. */
  get knownCount(): number | undefined {
    if ((this.#bytes[15] as number) & 0x80) return undefined
    let count = 0
    for (let i = 15; i >= 8; i--) count = count * 256 + (this.#bytes[i] as number)
    return count
  }

  setCount(count: number): void {
    let rest = count
    for (let i = 8; i < 16; i++) {
      this.#bytes[i] = rest % 256
      rest = Math.floor(rest / 256)
    }
  }

  forgetCount(): void {
    this.#bytes[15] = (this.#bytes[15] as number) | 0x80
  }

  /** Counts an element; true when that changed a register. Undefined: the runs are broken. */
  add(element: Uint8Array, mostSparseBytes: number): boolean | undefined {
    const { register, value } = placeOf(element)
    return this.raise(register, value, mostSparseBytes)
  }

  /** A register becomes at least so much; true when it was less. Undefined: the runs are broken. */
  raise(register: number, value: number, mostSparseBytes: number): boolean | undefined {
    if (this.isDense) return this.#raiseDense(register, value)
    if (value > MOST_SPARSE_VALUE) return this.toDense() ? this.#raiseDense(register, value) : undefined
    return this.#raiseSparse(register, value, mostSparseBytes)
  }

  /** All registers, or undefined when the runs are broken. */
  registers(): Uint8Array | undefined {
    const registers = new Uint8Array(REGISTERS)
    if (this.isDense) {
      for (let i = 0; i < REGISTERS; i++) registers[i] = this.#dense(i)
      return registers
    }
    let covered = 0
    for (const run of this.#runs()) {
      if (run.first + run.length > REGISTERS) return undefined
      registers.fill(run.value, run.first, run.first + run.length)
      covered = run.first + run.length
    }
    return covered === REGISTERS ? registers : undefined
  }

  /** The runs of a sparse sketch in words: `z:64` or `Z:8436` zeros, by their form, and `v:3,2` for the value 3 twice. */
  describe(): string {
    const words: string[] = []
    for (const { size, length, value } of this.#runs()) {
      if (value > 0) words.push(`v:${value},${length}`)
      else words.push(`${size === 1 ? 'z' : 'Z'}:${length}`)
    }
    return words.join(' ')
  }

  /** Becomes dense and stays so. False: the runs are broken. */
  toDense(): boolean {
    if (this.isDense) return true
    const registers = this.registers()
    if (!registers) return false
    const header = this.#bytes.slice(0, HEADER)
    this.#bytes = new Uint8Array(DENSE_BYTES)
    this.#bytes.set(header)
    this.#bytes[4] = DENSE
    this.#length = DENSE_BYTES
    for (let i = 0; i < REGISTERS; i++) if (registers[i] !== 0) this.#setDense(i, registers[i] as number)
    return true
  }

  #dense(register: number): number {
    const bit = register * 6
    const at = HEADER + (bit >> 3)
    const pair = (this.#bytes[at] as number) | ((this.#bytes[at + 1] ?? 0) << 8)
    return (pair >> (bit & 7)) & 63
  }

  #setDense(register: number, value: number): void {
    const bit = register * 6
    const at = HEADER + (bit >> 3)
    const shift = bit & 7
    this.#bytes[at] = ((this.#bytes[at] as number) & ~(63 << shift)) | (value << shift)
    if (shift <= 2) return
    this.#bytes[at + 1] = ((this.#bytes[at + 1] as number) & ~(63 >> (8 - shift))) | (value >> (8 - shift))
  }

  #raiseDense(register: number, value: number): boolean {
    if (value <= this.#dense(register)) return false
    this.#setDense(register, value)
    return true
  }

  *#runs(): Generator<Run> {
    let first = 0
    for (let at = HEADER; at < this.#length; ) {
      const run = this.#runAt(at, first)
      yield run
      at += run.size
      first += run.length
    }
  }

  #runAt(at: number, first: number): Run {
    const byte = this.#bytes[at] as number
    if (byte & 0x80) return { at, size: 1, first, length: (byte & 3) + 1, value: ((byte >> 2) & 31) + 1 }
    if ((byte & 0x40) === 0) return { at, size: 1, first, length: (byte & 63) + 1, value: 0 }
    return { at, size: 2, first, length: (((byte & 63) << 8) | (this.#bytes[at + 1] ?? 0)) + 1, value: 0 }
  }

  #raiseSparse(register: number, value: number, mostSparseBytes: number): boolean | undefined {
    let before: Run | undefined
    let run: Run | undefined
    for (const one of this.#runs()) {
      if (register < one.first + one.length) {
        run = one
        break
      }
      before = one
    }
    if (!run) return undefined
    if (run.value >= value) return false
    const pieces = new Uint8Array(6)
    let size = writeRun(pieces, 0, run.value, register - run.first)
    size += writeRun(pieces, size, value, 1)
    size += writeRun(pieces, size, run.value, run.first + run.length - 1 - register)
    const grown = this.#length + size - run.size
    if (size > run.size && grown > mostSparseBytes) return this.toDense() ? this.#raiseDense(register, value) : undefined
    this.#replace(run.at, run.size, pieces.subarray(0, size))
    this.#joinRuns(before?.at ?? HEADER)
    return true
  }

  #replace(at: number, size: number, by: Uint8Array): void {
    const length = this.#length + by.length - size
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(length + 64)
      grown.set(this.bytes)
      this.#bytes = grown
    }
    this.#bytes.copyWithin(at + by.length, at + size, this.#length)
    this.#bytes.set(by, at)
    this.#length = length
  }

  /** Runs of one value beside each other become one, as far as one holds; looked for around the place of a change only. */
  #joinRuns(from: number): void {
    let at = from
    for (let scans = 5; scans > 0 && at < this.#length; scans--) {
      const run = this.#runAt(at, 0)
      const next = at + 1 < this.#length ? this.#runAt(at + 1, 0) : undefined
      if (run.value > 0 && next?.value === run.value && run.length + next.length <= MOST_VALUE_RUN) {
        const joined = new Uint8Array(1)
        writeRun(joined, 0, run.value, run.length + next.length)
        // The joined run may be joined with the next one too.
        this.#replace(at, 2, joined)
      } else at += run.size
    }
  }
}

/** How many registers hold each value. */
export function histogram(registers: Uint8Array): number[] {
  const counts: number[] = new Array(64).fill(0)
  for (const value of registers) counts[value] = (counts[value] as number) + 1
  return counts
}

/** How many different elements these registers stand for. */
export function countOf(registers: Uint8Array): number {
  return estimate(histogram(registers))
}

/** Each register becomes the greater of the two. */
export function mergeInto(registers: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < REGISTERS; i++) if ((other[i] as number) > (registers[i] as number)) registers[i] = Math.min(other[i] as number, MOST)
}

/** Returns the bytes written; a run of nothing takes none. */
function writeRun(bytes: Uint8Array, at: number, value: number, length: number): number {
  if (length === 0) return 0
  if (value === 0) return writeZeros(bytes, at, length)
  bytes[at] = 0x80 | ((value - 1) << 2) | (length - 1)
  return 1
}

function writeZeros(bytes: Uint8Array, at: number, length: number): number {
  if (length <= MOST_SHORT_ZEROS) {
    bytes[at] = length - 1
    return 1
  }
  bytes[at] = 0x40 | ((length - 1) >> 8)
  bytes[at + 1] = (length - 1) & 0xff
  return 2
}
