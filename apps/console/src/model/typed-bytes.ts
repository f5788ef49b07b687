import { readableBytes } from './bytes.ts'

const encoder = new TextEncoder()

/**
 * Bytes from what a person typed: the reverse of `readableBytes`. `\xNN` is a byte, `\uNNNN` a character, `\n`, `\r`, `\t` and `\\` are
 * what they say; any other backslash stands for itself, so that a pattern such as `a\*` can be typed as it is.
 */
export function bytesOfText(text: string): Uint8Array {
  const bytes: number[] = []
  let plain = ''
  const flush = () => {
    for (const byte of encoder.encode(plain)) bytes.push(byte)
    plain = ''
  }
  for (let at = 0; at < text.length; at++) {
    const rest = text.slice(at, at + 6)
    const byte = /^\\x([0-9a-f]{2})/i.exec(rest)?.[1]
    const unit = /^\\u([0-9a-f]{4})/i.exec(rest)?.[1]
    const short = /^\\([nrt\\])/.exec(rest)?.[1]
    if (byte !== undefined) {
      flush()
      bytes.push(Number.parseInt(byte, 16))
      at += 3
    } else if (unit !== undefined) {
      plain += String.fromCharCode(Number.parseInt(unit, 16))
      at += 5
    } else if (short !== undefined) {
      plain += short === 'n' ? '\n' : short === 'r' ? '\r' : short === 't' ? '\t' : '\\'
      at += 1
    } else plain += text[at]
  }
  flush()
  return Uint8Array.from(bytes)
}

/** Bytes of either alphabet of base64: the stream writes one, addresses and questions the other. */
export function fromAnyBase64(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** The same bytes in the alphabet of addresses and questions. */
export function asBase64Url(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** A name in base64 as a person can read it. Text that is no base64 (a mangled address) is shown as it is. */
export function readableName(base64: string): string {
  try {
    return readableBytes(fromAnyBase64(base64))
  } catch {
    return base64
  }
}

/** Characters of a word of a command from which on it is cut where it is shown; the api tells what was sent. */
const LONGEST_WORD = 40

/** A name as valkey-cli takes it, cut where it is long. */
export function quoted(base64: string): string {
  const name = readableName(base64)
  const short = name.length > LONGEST_WORD ? `${name.slice(0, LONGEST_WORD)}…` : name
  return /^[\w:{}.-]+$/.test(short) ? short : `"${short.replaceAll('"', '\\"')}"`
}
