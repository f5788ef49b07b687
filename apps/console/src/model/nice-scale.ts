/** A value axis from 0: its end is round, and so are its marks. */
export type NiceScale = { readonly max: number; readonly ticks: readonly number[] }

/** The smallest round scale (1, 2, 2.5 or 5 times a power of ten) that holds `largest`, with about `count` marks above 0. */
export function niceScale(largest: number, count = 2): NiceScale {
  if (!(largest > 0)) return { max: 1, ticks: [0, 1] }
  const raw = largest / count
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw * 0.999_999) ?? 10) * power
  const steps = Math.ceil(largest / step - 0.000_001)
  return {
    max: Number((steps * step).toPrecision(12)),
    ticks: Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(12)))
  }
}

/** What a round number needs and no more: `1.50 k` is `1.5 k` beside an axis, where every letter takes from the drawing. */
export function roundWords(text: string): string {
  return text.replace(/\.(\d*?)0+(?!\d)/, (_, digits: string) => (digits === '' ? '' : `.${digits}`))
}
