import { encodeUtf8 } from '../bytes.ts'

/** Arguments of a typed line, or what is wrong with it and where (the index of the quote that is not closed). */
export type SplitLine = { readonly argv: readonly Uint8Array[] } | { readonly problem: 'unbalanced-quote'; readonly at: number }

/**
 * Splits a line into arguments as valkey-cli of 9.1 does (sds.c): white space separates; in double quotes `\xHH`, `\n`, `\r`, `\t`,
 * `\b`, `\a` and a backslash before anything else that it quotes; in single quotes only `\'`; outside of quotes a backslash is a
 * character like others. What stands against a closing quote belongs to the same argument, as in a shell (older ones refuse that).
 * Text becomes UTF-8, `\xHH` one byte.
 */
export function splitLine(line: string): SplitLine {
  const argv: Uint8Array[] = []
  let at = 0
  for (;;) {
    while (isSpace(line[at])) at++
    if (at >= line.length) return { argv }
    const bytes: number[] = []
    while (at < line.length && !isSpace(line[at])) {
      const character = line[at] as string
      if (character === '"' || character === "'") {
        const end = quoted(line, at, bytes)
        if (end === undefined) return { problem: 'unbalanced-quote', at }
        at = end
      } else at = plain(line, at, bytes)
    }
    argv.push(Uint8Array.from(bytes))
  }
}

/** Takes what stands in quotes from `start`; the index behind the closing quote. */
function quoted(line: string, start: number, bytes: number[]): number | undefined {
  const quote = line[start]
  let at = start + 1
  while (at < line.length) {
    const character = line[at]
    if (character === quote) return at + 1
    const next = line[at + 1]
    if (character === '\\' && quote === '"' && next !== undefined) {
      const hex = /^x([0-9a-f]{2})/i.exec(line.slice(at + 1, at + 4))?.[1]
      if (hex !== undefined) {
        bytes.push(Number.parseInt(hex, 16))
        at += 4
      } else if (Object.hasOwn(escapes, next)) {
        bytes.push(escapes[next] as number)
        at += 2
      } else at = plain(line, at + 1, bytes)
    } else if (character === '\\' && quote === "'" && next === "'") {
      bytes.push(0x27)
      at += 2
    } else at = plain(line, at, bytes)
  }
  return undefined
}

const escapes: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, a: 0x07 }

/** One character, which may be two code units; the index behind it. */
function plain(line: string, at: number, bytes: number[]): number {
  const character = String.fromCodePoint(line.codePointAt(at) as number)
  bytes.push(...encodeUtf8(character))
  return at + character.length
}

/** isspace of C, and the end of a C string. */
function isSpace(character: string | undefined): boolean {
  return character !== undefined && /^[ \t\n\v\f\r\0]$/.test(character)
}
