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

/** Red, green and blue, 0 to 255. Throws on anything but `#rrggbb`. */
export function channels(color: string): [number, number, number] {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color.trim())
  if (!match) throw new RangeError(`"${color}" is not a colour of the form #rrggbb`)
  return [Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16), Number.parseInt(match[3]!, 16)]
}

/** `share` (0 to 1) of `top` laid over `under`, as `#rrggbb`. */
export function mix(under: string, top: string, share: number): string {
  const below = channels(under)
  return `#${channels(top)
    .map((value, index) => Math.round(value * share + below[index]! * (1 - share)))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`
}
