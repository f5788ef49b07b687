/** Contrast of two colours as WCAG 2.2 defines it: 1 (the same) to 21 (black on white). Colours are `#rrggbb`. */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** Relative luminance, 0 (black) to 1 (white). */
export function luminance(color: string): number {
  const [r, g, b] = channels(color).map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Red, green and blue, 0 to 255. Reads `#rrggbb`, and `#rgb` too, to which a minifier shortens it; throws on anything else. */
export function channels(color: string): [number, number, number] {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color.trim())?.[1]
  if (digits === undefined) throw new RangeError(`"${color}" is not a colour of the form #rrggbb`)
  const long = digits.length === 3 ? digits.replaceAll(/./g, '$&$&') : digits
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16)) as [number, number, number]
}

/** `share` (0 to 1) of `top` laid over `under`, as `#rrggbb`. */
export function mix(under: string, top: string, share: number): string {
  const below = channels(under)
  return `#${channels(top)
    .map((value, index) => Math.round(value * share + below[index]! * (1 - share)))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`
}
