import type { SlotStat } from '../replies/slot-stats.ts'
import type { SlotFigure, SlotsTopic } from '../stream/frames.ts'
import { SLOTS } from '../stream/moves.ts'

export const SLOT_FIGURES: readonly SlotFigure[] = ['keys', 'cpu', 'bytes-in', 'bytes-out']

/** The figure behind a topic; undefined for a topic that holds no slot figure. */
export function figureOf(topic: string): SlotFigure | undefined {
  return SLOT_FIGURES.find((figure) => topic === (`slots:${figure}` satisfies SlotsTopic))
}

/** Keys are a count; the other figures are rates per second, taken from counters. */
export function isRate(figure: SlotFigure): boolean {
  return figure !== 'keys'
}

/**
 * Figures of 16,384 slots from CLUSTER SLOT-STATS of the primaries. Counters of a slot begin anew when it changes owner and at
 * CONFIG RESETSTAT: then there is no rate until the reading after the next.
 */
export class SlotFigures {
  readonly #keys = new Float64Array(SLOTS).fill(Number.NaN)
  readonly #rates: Readonly<Record<Exclude<SlotFigure, 'keys'>, Float64Array>> = {
    cpu: unknown(),
    'bytes-in': unknown(),
    'bytes-out': unknown()
  }
  readonly #counters: Readonly<Record<Exclude<SlotFigure, 'keys'>, Float64Array>> = {
    cpu: unknown(),
    'bytes-in': unknown(),
    'bytes-out': unknown()
  }
  readonly #readAtMs = new Float64Array(SLOTS).fill(Number.NaN)
  readonly #reader = new Array<string | undefined>(SLOTS).fill(undefined)

  fold(node: string, stats: readonly SlotStat[], atMs: number): void {
    const anew = this.#beganAnew(node, stats)
    for (const stat of stats) {
      const { slot } = stat
      this.#keys[slot] = stat.keys
      const elapsedMs = this.#reader[slot] === node && !anew ? atMs - (this.#readAtMs[slot] as number) : Number.NaN
      // Too short a time makes a rate of noise: the reading before stays the base.
      if (elapsedMs < SHORTEST_MS) continue
      this.#rate('cpu', slot, stat.cpuUs, elapsedMs)
      this.#rate('bytes-in', slot, stat.bytesIn, elapsedMs)
      this.#rate('bytes-out', slot, stat.bytesOut, elapsedMs)
      this.#readAtMs[slot] = atMs
      this.#reader[slot] = node
    }
  }

  /** Counters begin anew with a new owner, and again when the slot comes back before the old one was asked once more. */
  ownersChanged(before: readonly (string | undefined)[], after: readonly (string | undefined)[]): void {
    for (let slot = 0; slot < SLOTS; slot++) if (before[slot] !== after[slot]) this.#reader[slot] = undefined
  }

  /** CONFIG RESETSTAT of a node: most counters fell, and those that did not are no measure either. */
  #beganAnew(node: string, stats: readonly SlotStat[]): boolean {
    let counted = 0
    let fell = 0
    for (const { slot, cpuUs } of stats) {
      const before = this.#counters.cpu[slot] as number
      if (cpuUs === null || this.#reader[slot] !== node || !(before > 0)) continue
      counted++
      if (cpuUs < before) fell++
    }
    return fell * 2 > counted
  }

  /** Slots without an owner have no figure. */
  forget(owners: readonly (string | undefined)[]): void {
    for (let slot = 0; slot < SLOTS; slot++) {
      if (owners[slot] !== undefined) continue
      this.#keys[slot] = Number.NaN
      for (const figure of ['cpu', 'bytes-in', 'bytes-out'] as const) {
        this.#rates[figure][slot] = Number.NaN
        this.#counters[figure][slot] = Number.NaN
      }
    }
  }

  values(figure: SlotFigure): Float64Array {
    return figure === 'keys' ? this.#keys : this.#rates[figure]
  }

  /** `elapsedMs` NaN: there is no reading of the same node to compare with. */
  #rate(figure: Exclude<SlotFigure, 'keys'>, slot: number, counter: number | null, elapsedMs: number): void {
    const before = this.#counters[figure][slot] as number
    const after = counter ?? Number.NaN
    this.#counters[figure][slot] = after
    const known = elapsedMs >= SHORTEST_MS && after >= before
    this.#rates[figure][slot] = known ? Math.round(((after - before) * 1000) / elapsedMs) : Number.NaN
  }
}

const SHORTEST_MS = 500

function unknown(): Float64Array {
  return new Float64Array(SLOTS).fill(Number.NaN)
}
