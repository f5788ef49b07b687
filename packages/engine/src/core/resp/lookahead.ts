import { keySlot } from '../cluster/slot.ts'
import { hashBytes } from '../keyspace/byte-table.ts'
import type { Args } from './args.ts'

/** Commands that are looked at together: about as many as the processor can wait for at once. */
export const LOOKAHEAD_COMMANDS = 32
/** Arguments of all of them. */
const ARGUMENTS = 256
/** Longer keys are left to the command itself: what stands there may be no key at all. */
const LONGEST_KEY_BYTES = 256

/**
 * The next commands of a pipeline, parsed before the first of them runs. Where their keys are can then be worked out for all of them, and
 * the memory asked for them together, in place of one after another: a key that is not in the processor's cache costs more than all else
 * that a small command does.
 *
 * It is filled from one decoder at a time and emptied in order; nothing has left the decoder that was not taken.
 */
export class Lookahead {
  #source: Uint8Array = NOTHING
  #count = 0
  #next = 0
  /** By command: the number of its first argument, and where its bytes begin and end. */
  readonly #firsts = new Int32Array(LOOKAHEAD_COMMANDS + 1)
  readonly #starts = new Int32Array(LOOKAHEAD_COMMANDS)
  readonly #ends = new Int32Array(LOOKAHEAD_COMMANDS)
  /** By argument. */
  readonly #offsets = new Int32Array(ARGUMENTS)
  readonly #lengths = new Int32Array(ARGUMENTS)
  #arguments = 0
  /** Of what stands where most commands have their key, by command: its slot and hash; a slot of -1 when that was not worked out. */
  readonly slots = new Int32Array(LOOKAHEAD_COMMANDS)
  readonly positions = new Int32Array(LOOKAHEAD_COMMANDS)

  /** Commands that were found. */
  get count(): number {
    return this.#count
  }

  get isEmpty(): boolean {
    return this.#next === this.#count
  }

  /** Forgets what was not taken: it is still the decoder's. */
  clear(): void {
    this.#count = 0
    this.#next = 0
    this.#source = NOTHING
  }

  // ---- the decoder's side ------------------------------------------------------------------------------------------

  begin(source: Uint8Array): void {
    this.#source = source
    this.#count = 0
    this.#next = 0
    this.#arguments = 0
    this.#firsts[0] = 0
  }

  /** Arguments that one more command may have. */
  get room(): number {
    return this.#count < LOOKAHEAD_COMMANDS ? ARGUMENTS - (this.#firsts[this.#count] as number) : 0
  }

  /** The next argument of the command that is being parsed. */
  push(offset: number, length: number): void {
    this.#offsets[this.#arguments] = offset
    this.#lengths[this.#arguments] = length
    this.#arguments++
  }

  /** The command whose arguments were pushed lies in `source[start .. end)`. */
  end(start: number, end: number): void {
    const number = this.#count++
    this.#starts[number] = start
    this.#ends[number] = end
    this.#firsts[this.#count] = this.#arguments
  }

  // ---- the dispatcher's side ---------------------------------------------------------------------------------------

  /** Works out slots and positions. */
  locate(): void {
    const source = this.#source
    for (let number = 0; number < this.#count; number++) {
      const key = (this.#firsts[number] as number) + 1
      const isThere = key < (this.#firsts[number + 1] as number) && (this.#lengths[key] as number) <= LONGEST_KEY_BYTES
      if (!isThere) {
        this.slots[number] = -1
        continue
      }
      const start = this.#offsets[key] as number
      const end = start + (this.#lengths[key] as number)
      this.slots[number] = keySlot(source, start, end)
      this.positions[number] = hashBytes(source, start, end)
    }
  }

  /** Sets the arguments of the next command; returns where its bytes end. */
  take(args: Args): number {
    const number = this.#next++
    this.show(number, args)
    args.lieAt(this.#starts[number] as number, this.#ends[number] as number)
    args.located(this.slots[number] as number, this.positions[number] as number)
    return this.#ends[number] as number
  }

  /** Sets the arguments of a command by its number, 0..count-1. */
  show(number: number, args: Args): void {
    const last = this.#firsts[number + 1] as number
    args.begin()
    for (let i = this.#firsts[number] as number; i < last; i++) args.push(this.#offsets[i] as number, this.#lengths[i] as number)
    args.over(this.#source)
  }
}

const NOTHING = new Uint8Array(0)
