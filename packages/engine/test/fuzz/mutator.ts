import type { Random } from '../../src/core/prng.ts'

/** Bytes for one kind of link, one unit per byte. */
export type FuzzInput = {
  /** `client`: requests; `payload`: what RESTORE is given; `bus`: messages of other nodes; `replication`: what a primary sends. */
  readonly target: 'client' | 'payload' | 'bus' | 'replication'
  readonly text: string
}

/** What sits on the borders of lengths, counts, offsets and times. */
const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '2',
  '127',
  '128',
  '255',
  '65535',
  '65536',
  '1048576',
  '2147483647',
  '2147483648',
  '-2147483648',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '18446744073709551615',
  '99999999999999999999',
  '1e400',
  'nan',
  '-inf',
  '0x7f',
  '1.5',
  ''
]

const WORDS = [
  '',
  '*',
  '-',
  '+',
  '$',
  '>',
  '(',
  '[',
  '=',
  '~',
  '#',
  '\u0000',
  '\r\n',
  '"',
  "'",
  '{',
  '{}',
  '%s',
  '\u00ff'.repeat(9),
  'x'.repeat(70),
  'x'.repeat(5_000)
]

/** Makes other inputs of those that there are. */
export class Mutator {
  readonly #random: Random
  readonly #pool: Record<FuzzInput['target'], FuzzInput[]> = { client: [], payload: [], bus: [], replication: [] }

  constructor(random: Random) {
    this.#random = random
  }

  /** One more to begin with. */
  learn(input: FuzzInput): void {
    this.#pool[input.target].push(input)
  }

  next(): FuzzInput {
    const input = this.#pick(this.#pool[this.#target()])
    if (input.target !== 'client') return { ...input, text: this.#times(input.text, (text) => this.#bytesMutated(text)) }
    const commands = requestsOf(input.text)
    if (commands && this.#random.below(4) > 0) {
      const mutated = commands.map((parts) =>
        this.#random.below(3) === 0 ? parts : this.#times(parts, (given) => this.#partsMutated(given))
      )
      if (this.#random.below(6) === 0) mutated.push(...(requestsOf(this.#other().text) ?? []))
      const wrapped = this.#random.below(40) === 0 ? [['MULTI'], ...mutated, ['EXEC']] : mutated
      return { target: 'client', text: wrapped.map((parts) => this.#written(parts)).join('') }
    }
    return { target: 'client', text: this.#times(input.text, (text) => this.#bytesMutated(text)) }
  }

  /** Where to cut an input, so that a link gets it in pieces. */
  cuts(length: number): readonly number[] {
    const kind = this.#random.below(16)
    if (kind > 4 || length < 2) return []
    if (kind === 0 && length < 300) return Array.from({ length: length - 1 }, (_, index) => index + 1)
    return Array.from({ length: kind }, () => 1 + this.#random.below(length - 1)).sort((a, b) => a - b)
  }

  #partsMutated(parts: readonly string[]): readonly string[] {
    const at = this.#random.below(parts.length)
    const replaced = (part: string) => [...parts.slice(0, at), part, ...parts.slice(at + 1)]
    switch (this.#random.below(12)) {
      case 0:
      case 1:
      case 2:
        return replaced(this.#pick(NUMBERS))
      case 3:
        return replaced(this.#pick(WORDS))
      case 4:
        return parts.length > 1 ? [...parts.slice(0, at), ...parts.slice(at + 1)] : parts
      case 5:
        return [...parts.slice(0, at + 1), ...parts.slice(at)]
      case 6: {
        const others = requestsOf(this.#other().text)?.[0] ?? []
        return others.length === 0 ? parts : [...parts.slice(0, at + 1), this.#pick(others), ...parts.slice(at + 1)]
      }
      case 7: {
        const others = requestsOf(this.#other().text)?.[0] ?? []
        return [...parts.slice(0, 1 + at), ...others.slice(1 + this.#random.below(others.length || 1))]
      }
      case 8:
        return replaced(this.#bytesMutated(parts[at] ?? ''))
      case 9: {
        const other = this.#random.below(parts.length)
        return parts.map((part, index) => parts[index === at ? other : index === other ? at : index] ?? part)
      }
      case 10:
        return [...parts, ...Array.from({ length: this.#random.below(200) }, () => this.#pick(parts))]
      default:
        return [...parts, this.#pick(NUMBERS)]
    }
  }

  /** As an array of bulk strings; now and then with a wrong length, of another type, or in a line. */
  #written(parts: readonly string[]): string {
    const kind = this.#random.below(60)
    if (kind === 0) return `${parts.join(' ')}\r\n`
    if (kind === 1) return `*${this.#pick(NUMBERS)}\r\n${parts.map(bulk).join('')}`
    if (kind === 2) return `*${parts.length}\r\n${parts.map((part) => `$${this.#pick(NUMBERS)}\r\n${part}\r\n`).join('')}`
    if (kind === 3) return `${this.#pick(['%', '~', '>', '$', '=', '|', '('])}${parts.length}\r\n${parts.map(bulk).join('')}`
    if (kind === 4) return `*${parts.length}\r\n*${parts.length}\r\n${parts.map(bulk).join('')}`
    if (kind === 5) return `*${parts.length}\n${parts.map((part) => `$${part.length}\n${part}\n`).join('')}`
    return `*${parts.length}\r\n${parts.map(bulk).join('')}`
  }

  #bytesMutated(text: string): string {
    const at = this.#random.below(text.length + 1)
    const size = 1 + this.#random.below(this.#random.below(4) === 0 ? 64 : 4)
    switch (this.#random.below(9)) {
      case 0:
        return text.slice(0, at) + String.fromCharCode((text.charCodeAt(at) ^ (1 << this.#random.below(8))) & 255 || 0) + text.slice(at + 1)
      case 1:
        return text.slice(0, at) + String.fromCharCode(this.#random.below(256)) + text.slice(at + 1)
      case 2:
        return text.slice(0, at) + text.slice(at + size)
      case 3:
        return text.slice(0, at + size) + text.slice(at)
      case 4:
        return text.slice(0, at)
      case 5: {
        const other = this.#other().text
        return text.slice(0, at) + other.slice(this.#random.below(other.length + 1))
      }
      case 6:
        return text.slice(0, at) + this.#pick(this.#random.below(2) === 0 ? NUMBERS : WORDS) + text.slice(at)
      case 7:
        // The next number of a head.
        return text.slice(0, at) + text.slice(at).replace(/\d+/, () => this.#pick(NUMBERS))
      default:
        return (
          text.slice(0, at) +
          Array.from({ length: size }, () => String.fromCharCode(this.#random.below(256))).join('') +
          text.slice(at + size)
        )
    }
  }

  #times<T>(given: T, once: (given: T) => T): T {
    let mutated = given
    for (let left = 1 + this.#random.below(3); left > 0; left--) mutated = once(mutated)
    return mutated
  }

  #target(): FuzzInput['target'] {
    const roll = this.#random.below(100)
    return roll < 86 ? 'client' : roll < 92 ? 'payload' : roll < 96 ? 'bus' : 'replication'
  }

  #other(): FuzzInput {
    return this.#pick(this.#pool[this.#target()])
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)] as T
  }
}

function bulk(part: string): string {
  return `$${part.length}\r\n${part}\r\n`
}

/** The commands of well-formed requests; undefined for anything else. */
export function requestsOf(text: string): (readonly string[])[] | undefined {
  const commands: string[][] = []
  for (let at = 0; at < text.length; ) {
    const count = headAt(text, at, '*')
    if (!count || count.value === 0) return undefined
    at = count.end
    const parts: string[] = []
    for (let left = count.value; left > 0; left--) {
      const size = headAt(text, at, '$')
      if (!size) return undefined
      const end = size.end + size.value
      if (text.charCodeAt(end) !== 13 || text.charCodeAt(end + 1) !== 10) return undefined
      parts.push(text.slice(size.end, end))
      at = end + 2
    }
    commands.push(parts)
  }
  return commands.length === 0 ? undefined : commands
}

/** A length of up to seven digits, and where its line ends. */
function headAt(text: string, start: number, kind: string): { readonly value: number; readonly end: number } | undefined {
  if (text.charAt(start) !== kind) return undefined
  let value = 0
  let at = start + 1
  for (; at < start + 8; at++) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
  }
  return at > start + 1 && text.charCodeAt(at) === 13 && text.charCodeAt(at + 1) === 10 ? { value, end: at + 2 } : undefined
}
