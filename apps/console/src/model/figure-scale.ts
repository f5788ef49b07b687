/** How a figure is turned into steps of lightness: by the logarithm of the value, or by its rank. */
export type ScaleKind = 'log' | 'quantile'

/** Steps above "none": enough to be told apart in a hue, few enough to be read off the legend. */
export const STEPS = 7

export type FigureScale = {
  readonly kind: ScaleKind
  readonly max: number
  /** Least value of each step 1..STEPS; a value below the first is drawn as none. */
  readonly from: readonly number[]
  /** How many slots have a known value, how many have none at all. */
  readonly known: number
  readonly zero: number
}

/** Builds the scale from all slots. Values that are not known (NaN) count nowhere. */
export function makeScale(values: Float64Array, kind: ScaleKind): FigureScale {
  const positive: number[] = []
  let known = 0
  for (const value of values) {
    if (Number.isNaN(value)) continue
    known += 1
    if (value > 0) positive.push(value)
  }
  const max = positive.reduce((most, value) => Math.max(most, value), 0)
  return { kind, max, from: kind === 'log' ? logSteps(max) : quantileSteps(positive), known, zero: known - positive.length }
}

function logSteps(max: number): number[] {
  return Array.from({ length: STEPS }, (_, index) => (index === 0 ? Number.MIN_VALUE : (max + 1) ** (index / STEPS) - 1))
}

function quantileSteps(positive: number[]): number[] {
  if (positive.length === 0) return logSteps(0)
  const sorted = Float64Array.from(positive).sort()
  return Array.from({ length: STEPS }, (_, index) =>
    index === 0 ? Number.MIN_VALUE : sorted[Math.floor((sorted.length * index) / STEPS)]!
  )
}

/** 0: none. 1..STEPS: how much. -1: not known. */
export function stepOf(scale: FigureScale, value: number): number {
  if (Number.isNaN(value)) return -1
  let step = 0
  while (step < STEPS && value >= scale.from[step]!) step += 1
  return step
}
