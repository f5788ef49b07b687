/**
 * A pattern of KEYS, SCAN and PSUBSCRIBE: `*`, `?`, `[a-c]`, `[^x]`, `\x`; everything else stands for itself. Matching walks
 * the text once and goes back to the last `*` only, so that no pattern costs more than text x longest piece between two stars.
 */
export class Glob {
  readonly #tokens: readonly Token[]
  /** Matches whatever it is given. */
  readonly matchesAll: boolean

  constructor(pattern: Uint8Array) {
    this.#tokens = parse(pattern)
    this.matchesAll = this.#tokens.length > 0 && this.#tokens.every((token) => token === STAR)
  }

  matches(text: Uint8Array): boolean {
    if (this.matchesAll) return true
    const tokens = this.#tokens
    let token = 0
    let at = 0
    let starToken = -1
    let starAt = 0
    while (at < text.length) {
      const expected = tokens[token]
      if (expected === STAR) {
        starToken = token++
        starAt = at
      } else if (expected !== undefined && accepts(expected, text[at] as number)) {
        token++
        at++
      } else if (starToken >= 0) {
        token = starToken + 1
        at = ++starAt
      } else return false
    }
    while (tokens[token] === STAR) token++
    return token === tokens.length
  }
}

/** A byte that must be there; -1 any byte; -2 any run of bytes; a class of bytes. */
type Token = number | ByteClass
type ByteClass = { readonly bits: Uint32Array }

const ANY = -1
const STAR = -2
const BACKSLASH = 92
const DASH = 45

function accepts(token: Token, byte: number): boolean {
  if (typeof token === 'number') return token === byte || token === ANY
  return ((token.bits[byte >>> 5] as number) & (1 << (byte & 31))) !== 0
}

function parse(pattern: Uint8Array): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < pattern.length; ) {
    const byte = pattern[at] as number
    if (byte === 42) {
      if (tokens.at(-1) !== STAR) tokens.push(STAR)
      at++
    } else if (byte === 63) {
      tokens.push(ANY)
      at++
    } else if (byte === 91) {
      const [token, next] = parseClass(pattern, at + 1)
      tokens.push(token)
      at = next
    } else if (byte === BACKSLASH && at + 1 < pattern.length) {
      tokens.push(pattern[at + 1] as number)
      at += 2
    } else {
      tokens.push(byte)
      at++
    }
  }
  return tokens
}

/** A class ends at `]`, or with the pattern (`stringmatchlen` forgives a missing bracket). */
function parseClass(pattern: Uint8Array, start: number): [token: ByteClass, next: number] {
  const bits = new Uint32Array(8)
  const negated = pattern[start] === 94
  let at = negated ? start + 1 : start
  while (at < pattern.length) {
    const byte = pattern[at] as number
    if (byte === BACKSLASH && at + 1 < pattern.length) {
      include(bits, pattern[at + 1] as number, pattern[at + 1] as number)
      at += 2
    } else if (byte === 93) {
      at++
      break
    } else if (pattern[at + 1] === DASH && at + 2 < pattern.length) {
      const end = pattern[at + 2] as number
      include(bits, Math.min(byte, end), Math.max(byte, end))
      at += 3
    } else {
      include(bits, byte, byte)
      at++
    }
  }
  return [{ bits: negated ? bits.map((word) => ~word) : bits }, at]
}

function include(bits: Uint32Array, first: number, last: number): void {
  for (let byte = first; byte <= last; byte++) bits[byte >>> 5] = (bits[byte >>> 5] as number) | (1 << (byte & 31))
}
