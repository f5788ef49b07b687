/** Bytes and text. The core has no TextEncoder: keys and values are bytes, and names the wire prints are ASCII or UTF-8. */

export const EMPTY_BYTES = new Uint8Array(0)

/** One byte per UTF-16 unit; only for text whose units are all below 256 (protocol words, numbers, latin1 keys). */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** The reverse of `latin1Bytes`; loses nothing, so it also serves as a Map key for arbitrary bytes. */
export function latin1Text(bytes: Uint8Array): string {
  if (bytes.length < 32) {
    let text = ''
    for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i] as number)
    return text
  }
  if (bytes.length <= MOST_UNITS) return textOf(bytes)
  const parts: string[] = []
  for (let i = 0; i < bytes.length; i += MOST_UNITS) parts.push(textOf(bytes.subarray(i, i + MOST_UNITS)))
  return parts.join('')
}

/** Arguments of one call lie on the stack. */
const MOST_UNITS = 4096

/** `apply` takes a typed array as it is, five times as fast as spreading it. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[])
}

/** UTF-8 bytes of a text (configuration values, log lines, names given on the command line). */
export function utf8Bytes(text: string): Uint8Array {
  return latin1Bytes(unescapePercent(encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'))))
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

function unescapePercent(text: string): string {
  return text.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  const length = a.length
  if (length !== b.length) return false
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Order as memcmp, then by length: what sorted sets and SORT ALPHA use. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** ASCII case-insensitive comparison with a word written in upper case. */
export function isWord(bytes: Uint8Array, upper: string, start = 0, end = bytes.length): boolean {
  if (end - start !== upper.length) return false
  for (let i = 0; i < upper.length; i++) {
    let byte = bytes[start + i] as number
    if (byte >= 97 && byte <= 122) byte -= 32
    if (byte !== upper.charCodeAt(i)) return false
  }
  return true
}

/**
 * A 64-bit signed integer as the protocol takes it (`string2ll`): canonical decimal, no sign but `-`, no leading zeros, no
 * spaces. A number where that is exact, else a bigint; undefined for anything else. Read from `bytes[start..end)`.
 */
export function parseInteger(bytes: Uint8Array, start = 0, end = bytes.length): number | bigint | undefined {
  const length = end - start
  if (length === 0 || length > 20) return undefined
  const negative = bytes[start] === 45
  let at = negative ? start + 1 : start
  const firstDigit = at < end ? (bytes[at] as number) : 0
  if (firstDigit < 48 || firstDigit > 57) return undefined
  if (firstDigit === 48) return length === 1 ? 0 : undefined
  let value = 0
  const digitsStart = at
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  if (end - digitsStart <= 15) return negative ? -value : value
  const exact = BigInt(latin1Text(bytes.subarray(start, end)))
  if (exact > 9223372036854775807n || exact < -9223372036854775808n) return undefined
  return exact >= -9007199254740991n && exact <= 9007199254740991n ? Number(exact) : exact
}

/** An integer within [low, high] (both safe integers); undefined for anything else. */
export function parseIntegerBetween(bytes: Uint8Array, low: number, high: number): number | undefined {
  const value = parseInteger(bytes)
  return typeof value === 'number' && value >= low && value <= high ? value : undefined
}

/**
 * A double as the protocol takes it (`getDoubleFromObject`): decimal or exponent form, `inf`, `+inf`, `-inf`; never NaN, no
 * spaces, nothing that is too large or too small to be told from infinity or zero.
 */
export function parseDouble(bytes: Uint8Array): number | undefined {
  const value = parseAnyDouble(bytes)
  if (value === undefined) return undefined
  const lastByte = bytes[bytes.length - 1] as number
  // A word for infinity ends in a letter: f, or the y of infinity.
  if (!Number.isFinite(value)) return lastByte > 57 ? value : undefined
  return value === 0 && !isZeroText(bytes) ? undefined : value
}

/** As `parseDouble`, but what is too large is infinite and what is too small is zero: bounds of ranges. */
export function parseAnyDouble(bytes: Uint8Array): number | undefined {
  if (bytes.length === 0 || bytes.length > 400) return undefined
  const whole = parseDigits(bytes, 0, bytes.length)
  if (whole !== undefined) return whole
  const text = latin1Text(bytes)
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (/^\+?inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY
  if (/^-inf(inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY
  return undefined
}

/** `bytes[start .. end)` as digits, so few that the number is exact, perhaps with a sign: most scores. Undefined for anything else. */
export function parseDigits(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start === end) return undefined
  const first = bytes[start] as number
  let at = first === 45 || first === 43 ? start + 1 : start
  if (end === at || end - at > 15) return undefined
  let value = 0
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 48
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return first === 45 ? -value : value
}

/** Has the mantissa of this number no digit but 0? */
function isZeroText(bytes: Uint8Array): boolean {
  for (const byte of bytes) {
    if (byte === 101 || byte === 69) return true
    if (byte >= 49 && byte <= 57) return false
  }
  return true
}

/**
 * A double as replies print it: the shortest digits that read back equal, `inf`, `-inf`, `nan`. Where the point goes, and when
 * an exponent is used, is as in the reference's `fpconv_dtoa`; an integer below 2^62 is always plain. (The reference's
 * digits are one too many, or a neighbour's, for about one double in a thousand.)
 */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  if (Object.is(value, -0)) return '-0'
  if (Number.isSafeInteger(value)) return String(value)
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 62) return BigInt(value).toString()
  const sign = value < 0 ? '-' : ''
  const [mantissa = '', power = '0'] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const exponent = Number(power)
  // The value is digits * 10^shift.
  const shift = exponent - digits.length + 1
  if (shift >= 0 && exponent < digits.length + 7) return sign + digits + '0'.repeat(shift)
  if (shift < 0 && (shift > -7 || Math.abs(exponent) < 4)) {
    const whole = digits.length + shift
    return sign + (whole > 0 ? `${digits.slice(0, whole)}.${digits.slice(whole)}` : `0.${'0'.repeat(-whole)}${digits}`)
  }
  const fraction = digits.slice(1, 18 - sign.length)
  return `${sign}${digits.charAt(0)}${fraction ? `.${fraction}` : ''}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`
}
