import { latin1Text } from './bytes.ts'

/**
 * The 80-bit floating point numbers by which the reference computes INCRBYFLOAT and HINCRBYFLOAT: 64 bits of mantissa, so
 * that 0.1 + 0.2 prints as 0.3. Here a number is `mantissa * 2^exponent`, exact, with a mantissa of at most 64 bits.
 */
export type LongDouble = { readonly mantissa: bigint; readonly exponent: number } | 'inf' | '-inf'

const MANTISSA_BITS = 64
const LARGEST_EXPONENT = 16_384
/** Of the last bit of the smallest subnormal. */
const SMALLEST_EXPONENT = -16_445
/** Longer texts are refused: no printed number of this kind comes near it. */
const LONGEST_TEXT = 5120

/**
 * Reads what `strtold` reads: decimal with fraction and exponent, hexadecimal, `inf`. Undefined for anything else, for NaN
 * and for what is too large or too small to be told from infinity or zero.
 */
export function parseLongDouble(bytes: Uint8Array): LongDouble | undefined {
  if (bytes.length === 0 || bytes.length > LONGEST_TEXT) return undefined
  const text = latin1Text(bytes).toLowerCase()
  const infinite = /^([+-]?)inf(?:inity)?$/.exec(text)
  if (infinite) return infinite[1] === '-' ? '-inf' : 'inf'
  const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/.exec(text)
  if (decimal && (decimal[2] || decimal[3])) return read(decimal, 10)
  const hexadecimal = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/.exec(text)
  if (hexadecimal && (hexadecimal[2] || hexadecimal[3])) return read(hexadecimal, 16)
  return undefined
}

function read([, sign, whole = '', fraction = '', power = '0']: RegExpExecArray, base: 10 | 16): LongDouble | undefined {
  const digits = `${base === 16 ? '0x' : ''}0${whole}${fraction}`
  const magnitude = BigInt(digits)
  if (magnitude === 0n) return ZERO
  const shift = Number(power) - fraction.length * (base === 16 ? 4 : 1)
  // Far outside of the range, where the exact power would only cost memory.
  if (Math.abs(shift) > 12_000) return undefined
  const value = sign === '-' ? -magnitude : magnitude
  const factor = (base === 16 ? 2n : 10n) ** BigInt(Math.abs(shift))
  const number = shift >= 0 ? rounded(value * factor, 1n) : rounded(value, factor)
  if (typeof number === 'string' || number.mantissa === 0n) return undefined
  return number
}

/** The sum, rounded to 64 bits; undefined when it is not a finite number. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (typeof a === 'string' || typeof b === 'string') return undefined
  const exponent = Math.min(a.exponent, b.exponent)
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent))
  const result = exponent >= 0 ? rounded(sum << BigInt(exponent), 1n) : rounded(sum, 1n << BigInt(-exponent))
  return typeof result === 'string' ? undefined : result
}

/** At most 17 decimals, no exponent, no trailing zeros (`LD_STR_HUMAN`). */
export function formatLongDouble(value: LongDouble): string {
  if (typeof value === 'string') return value
  const { mantissa, exponent } = value
  const isNegative = mantissa < 0n
  const scaled = (isNegative ? -mantissa : mantissa) * 10n ** 17n
  const units = exponent >= 0 ? scaled << BigInt(exponent) : divideHalfEven(scaled, 1n << BigInt(-exponent))
  if (units === 0n) return '0'
  const digits = units.toString().padStart(18, '0')
  const fraction = digits.slice(-17).replace(/0+$/, '')
  return `${isNegative ? '-' : ''}${digits.slice(0, -17)}${fraction ? `.${fraction}` : ''}`
}

export const ZERO: LongDouble = { mantissa: 0n, exponent: 0 }

/** `numerator / denominator` with the precision and range of the format; an infinity when it is too large. */
function rounded(numerator: bigint, denominator: bigint): LongDouble {
  if (numerator === 0n) return ZERO
  const isNegative = numerator < 0n
  const magnitude = isNegative ? -numerator : numerator
  let exponent = Math.max(bitLength(magnitude) - bitLength(denominator) - MANTISSA_BITS, SMALLEST_EXPONENT)
  let mantissa = quotient(magnitude, denominator, exponent)
  if (bitLength(mantissa) > MANTISSA_BITS) {
    exponent++
    mantissa = quotient(magnitude, denominator, exponent)
  }
  if (bitLength(mantissa) + exponent > LARGEST_EXPONENT) return isNegative ? '-inf' : 'inf'
  return { mantissa: isNegative ? -mantissa : mantissa, exponent }
}

function quotient(magnitude: bigint, denominator: bigint, exponent: number): bigint {
  return exponent >= 0
    ? divideHalfEven(magnitude, denominator << BigInt(exponent))
    : divideHalfEven(magnitude << BigInt(-exponent), denominator)
}

function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const whole = numerator / denominator
  const twice = (numerator % denominator) * 2n
  const up = twice > denominator || (twice === denominator && (whole & 1n) === 1n)
  return up ? whole + 1n : whole
}

function bitLength(value: bigint): number {
  return value.toString(16).length * 4 - (3 - Math.floor(Math.log2(Number.parseInt(value.toString(16).charAt(0), 16) || 1)))
}
