/** Patches that a viewer may still ask for: bounded by age and bytes, oldest out first. */
export class Ring<T> {
  readonly #limits: { readonly ageMs: number; readonly bytes: number }
  readonly #entries: {
    readonly base: number
    readonly version: number
    readonly atMs: number
    readonly bytes: number
    readonly item: T
  }[] = []
  #bytes = 0

  constructor(limits: { readonly ageMs: number; readonly bytes: number }) {
    this.#limits = limits
  }

  add(entry: { readonly base: number; readonly version: number; readonly atMs: number; readonly bytes: number; readonly item: T }): void {
    this.#entries.push(entry)
    this.#bytes += entry.bytes
    let drop = 0
    while (drop < this.#entries.length) {
      const oldest = this.#entries[drop] as { readonly atMs: number; readonly bytes: number }
      if (this.#bytes <= this.#limits.bytes && oldest.atMs >= entry.atMs - this.#limits.ageMs) break
      this.#bytes -= oldest.bytes
      drop++
    }
    if (drop > 0) this.#entries.splice(0, drop)
  }

  /** Forgets everything: what comes next does not follow from what was. */
  clear(): void {
    this.#entries.length = 0
    this.#bytes = 0
  }

  /** The unbroken run of patches that begins at `version`; undefined when its beginning is gone. */
  since(version: number): readonly T[] | undefined {
    const from = this.#entries.findIndex((entry) => entry.base === version)
    return from < 0 ? undefined : this.#entries.slice(from).map((entry) => entry.item)
  }
}
