/** Text and bytes without a platform: the observer runs where there is no TextDecoder, Buffer or btoa to rely on. */

const CHUNK = 8192

/** UTF-8 bytes of a text; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = []
  for (const character of text) {
    let code = character.codePointAt(0) as number
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  }
  return Uint8Array.from(bytes)
}

/** Text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, byte by byte. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  // Replies are mostly ASCII, whose bytes are the characters.
  for (let end = asciiEnd(bytes, 0); at < bytes.length && end > at; end = asciiEnd(bytes, at)) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, end) as unknown as number[])
    at = end
  }
  let codes: number[] = []
  while (at < bytes.length) {
    const first = bytes[at] as number
    const [code, length] = first < 0x80 ? [first, 1] : decodeSequence(bytes, at, first)
    if (code < 0x10000) codes.push(code)
    else codes.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff))
    at += length
    if (codes.length >= CHUNK) {
      text += String.fromCharCode(...codes)
      codes = []
    }
  }
  return text + String.fromCharCode(...codes)
}

/** Where the run of ASCII that begins at `from` ends, a chunk later at most. */
function asciiEnd(bytes: Uint8Array, from: number): number {
  const most = Math.min(bytes.length, from + CHUNK)
  let at = from
  while (at < most && (bytes[at] as number) < 0x80) at++
  return at
}

function decodeSequence(bytes: Uint8Array, at: number, first: number): [code: number, length: number] {
  const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first >= 0xf5 || at + length > bytes.length) return [0xfffd, 1]
  let code = first & (length === 2 ? 0x1f : length === 3 ? 0x0f : 0x07)
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] as number
    if ((next & 0xc0) !== 0x80) return [0xfffd, 1]
    code = (code << 6) | (next & 63)
  }
  const overlong = (length === 3 && code < 0x800) || (length === 4 && (code < 0x10000 || code > 0x10ffff))
  if (overlong || (code >= 0xd800 && code <= 0xdfff)) return [0xfffd, 1]
  return [code, length]
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`

/** Base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = encodeBase64(bytes, STANDARD)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/** Base64 for URLs and topic names: `-` and `_`, no padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes, URL_SAFE)
}

function encodeBase64(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += alphabet.charAt(group >> 18) + alphabet.charAt((group >> 12) & 63)
    if (left > 1) text += alphabet.charAt((group >> 6) & 63)
    if (left > 2) text += alphabet.charAt(group & 63)
  }
  return text
}

/** Reads both alphabets, with or without padding; undefined when the text is neither. */
export function fromBase64(text: string): Uint8Array | undefined {
  const body = text.replace(/={1,2}$/, '')
  if (body.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const character of body) {
    const digit = character === '-' ? 62 : character === '_' ? 63 : STANDARD.indexOf(character)
    if (digit < 0) return undefined
    held = ((held << 6) | digit) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
    }
  }
  return bytes
}

/** Slot of a key: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16,384 (cluster specification). */
export function slotOfKey(key: Uint8Array): number {
  const open = key.indexOf(0x7b)
  if (open >= 0) {
    const close = key.indexOf(0x7d, open + 1)
    if (close > open + 1) return crc16(key.subarray(open + 1, close)) & 0x3fff
  }
  return crc16(key) & 0x3fff
}

function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff
  }
  return crc
}
