import type { Command } from '../caller.ts'
import type { NodeFigures } from './node-figures.ts'

/** What of a node's figures is the probe's. */
export type ShareOfProbe = {
  /** Commands since the probe began. */
  readonly commands: number
  /** Keys, all in database 0 and all with an expiry. */
  readonly keys: number
}

/** Keeps what a probe does, so that it can be counted out of every figure: nobody is to see load that only measuring makes. */
export class ProbeShare {
  readonly #commandsOf = new Map<string, number>()
  readonly #keys = new Map<number, number>()

  sent(node: string, commands: readonly Command[]): void {
    this.#commandsOf.set(node, (this.#commandsOf.get(node) ?? 0) + commands.length)
  }

  key(slot: number, untilMs: number): void {
    if (untilMs === 0) this.#keys.delete(slot)
    else this.#keys.set(slot, untilMs)
  }

  /** Slots that hold a key of the probe. */
  slots(nowMs: number): readonly number[] {
    for (const [slot, untilMs] of this.#keys) if (untilMs <= nowMs) this.#keys.delete(slot)
    return [...this.#keys.keys()]
  }

  /** `owns`: whether a slot is the node's, or its primary's. */
  of(node: string, owns: (slot: number) => boolean, nowMs: number): ShareOfProbe {
    return { commands: this.#commandsOf.get(node) ?? 0, keys: this.slots(nowMs).filter(owns).length }
  }
}

/** The figures of a node as they would be without a probe. `before`: those of the reading before. */
export function withoutProbe(figures: NodeFigures, before: NodeFigures | undefined, share: ShareOfProbe): NodeFigures {
  const first = figures.databases.get(0)
  const own = Math.min(share.keys, first?.keys ?? 0)
  // What was sent a moment ago may not be counted yet, so the counter itself stays as it is.
  const commands = Math.max(0, share.commands - (before?.probeCommands ?? share.commands))
  const rates = figures.rates && {
    ...figures.rates,
    commands: Math.max(0, figures.rates.commands - (commands * 1_000) / figures.rates.intervalMs)
  }
  const databases =
    first && own > 0
      ? new Map(figures.databases).set(0, { ...first, keys: first.keys - own, expires: Math.max(0, first.expires - own) })
      : figures.databases
  return { ...figures, rates, databases, keys: figures.keys - own, probeCommands: share.commands }
}
