/**
 * The one clock. Instants in frames are the api's wall clock, and the browser's may differ from it by hours; countdowns and
 * ages therefore read `serverNow()`, which is the browser's clock moved by the offset that the frames show.
 */
export class Clock {
  #offsetMs: number | null = null
  #askedAtMs: number | null = null
  /** Of a recording that is played: the instant that was shown at `sinceMs` of the browser's clock, and how fast it goes on. */
  #virtual: { readonly atMs: number; readonly sinceMs: number; readonly speed: number } | null = null
  readonly #local: () => number

  constructor(local: () => number = Date.now) {
    this.#local = local
  }

  /**
   * Notes that a frame made at `atMs` has arrived. It was made before it came, so the true offset is at least `atMs - now`: the
   * greatest one seen is the nearest. An old frame says nothing: what is resumed may be minutes old. A clock that was set back is measured by
   * the next `begin`.
   */
  observe(atMs: number): void {
    const offset = atMs - this.#local()
    if (this.#offsetMs === null || offset > this.#offsetMs) this.#offsetMs = offset
  }

  /** A stream is asked for, or was at an instant of the browser's clock: what comes on it is made after that. */
  asked(atMs: number = this.#local()): void {
    this.#askedAtMs = atMs
  }

  /**
   * It begins, with a frame made at `atMs`: what was measured on another one, or long ago by a clock that drifts, is forgotten. The
   * frame may have been long on its way, so it counts as made when the stream was asked for. The clock may thus be fast by the time
   * that the answer took, and is never slow: what is old does not look new.
   */
  begin(atMs: number): void {
    this.#offsetMs = atMs - (this.#askedAtMs ?? this.#local())
  }

  /** A recording is played: from now on the clock shows its time. `speed` 0: it stands. */
  follow(atMs: number, speed: number): void {
    this.#virtual = { atMs, speed, sinceMs: this.#local() }
  }

  /** The api's wall clock now, in milliseconds; the instant that is shown where a recording is played. */
  now(): number {
    if (this.#virtual) return this.#virtual.atMs + (this.#local() - this.#virtual.sinceMs) * this.#virtual.speed
    return this.#local() + (this.#offsetMs ?? 0)
  }

  /** The browser's clock at an instant of the api's, to print a time of day. */
  toLocal(atMs: number): number {
    return this.#virtual ? atMs : atMs - (this.#offsetMs ?? 0)
  }
}
