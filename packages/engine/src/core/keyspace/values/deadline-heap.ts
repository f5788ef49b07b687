import { NEVER } from '../entry.ts'

/**
 * Deadlines of numbered things, soonest first: a binary heap of numbers that knows the place of each, so that one can be moved or taken
 * out in O(log n). Three typed arrays: 16 bytes for a deadline, and no object.
 */
export class DeadlineHeap {
  /** Numbers, in the order of the heap. */
  #numbers = new Int32Array(4)
  /** By number: unix milliseconds, and the place in the heap. */
  #deadlines = new Float64Array(4).fill(NEVER)
  #places = new Int32Array(4)
  #size = 0

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return (this.#numbers.length + this.#places.length) * 4 + this.#deadlines.length * 8
  }

  /** The number with the soonest deadline; -1 when there is none. */
  get first(): number {
    return this.#size === 0 ? -1 : (this.#numbers[0] as number)
  }

  get soonestMs(): number {
    return this.#size === 0 ? NEVER : (this.#deadlines[this.#numbers[0] as number] as number)
  }

  // What moving a deadline looks at, step by step, for those who look ahead. Numbers and places that are not there are -1.

  /** Looks at the deadline of this number; its place in the heap. */
  warm(number: number): number {
    return number >= 0 && number < this.#places.length && this.#deadlines[number] !== NEVER ? (this.#places[number] as number) : -1
  }

  /** The number below this place. */
  below(place: number): number {
    const child = 2 * place + 1
    return place >= 0 && child < this.#size ? (this.#numbers[child] as number) : -1
  }

  /** NEVER when this number has none. */
  deadlineOf(number: number): number {
    return number < this.#deadlines.length ? (this.#deadlines[number] as number) : NEVER
  }

  /** Gives a number its deadline, another one if it has one. */
  set(number: number, deadlineMs: number): void {
    const before = this.deadlineOf(number)
    if (before === NEVER) {
      this.#makeRoomFor(number)
      this.#places[number] = this.#size
      this.#numbers[this.#size++] = number
    }
    this.#deadlines[number] = deadlineMs
    if (deadlineMs < before) this.#rise(number)
    else if (deadlineMs > before) this.#sink(number)
  }

  remove(number: number): void {
    if (this.deadlineOf(number) === NEVER) return
    this.#deadlines[number] = NEVER
    const last = this.#numbers[--this.#size] as number
    if (last === number) return
    this.#put(last, this.#places[number] as number)
    this.#rise(last)
    this.#sink(last)
  }

  /** How many deadlines lie before `nowMs`; costs O(that many). */
  countPassed(nowMs: number): number {
    let count = 0
    const open = [0]
    while (open.length > 0) {
      const at = open.pop() as number
      if (at >= this.#size || nowMs <= (this.#deadlines[this.#numbers[at] as number] as number)) continue
      count++
      open.push(at * 2 + 1, at * 2 + 2)
    }
    return count
  }

  #makeRoomFor(number: number): void {
    if (number >= this.#deadlines.length) {
      const length = Math.max(this.#deadlines.length * 2, number + 1)
      const deadlines = new Float64Array(length).fill(NEVER, this.#deadlines.length)
      deadlines.set(this.#deadlines)
      this.#deadlines = deadlines
      this.#places = grown(this.#places, length)
    }
    if (this.#size === this.#numbers.length) this.#numbers = grown(this.#numbers, this.#size * 2)
  }

  #rise(number: number): void {
    const deadlineMs = this.#deadlines[number] as number
    let at = this.#places[number] as number
    while (at > 0) {
      const parent = this.#numbers[(at - 1) >>> 1] as number
      if ((this.#deadlines[parent] as number) <= deadlineMs) break
      this.#put(parent, at)
      at = (at - 1) >>> 1
    }
    this.#put(number, at)
  }

  #sink(number: number): void {
    const numbers = this.#numbers
    const deadlines = this.#deadlines
    const deadlineMs = deadlines[number] as number
    let at = this.#places[number] as number
    for (let child = at * 2 + 1; child < this.#size; child = at * 2 + 1) {
      const other = child + 1
      if (other < this.#size && (deadlines[numbers[other] as number] as number) < (deadlines[numbers[child] as number] as number)) child++
      if ((deadlines[numbers[child] as number] as number) >= deadlineMs) break
      this.#put(numbers[child] as number, at)
      at = child
    }
    this.#put(number, at)
  }

  #put(number: number, place: number): void {
    this.#numbers[place] = number
    this.#places[number] = place
  }
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(length)
  next.set(array)
  return next
}
