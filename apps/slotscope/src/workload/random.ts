/** Seeded choices for the sample data, so that `--seed` makes the same world again (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 <= x < 1 */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** Few of them are asked for most of the time: popularity as in real traffic. */
  popular(bound: number): number {
    return Math.floor(bound * this.fraction() ** 3)
  }

  text(length: number): string {
    let text = ''
    while (text.length < length) text += Math.floor(this.fraction() * 36 ** 6).toString(36)
    return text.slice(0, length)
  }
}
