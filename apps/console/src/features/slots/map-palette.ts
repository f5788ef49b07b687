import { channels, mix } from '../../model/contrast.ts'
import { STEPS } from '../../model/figure-scale.ts'

/** The colours of the canvas, read from the tokens once per theme. */
export type MapPalette = {
  readonly panel: string
  readonly well: string
  readonly veil: string
  readonly ink: string
  readonly selection: string
  readonly selectionCase: string
  readonly hatch: string
  readonly unassigned: string
  /** Slightly calmer than on lanes and badges: a third of the screen is filled with them. */
  readonly shards: readonly string[]
  /** By hue, then by step 0 (none) to STEPS. */
  readonly ramps: readonly (readonly string[])[]
  readonly unassignedRamp: readonly string[]
}

export function readPalette(element: Element): MapPalette {
  const style = getComputedStyle(element)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const [panel, well] = [token('panel'), token('well')]
  const shards = Array.from({ length: 8 }, (_, index) => token(`shard-${index}`))
  const unassigned = token('unassigned')
  return {
    panel,
    well,
    veil: token('veil'),
    ink: token('ink'),
    selection: token('selection'),
    selectionCase: token('selection-case'),
    hatch: token('hatch'),
    unassigned,
    shards: shards.map((shard) => mix(well, shard, 0.86)),
    ramps: shards.map((shard) => rampOf(well, shard)),
    unassignedRamp: rampOf(well, unassigned)
  }
}

/** From nearly the ground to the full hue; the first step above none is already told apart from it. */
function rampOf(ground: string, hue: string): string[] {
  return Array.from({ length: STEPS + 1 }, (_, step) => mix(ground, hue, step === 0 ? 0.07 : 0.2 + (0.8 * step) / STEPS))
}

/** A colour with an opacity, for canvas strokes. */
export function withAlpha(color: string, alpha: number): string {
  const [r, g, b] = channels(color)
  return `rgb(${r} ${g} ${b} / ${alpha})`
}
