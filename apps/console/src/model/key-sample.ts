import type { SampledKey } from '@slotscope/observer/stream'
import { readableName } from './typed-bytes.ts'

/** Keys drawn at random, as they came. The same key may be in it twice: it was drawn twice. */
export type KeySample = readonly SampledKey[]

/** An estimate over all keys, with half the width of the band that holds the truth in 95 of 100 cases, as far as the sample can tell. */
export type Estimate = { readonly value: number; readonly band: number }

/** What the keys under one prefix take. */
export type PrefixRow = {
  /** As it is shown, with the delimiter at its end; a name without one stands for itself. */
  readonly prefix: string
  /** Whether there are names below it that can be told apart. */
  readonly isOpenable: boolean
  readonly drawn: number
  readonly keys: Estimate
  readonly bytes: Estimate
}

/** Rows that are told apart; the rest is summed up. */
const MOST_ROWS = 50
/** In 95 of 100 samples an estimate is no farther from the truth than so many standard errors. */
const SPREADS = 1.96
/** Half the square of the spreads: what a count of a few may lack beside its root. */
const MORE = 1.92

/** Memory of all `total` keys; null: nothing was drawn, and nothing can be said. */
export function memoryOf(sample: KeySample, total: number): Estimate | null {
  return sample.length === 0
    ? null
    : estimate(
        sample.map(({ bytes }) => bytes),
        sample.length,
        total
      )
}

/**
 * Keys below `within` by the next part of their names, the most memory first. What stands in braces is a hash tag: keys are told apart by what
 * is around it, so all tags count as one.
 */
export function prefixRows(sample: KeySample, total: number, delimiter: string, within: string): readonly PrefixRow[] {
  const groups = new Map<string, { readonly bytes: number[]; isOpenable: boolean }>()
  for (const { key, bytes } of sample) {
    const name = withoutTags(readableName(key))
    if (!name.startsWith(within)) continue
    const rest = name.slice(within.length)
    const at = delimiter === '' ? -1 : rest.indexOf(delimiter)
    const prefix = at < 0 ? name : within + rest.slice(0, at + delimiter.length)
    const group = groups.get(prefix) ?? { bytes: [], isOpenable: false }
    groups.set(prefix, group)
    group.bytes.push(bytes)
    group.isOpenable ||= at >= 0 && rest.length > at + delimiter.length
  }
  const rows = [...groups].map(([prefix, { bytes, isOpenable }]) => rowOf(prefix, isOpenable, bytes, sample.length, total))
  rows.sort((a, b) => b.bytes.value - a.bytes.value)
  if (rows.length <= MOST_ROWS) return rows
  const rest = new Set(rows.slice(MOST_ROWS - 1).map(({ prefix }) => prefix))
  const bytes = [...groups].flatMap(([prefix, group]) => (rest.has(prefix) ? group.bytes : []))
  return [...rows.slice(0, MOST_ROWS - 1), rowOf(`${rest.size} more`, false, bytes, sample.length, total)]
}

function rowOf(prefix: string, isOpenable: boolean, bytes: readonly number[], drawn: number, total: number): PrefixRow {
  return {
    prefix,
    isOpenable,
    drawn: bytes.length,
    keys: estimate(
      bytes.map(() => 1),
      drawn,
      total
    ),
    bytes: estimate(bytes, drawn, total)
  }
}

/** `{42}` and `{user:42}` become `{*}`. */
function withoutTags(name: string): string {
  return name.replace(/\{[^{}]+\}/g, '{*}')
}

/** The sum over all keys, of which `drawn` were drawn; those that are not among `values` count as nothing. */
function estimate(values: readonly number[], drawn: number, total: number): Estimate {
  const sum = values.reduce((all, value) => all + value, 0)
  const squares = values.reduce((all, value) => all + value * value, 0)
  const mean = sum / drawn
  const variance = drawn > 1 ? Math.max(0, squares - drawn * mean * mean) / (drawn - 1) : 0
  // Sums of a few large keys among many small ones are skewed: it may well have been two more of the large ones, or two less.
  const cubes = values.reduce((all, value) => all + value ** 3, 0)
  const skew = variance === 0 ? 0 : (MORE * cubes) / squares / drawn
  return { value: mean * total, band: total * (SPREADS * Math.sqrt(variance / drawn) + skew) }
}

export type BigBy = 'bytes' | 'size'

/** The biggest of those that were drawn, each once, of a type or of all (null). */
export function biggest(sample: KeySample, by: BigBy, type: string | null, count: number): readonly SampledKey[] {
  const once = new Map(sample.filter((one) => type === null || one.type === type).map((one) => [one.key, one]))
  const figure = (one: SampledKey) => (by === 'bytes' ? one.bytes : (one.size ?? -1))
  return [...once.values()].sort((a, b) => figure(b) - figure(a)).slice(0, count)
}

/** Types that were drawn, the most frequent first. */
export function typesOf(sample: KeySample): readonly string[] {
  const counts = new Map<string, number>()
  for (const { type } of sample) counts.set(type, (counts.get(type) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a).map(([type]) => type)
}
